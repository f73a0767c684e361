import type { UseQueryResult } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useMay } from "#shared/api/session";
import { Spark } from "#shared/chart/Spark";
import { Changed } from "#shared/format/Changed";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { Failure } from "#shared/page/States";
import { usePhone } from "#shared/theme/useSize";
import type { Overview, TwoDays } from "./data";
import { change, edgesOfDay, IN_USE, powerOfToday, runningTotals, sumOf } from "./figures";
import { text } from "./text";
import classes from "./overview.module.css";

/** How big it is, in six figures. */
export function Tiles({ overview, days }: { overview: UseQueryResult<Overview>; days: UseQueryResult<TwoDays> }) {
  const t = useText(text);
  const may = useMay();
  if (overview.error && !overview.data) return <Failure error={overview.error} what={t("title")} onRetry={() => void overview.refetch()} />;
  const sessions = may("sessions:read");
  return (
    <div className={classes["tiles"]}>
      <Stations network={overview.data} />
      <Connectors network={overview.data} />
      {sessions ? (
        <>
          <Power network={overview.data} days={days.data} />
          <Energy days={days.data} failed={days.isError} />
          <Revenue days={days.data} failed={days.isError} />
          <LookAt network={overview.data} />
        </>
      ) : null}
    </div>
  );
}

interface TileProps {
  name: string;
  /** Beside the name, where there is room. */
  unit?: string;
  to: string;
  value: ReactNode;
  /** Bar or curve; not on phones. */
  picture?: ReactNode;
  foot?: ReactNode;
  loading?: boolean;
}

function Tile({ name, unit, to, value, picture, foot, loading }: TileProps) {
  return (
    <Link to={to} className={classes["tile"]} aria-busy={loading || undefined}>
      <span className={classes["tileName"]}>{name}{unit ? <span className={classes["desk"]}> {unit}</span> : null}</span>
      <span className={classes["tileValue"]}>{loading ? <span className={classes["wait"]} /> : value}</span>
      <span className={classes["tilePicture"]}>{picture}</span>
      <span className={classes["tileFoot"]}>{foot}</span>
    </Link>
  );
}

function Bar({ parts }: { parts: { count: number; colour: string; hollow?: boolean }[] }) {
  return (
    <span className={classes["bar"]} aria-hidden="true">
      {parts.filter((part) => part.count > 0).map((part) => (
        <i key={part.colour} style={{ flexGrow: part.count, ["--c" as string]: `var(--fc-${part.colour})` }} data-hollow={part.hollow || undefined} />
      ))}
    </span>
  );
}

function Stations({ network }: { network: Overview | undefined }) {
  const t = useText(text);
  const f = useFormat();
  const counts = network?.stations ?? {};
  const total = sumOf(counts);
  const offline = counts["offline"] ?? 0;
  const faulted = counts["faulted"] ?? 0;
  return (
    <Tile
      name={t("stationsOnline")}
      to="/stations"
      loading={!network}
      value={<><Changed value={total - offline}>{f.number(total - offline)}</Changed> <small>{t("of", { total: f.number(total) })}</small></>}
      picture={<Bar parts={[{ count: total - offline - faulted, colour: "available", hollow: true }, { count: offline, colour: "offline" }, { count: faulted, colour: "faulted" }]} />}
      foot={network ? t("offlineFaulted", { offline: f.number(offline), faulted: f.number(faulted) }) : null}
    />
  );
}

function Connectors({ network }: { network: Overview | undefined }) {
  const t = useText(text);
  const f = useFormat();
  const counts = network?.connectors ?? {};
  const total = sumOf(counts);
  const used = sumOf(counts, IN_USE);
  const paused = sumOf(counts, ["suspended_station", "suspended_car"]);
  const phone = usePhone();
  const begins = sumOf(counts, ["preparing", "occupied"]);
  return (
    <Tile
      name={phone ? t("inUseShort") : t("inUse")}
      to="/stations?state=charging"
      loading={!network}
      value={<><Changed value={used}>{f.number(used)}</Changed> <small>{t("of", { total: f.number(total) })}</small></>}
      picture={
        <Bar
          parts={[
            { count: counts["charging"] ?? 0, colour: "charging" }, { count: paused, colour: "susp" }, { count: begins, colour: "preparing" },
            { count: counts["finishing"] ?? 0, colour: "finishing" }, { count: total - used, colour: "sunken" },
          ]}
        />
      }
      foot={total > 0 ? t("sharePaused", { share: f.percent(used / total), count: f.number(paused) }) : null}
    />
  );
}

function Power({ network, days }: { network: Overview | undefined; days: TwoDays | undefined }) {
  const t = useText(text);
  const f = useFormat();
  const today = days ? powerOfToday(days) : null;
  const [value, unit] = parted(f.power(network?.power_w));
  return (
    <Tile
      name={t("powerNow")}
      to="/sessions"
      loading={!network}
      value={<><Changed value={value}>{value}</Changed> <small>{unit}</small></>}
      picture={today ? <Spark values={today.values} /> : null}
      foot={today?.peak && days ? t("peak", { power: f.power(today.peak.power), time: f.time(today.peak.at, "time", days.time_zone) }) : null}
    />
  );
}

