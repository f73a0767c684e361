import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { csvUrl } from "#shared/api/client";
import { Button, DownloadLink } from "#shared/button/Button";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { Card } from "#shared/page/Page";
import { Empty, QueryState } from "#shared/page/States";
import { Marked } from "#shared/state/StateMark";
import type { Mark } from "#shared/state/marks";
import { LOOKS, type ConnectorState } from "#shared/state/vocabulary";
import type { Token } from "#shared/theme/tokens";
import { useLanguage } from "#shared/i18n/i18n";
import { sessionsQuery, type Outlet, type Session, type Station } from "./queries";
import { text } from "./text";
import classes from "./station.module.css";

/** Sessions of the station, newest first. */
export function Sessions({ station, outlets, zone }: { station: Station; outlets: readonly Outlet[]; zone: string }) {
  const t = useText(text);
  const query = useInfiniteQuery(sessionsQuery(station.id));
  return (
    <Card bare title={t("sessions")} actions={<DownloadLink href={csvUrl("/api/v1/sessions", { station: station.id })}>{t("export")}</DownloadLink>}>
      <QueryState query={query} what={t("sessions")} skeleton={<p className={classes["none"]}>…</p>}>
        {(pages) => {
          const sessions = pages.pages.flatMap((page) => page.items);
          if (sessions.length === 0) return <Empty icon="bolt" tone="plain" title={t("noSessions")}>{t("noSessionsHelp")}</Empty>;
          return (
            <>
              <SessionRows sessions={sessions} outlets={outlets} zone={zone} />
              {query.hasNextPage ? <p className={classes["none"]}><Button size="sm" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{t("older")}</Button></p> : null}
            </>
          );
        }}
      </QueryState>
    </Card>
  );
}

export function SessionRows({ sessions, outlets, zone }: { sessions: readonly Session[]; outlets: readonly Outlet[]; zone: string }) {
  const t = useText(text);
  const f = useFormat();
  const first = sessions[0];
  const nameOf = (session: Session) =>
    outlets.find((one) => (session.evse_id === null ? one.evseNo === session.evse_no : one.evseId === session.evse_id) && (!one.several || one.connectorNo === session.connector_no))?.name ?? String(session.evse_no ?? "");
  return (
    <div className={classes["scrollX"]} tabIndex={0} role="group" aria-label={t("sessions")}>
      <table className={classes["table"]}>
        <caption className="fc-hidden">{t("sessions")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("session")}</th>
            <th scope="col">{t("connector")}</th>
            <th scope="col">{t("time")}{first ? `, ${f.zoneName(zone, new Date(first.opened_at))}` : ""}</th>
            <th scope="col">{t("state")}</th>
            <th scope="col" data-align="right">{t("energy")}</th>
            <th scope="col" data-align="right">{t("price")} {t("vatIncl")}</th>
          </tr>
        </thead>
        <tbody>
          {sessions.map((one) => (
            <tr key={one.id}>
              <td><Link className="fc-link fc-mono" to={`/sessions/${one.id}`}>{one.id.slice(-8)}</Link></td>
              <td>{nameOf(one)}</td>
              <td>{t("to", { from: f.time(one.started_at ?? one.opened_at, "dateTime", zone), to: one.ended_at ? f.time(one.ended_at, "time", zone) : t("untilNow") })}</td>
              <td><SessionState state={one.state} /></td>
              <td data-align="right">{f.energy(one.energy_wh, 2)}</td>
              <td data-align="right">{f.money(one.cost_after_taxes, one.currency)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const LOOK_OF: Record<string, ConnectorState> = { charging: "charging", suspended_ev: "suspended_car", suspended_evse: "suspended_station", idle: "finishing", finishing: "finishing", preparing: "preparing", authorised: "preparing", pending: "preparing" };
const OTHERS: Record<string, { mark: Mark; colour: Token; en: string; de: string }> = {
  settled: { mark: "done", colour: "text-2", en: "Settled", de: "Abgerechnet" },
  ended: { mark: "waiting", colour: "text-2", en: "Ended", de: "Beendet" },
};

/** A session's state with the marks of the vocabulary. */
export function SessionState({ state }: { state: string }) {
  const { language } = useLanguage();
  const like = LOOK_OF[state];
  const look = like ? LOOKS[like] : (OTHERS[state] ?? { mark: "waiting" as const, colour: "text-2" as const, en: state, de: state });
  return <Marked mark={look.mark} colour={look.colour} word={look[language]} />;
}
