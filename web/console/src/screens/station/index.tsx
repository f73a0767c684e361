import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useMe, useMay } from "#shared/api/session";
import { useText } from "#shared/i18n/i18n";
import { useKeys } from "#shared/keys/keys";
import { MessageLog } from "#shared/messages/MessageLog";
import { Page } from "#shared/page/Page";
import { Failure, Lines, Refused } from "#shared/page/States";
import { Access } from "./Access";
import { CommandsTab } from "./CommandsTab";
import { Configuration } from "./Configuration";
import { ConnectorsTab } from "./ConnectorsTab";
import { Details } from "./Details";
import { Header } from "./Header";
import { Overview } from "./Overview";
import { commandsQuery, locationQuery, stationQuery, useOutlets, useStationLive, type Station } from "./queries";
import { Sessions } from "./Sessions";
import { text } from "./text";
import classes from "./station.module.css";

const TABS = ["overview", "messages", "configuration", "sessions", "commands", "connectors", "details", "access"] as const;
type Tab = (typeof TABS)[number];

/** One station: what is it doing, did my command work? */
export function Screen() {
  const t = useText(text);
  const may = useMay();
  const { station: key = "" } = useParams({ strict: false }) as { station?: string };
  const station = useQuery({ ...stationQuery(key), enabled: may("stations:read") });
  useStationLive(station.data, key);
  const crumbs = [{ label: t("stations"), to: "/stations" }];
  if (!may("stations:read")) return <Page crumbs={[...crumbs, { label: key }]}><Refused what={t("stations")} permission="stations:read" /></Page>;
  if (!station.data) {
    return (
      <Page crumbs={[...crumbs, { label: station.error ? t("station") : "…" }]}>
        {station.error ? <Failure error={station.error} what={t("stations")} onRetry={() => void station.refetch()} /> : <Lines count={8} />}
      </Page>
    );
  }
  return <Loaded station={station.data} routeKey={key} />;
}

function Loaded({ station, routeKey }: { station: Station; routeKey: string }) {
  const t = useText(text);
  const me = useMe();
  const may = useMay();
  const client = useQueryClient();
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as Record<string, string | undefined>;
  const location = useQuery({ ...locationQuery(station.location_id), enabled: station.location_id !== null && may("locations:read") });
  const found = useOutlets(station);
  const commands = useInfiniteQuery({ ...commandsQuery(station.id), enabled: may("commands:read") });
  const zone = location.data?.time_zone ?? me.operator.time_zone;
  const tab: Tab = TABS.find((one) => one === search["tab"]) ?? "overview";
  const open = (next: string) => void navigate({ to: ".", search: (next === "overview" ? {} : { tab: next }) as never });
  const step = (by: number) => open(TABS[(TABS.indexOf(tab) + by + TABS.length) % TABS.length] ?? "overview");
  useKeys({ "[": () => step(-1), "]": () => step(1) });
  const reload = () => {
    void client.invalidateQueries({ queryKey: stationQuery(routeKey).queryKey });
    void client.invalidateQueries({ queryKey: ["stations", station.id] });
  };
  const outlets = found.outlets ?? [];
  const sent = commands.data?.pages[0]?.items ?? [];
  const head = <Header station={station} outlets={outlets} locationName={location.data?.name ?? null} onTab={open} />;
  return (
    <Page crumbs={[{ label: t("stations"), to: "/stations" }, ...(location.data ? [{ label: location.data.name, to: `/locations/${location.data.id}` }] : []), { label: station.identity }]}>
      {head}
      <nav className={classes["tabs"]} aria-label={t("tabs")}>
        {TABS.map((one) => (
          <button key={one} type="button" aria-current={one === tab ? "page" : undefined} onClick={() => open(one)}>{t(one)}</button>
        ))}
      </nav>
      {found.error && tab === "overview" ? <Failure error={found.error} what={t("connectors")} onRetry={found.retry} /> : null}
      {tab === "overview" && !found.error ? found.outlets === null ? <Lines count={8} /> : <Overview station={station} outlets={outlets} commands={sent} zone={zone} onTab={open} /> : null}
      {tab === "messages" ? may("messages:read") ? <MessageLog station={{ id: station.id, identity: station.identity, protocol: station.protocol }} zone={zone} /> : <Refused what={t("messages")} permission="messages:read" /> : null}
      {tab === "configuration" ? <Configuration station={station} /> : null}
      {tab === "sessions" ? may("sessions:read") ? <Sessions station={station} outlets={outlets} zone={zone} /> : <Refused what={t("sessions")} permission="sessions:read" /> : null}
      {tab === "commands" ? <CommandsTab station={station} zone={zone} /> : null}
      {tab === "connectors" ? <ConnectorsTab station={station} outlets={outlets} connectors={found.connectors} evses={found.evses} /> : null}
      {tab === "details" ? <Details station={station} zone={zone} /> : null}
      {tab === "access" ? <Access station={station} outlets={outlets} zone={zone} reload={reload} /> : null}
    </Page>
  );
}
