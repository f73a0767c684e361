import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Button } from "#shared/button/Button";
import { Segments } from "#shared/button/Segments";
import { useNow } from "#shared/format/Time";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { Card } from "#shared/page/Page";
import { QueryState } from "#shared/page/States";
import { Lanes } from "./Lanes";
import { lanesOf, windowOf, type Period } from "./lanes";
import { HISTORY_LIMIT, historyQuery, type Outlet, type Station } from "./queries";
import { text } from "./text";
import { outletName } from "./words";
import classes from "./station.module.css";

type Search = Readonly<Record<string, string | undefined>>;

/** The station's past, as lanes; period and how far back stand in the address. */
export function History({ station, outlets, zone }: { station: Station; outlets: readonly Outlet[]; zone: string }) {
  const t = useText(text);
  const f = useFormat();
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as Search;
  const now = useNow();
  const period: Period = search["period"] === "week" || search["period"] === "month" ? search["period"] : "day";
  const back = Math.max(0, Math.floor(Number(search["back"] ?? 0)) || 0);
  // The window moves at midnight only, so that the same history is not loaded each second.
  const window = windowOf(period, back, now, zone);
  const query = useQuery({ ...historyQuery(station.id, window), placeholderData: keepPreviousData, refetchInterval: back === 0 ? 60_000 : false });
  const go = (change: Search) => void navigate({ to: ".", search: ((old: Search) => ({ ...old, ...change })) as never, replace: true });
  const names = new Map([...outlets.map((one) => [one.id, `${one.name} · ${outletName(one, t, f)}`] as const), ["link", t("connection")] as const]);
  return (
    <Card
      title={t("history")}
      note={`${f.time(new Date(window.from), "date", zone)} · ${t("historyZone", { zone: f.zoneName(zone, new Date(now)) })}`}
      actions={
        <>
          <Button size="sm" icon="left" aria-label={t("earlier")} onClick={() => go({ back: String(back + 1) })} />
          <Button size="sm" icon="right" aria-label={t("later")} disabled={back === 0} onClick={() => go({ back: back > 1 ? String(back - 1) : undefined })} />
          <Segments label={t("period")} value={period} onChange={(next) => go({ period: next === "day" ? undefined : next, back: undefined })} options={[{ value: "day", label: t("day") }, { value: "week", label: t("week") }, { value: "month", label: t("month") }]} />
        </>
      }
    >
      <QueryState query={query} what={t("history")}>
        {(history) => (
          <>
            <Lanes lanes={lanesOf(history.items, outlets.map((one) => one.id), window, now)} names={names} window={window} period={period} now={now} zone={zone} />
            {history.cut ? <p className={classes["quiet"]}>{t("cut", { count: HISTORY_LIMIT })}</p> : null}
          </>
        )}
      </QueryState>
    </Card>
  );
}