function Energy({ days, failed }: { days: TwoDays | undefined; failed: boolean }) {
  const t = useText(text);
  const f = useFormat();
  const [value, unit] = parted(f.energy(days?.today.energy_wh ?? null));
  return (
    <Tile
      name={t("energyToday")}
      to="/sessions"
      loading={!days && !failed}
      value={<>{value} <small>{unit}</small></>}
      picture={
        days ? (
          <Spark kind="energy" values={runningTotals(days.today.energy_by_quarter_hour_wh)} previous={runningTotals(days.yesterday.energy_by_quarter_hour_wh)} width={edgesOfDay(days.today)} />
        ) : null
      }
      foot={days ? <Compared now={days.today.energy_wh} before={days.yesterday.energy_so_far_wh} days={days} /> : null}
    />
  );
}

/** One figure and its curve; several currencies stand below each other, without. */
function Revenue({ days, failed }: { days: TwoDays | undefined; failed: boolean }) {
  const t = useText(text);
  const f = useFormat();
  const phone = usePhone();
  const revenue = days?.today.revenue ?? [];
  const yesterday = new Map(days?.yesterday.revenue.map((one) => [one.currency, one]));
  const [only, ...others] = revenue;
  // Cents do not fit beside thousands on a phone.
  const shown = (one: { total: string; currency: string }) => (phone && Number(one.total) >= 1000 ? f.money(one.total, one.currency).replace(/[.,]\d\d(?=\D*$)/, "") : f.money(one.total, one.currency));
  if (others.length > 0 && days) {
    return (
      <Tile
        name={t("revenueToday")}
        unit={t("inclVat")}
        to="/sessions"
        value={
          <span className={classes["currencies"]}>
            {revenue.map((one) => <span key={one.currency}>{shown(one)} <small><Compared now={one.total} before={yesterday.get(one.currency)?.so_far} days={days} short /></small></span>)}
          </span>
        }
      />
    );
  }
  return (
    <Tile
      name={t("revenueToday")}
      unit={t("inclVat")}
      to="/sessions"
      loading={!days && !failed}
      value={only ? shown(only) : failed ? f.number(null) : t("none")}
      picture={
        only && days ? (
          <Spark kind="energy" values={runningTotals(only.by_quarter_hour)} previous={runningTotals(yesterday.get(only.currency)?.by_quarter_hour ?? [])} width={edgesOfDay(days.today)} />
        ) : null
      }
      foot={only && days ? <Compared now={only.total} before={yesterday.get(only.currency)?.so_far} days={days} /> : null}
    />
  );
}

function LookAt({ network }: { network: Overview | undefined }) {
  const t = useText(text);
  const f = useFormat();
  const odd = network?.look_at ?? { unseen: 0, no_power: 0, no_price: 0, silent: 0 };
  const total = odd.unseen + odd.no_power + odd.no_price + odd.silent;
  const phone = usePhone();
  const words = (["no_power", "no_price", "unseen", "silent"] as const).filter((name) => odd[name] > 0).map((name) => t(name, { count: f.number(odd[name]) }));
  return (
    <Tile
      name={phone ? t("lookAtShort") : t("lookAt")}
      to="/sessions"
      loading={!network}
      value={<><Changed value={total}>{f.number(total)}</Changed> <small>{t("of", { total: f.number(network?.open_sessions ?? 0) })}</small></>}
      picture={
        <Bar
          parts={[
            { count: odd.no_power, colour: "susp" }, { count: odd.no_price, colour: "reserved" }, { count: odd.unseen, colour: "offline" },
            { count: odd.silent, colour: "finishing" }, { count: total === 0 ? 1 : 0, colour: "sunken" },
          ]}
        />
      }
      foot={network ? (words.length > 0 ? words.join(" · ") : t("allWell")) : null}
    />
  );
}

function Compared({ now, before, days, short }: { now: string; before: string | undefined; days: TwoDays; short?: boolean }) {
  const t = useText(text);
  const f = useFormat();
  const share = change(now, before);
  const time = f.time(days.at, "time", days.time_zone);
  if (share === null) return short ? null : t("nothingYesterday", { time });
  const sign = share >= 0 ? "+" : "";
  return (
    <>
      <b data-less={share < 0 || undefined}>{sign}{f.percent(share)}</b> {short ? null : t("onYesterday", { time })}
    </>
  );
}

/** "9.84 MW" → figure and unit; what is not known has no unit. */
function parted(text: string): [string, string] {
  const cut = text.lastIndexOf("\u00a0");
  return cut < 0 ? [text, ""] : [text.slice(0, cut), text.slice(cut + 1)];
}
