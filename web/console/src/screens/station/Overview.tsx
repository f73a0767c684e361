import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button } from "#shared/button/Button";
import type { CommandOut } from "#shared/command/outcome";
import { useNow } from "#shared/format/Time";
import { useText } from "#shared/i18n/i18n";
import { Card } from "#shared/page/Page";
import { Empty } from "#shared/page/States";
import { usePhone } from "#shared/theme/useSize";
import { STATES } from "#shared/state/vocabulary";
import { CommandItem } from "./CommandItem";
import { ConnectorCard } from "./ConnectorCard";
import { StationFacts } from "./Details";
import { History } from "./History";
import { inUse, lanesOf, startOfDay, windowOf } from "./lanes";
import { historyQuery, sessionsQuery, type Outlet, type Station } from "./queries";
import { SessionRows } from "./Sessions";
import { text } from "./text";
import classes from "./station.module.css";

interface OverviewProps {
  station: Station;
  outlets: readonly Outlet[];
  commands: readonly CommandOut[];
  zone: string;
  onTab: (tab: string) => void;
}

/** What is it doing, did my command work? */
export function Overview({ station, outlets, commands, zone, onTab }: OverviewProps) {
  const t = useText(text);
  const phone = usePhone();
  const now = useNow();
  const today = windowOf("day", 0, now, zone);
  const history = useQuery(historyQuery(station.id, today));
  const lanes = history.data ? lanesOf(history.data.items, outlets.map((one) => one.id), today, now) : [];
  const sessions = useInfiniteQuery(sessionsQuery(station.id));
  const known = sessions.data?.pages[0]?.items ?? [];
  const since = startOfDay(now, zone);
  const todays = known.filter((one) => one.ended_at === null || Date.parse(one.ended_at) >= since);
  // On a phone the troubled connector stands first.
  const shown = phone ? [...outlets].sort((a, b) => rank(a) - rank(b)) : outlets;
  return (
    <div className={classes["grid"]}>
      <div className={classes["column"]}>
        {outlets.length === 0 ? (
          <Card><Empty icon="plug" tone="plain" title={t("noConnectors")}>{t("noConnectorsHelp")}</Empty></Card>
        ) : (
          <div className={classes["connectors"]}>
            {shown.map((one) => (
              <ConnectorCard
                key={one.id}
                station={station}
                outlet={one}
                commands={commands}
                zone={zone}
                use={lanes.length > 0 ? inUse(lanes.find((lane) => lane.key === one.id) ?? { key: "", stretches: [] }) : null}
                last={known.find((session) => session.ended_at !== null && (session.evse_id === one.evseId || (session.evse_id === null && session.evse_no === one.evseNo)) && (!one.several || session.connector_no === one.connectorNo)) ?? null}
              />
            ))}
          </div>
        )}
        <History station={station} outlets={outlets} zone={zone} />
        <Card bare title={t("todaySessions")} note={todays.length > 0 ? todays.length : undefined} actions={<Button size="sm" kind="quiet" onClick={() => onTab("sessions")}>{t("all")}</Button>}>
          {todays.length === 0 ? <p className={classes["none"]}>{t("noneToday")}</p> : <SessionRows sessions={todays.slice(0, 8)} outlets={outlets} zone={zone} />}
        </Card>
      </div>
      <div className={classes["column"]}>
        <Card bare title={t("commands")} actions={<Button size="sm" kind="quiet" onClick={() => onTab("commands")}>{t("allCommands")}</Button>}>
          {commands.length === 0 ? <p className={classes["none"]}>{t("noCommands")}</p> : <ul>{commands.slice(0, 4).map((one) => <CommandItem key={one.id} command={one} zone={zone} />)}</ul>}
        </Card>
        <Card title={t("details")} actions={<Link className="fc-link" to="." search={{ tab: "details" } as never}>{t("all")}</Link>}>
          <StationFacts station={station} zone={zone} />
        </Card>
      </div>
    </div>
  );
}

function rank(outlet: Outlet): number {
  const index = STATES.findIndex((state) => state === outlet.state);
  return index < 0 ? STATES.length : index;
}
