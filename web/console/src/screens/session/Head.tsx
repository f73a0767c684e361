import { Link } from "@tanstack/react-router";
import { Changed } from "#shared/format/Changed";
import { useNow } from "#shared/format/Time";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { Icon } from "#shared/icon/Icon";
import { Note } from "#shared/page/Page";
import { Flags, maskToken } from "#shared/session/Flags";
import { SessionMark } from "#shared/session/SessionMark";
import { priceChanges, type TariffDocument } from "./price";
import type { Curve, PriceAnswer, Row } from "./queries";
import { StopButton } from "./StopButton";
import { text } from "./text";
import type { Stretch } from "./figures";
import { chargingSeconds, lasted, occupiedAfter, peakPower } from "./figures";
import classes from "./session.module.css";

interface HeadProps {
  row: Row;
  price: PriceAnswer | undefined;
}

/** What it is and whose, and the one thing to do. */
export function Head({ row, price }: HeadProps) {
  const t = useText(text);
  const f = useFormat();
  const cost = price?.price?.rounded.total_cost.after_taxes ?? row.cost;
  const begin = row.started_at ?? row.opened_at;
  const sameDay = row.ended_at !== null && f.time(begin, "date", row.time_zone) === f.time(row.ended_at, "date", row.time_zone);
  const zone = f.zoneName(row.time_zone, new Date(begin));
  const span = row.ended_at === null
    ? t("since", { from: f.time(begin, "dateTime", row.time_zone) })
    : t("from_to", { from: f.time(begin, "dateTime", row.time_zone), to: f.time(row.ended_at, sameDay ? "time" : "dateTime", row.time_zone) });
  return (
    <div className={classes["head"]}>
      <div>
        <div className={classes["name"]}>
          <b>{row.station ?? t("hidden")}{row.evse_no === null ? "" : ` · ${row.evse_no}`}</b>
          <SessionMark state={row.state} settled={row.settled_at !== null} as="pill" />
          <Flags flags={row.quality} most={2} />
        </div>
        <div className={classes["about"]}>
          <span><Icon name="station" /><Link className="fc-link" to={`/stations/${row.station_id}`}>{row.evse_uid ?? row.station}</Link></span>
          {row.location ? <span><Icon name="pin" />{row.location_id ? <Link className="fc-link" to={`/locations/${row.location_id}`}>{row.location}</Link> : row.location}</span> : null}
          <span><Icon name="clock" />{span} {zone}</span>
          {row.token ? <span><Icon name="card" /><span className="fc-mono">{maskToken(row.token)}</span>{row.token_label}</span> : null}
        </div>
      </div>
      <span className={classes["space"]} />
      <StopButton row={row} cost={cost} idle={pricesIdle(price?.tariff?.document) || (price?.price ? priceChanges(price.price).some((change) => change.kind !== "energy") : false)} />
    </div>
  );
}

function pricesIdle(document: TariffDocument | undefined): boolean {
  return document?.elements.some((element) => element.prices.some((price) => price.dimension === "idle_time" || price.dimension === "occupancy_time")) ?? false;
}

/** The answer in figures. Price and energy are those of the receipt, or of the session so far. */
export function Figures({ row, price, curve, stretches }: HeadProps & { curve: Curve | undefined; stretches: readonly Stretch[] | undefined }) {
  const t = useText(text);
  const f = useFormat();
  const now = useNow();
  const open = row.ended_at === null;
  const away = open && row.link !== null && row.link !== "online";
  const cost = price?.price?.rounded.total_cost.after_taxes ?? row.cost;
  const peak = curve ? peakPower(curve) : null;
  const charging = chargingSeconds(stretches ?? []);
  const after = open ? null : occupiedAfter(stretches ?? []);
  const limit = row.max_power_w === null ? null : f.power(row.max_power_w);
  return (
    <>
      {away ? <Note tone="warn">{t("offline", { age: f.age(row.last_at, now) })}</Note> : null}
      <section className={classes["figures"]} data-stale={away || undefined}>
        <Figure label={open ? t("priceNow") : t("price")}><Changed value={cost}>{f.money(cost, row.currency)}</Changed></Figure>
        <Figure label={t("energy")}><Changed value={row.energy_wh}>{f.energy(row.energy_wh, 3)}</Changed></Figure>
        {open ? <Figure label={t("power")}><Changed value={row.power_w}>{f.power(row.power_w)}</Changed></Figure> : null}
        <Figure label={open ? t("elapsed") : t("duration")}>{f.duration(lasted(row, now))}</Figure>
        <Figure label={t("charging")}>{stretches ? f.duration(charging) : ""}</Figure>
        <Figure label={curve?.power_source === "mean" ? t("average") : t("peak")}>{curve ? f.power(peak) : ""}{limit && peak !== null ? <small> {t("ofPower", { power: limit })}</small> : null}</Figure>
        {row.soc_percent === null || !open ? null : <Figure label={t("battery")}>{f.quantity(row.soc_percent, "%")}</Figure>}
        {after === null || after < 1 ? null : <Figure label={t("after")}>{f.duration(after)}</Figure>}
      </section>
    </>
  );
}

function Figure({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div>
      <span>{label}</span>
      <b>{children}</b>
    </div>
  );
}
