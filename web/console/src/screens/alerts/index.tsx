/** Alerts: what is open and who has it; what opens it; who is told. */
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useQuery } from "@tanstack/react-query";
import { useLiveRefetch } from "#console/live/Live";
import { useMay } from "#shared/api/session";
import { useText } from "#shared/i18n/i18n";
import { Page } from "#shared/page/Page";
import { Refused } from "#shared/page/States";
import { Channels } from "./Channels";
import { History } from "./History";
import { IncidentPanel } from "./IncidentPanel";
import { OpenIncidents } from "./OpenIncidents";
import { openQuery } from "./queries";
import { Rules } from "./Rules";
import { text } from "./text";
import classes from "./alerts.module.css";

const TABS = ["open", "history", "rules", "channels"] as const;
type Tab = (typeof TABS)[number];

export function Screen() {
  const t = useText(text);
  const may = useMay();
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as { tab?: string; incident?: string };
  const tab: Tab = TABS.find((one) => one === search.tab) ?? "open";
  const open = useQuery({ ...openQuery, enabled: may("incidents:read") });
  useLiveRefetch(["incident.*"], ["incidents"]);
  useLiveRefetch(["alert_rule.*", "alert_channel.*"], ["alerts"]);
  const show = (incident: string | undefined) => void navigate({ to: ".", search: ((old: object) => ({ ...old, incident })) as never });
  const needed = tab === "rules" || tab === "channels" ? "alerts:read" : "incidents:read";

  return (
    <Page crumbs={[{ label: t("title") }]} fill={tab === "history"}>
      <nav className={classes["tabs"]} aria-label={t("tabs")}>
        {TABS.map((one) => (
          <Link key={one} to="/alerts" search={{ tab: one } as never} activeOptions={{ includeSearch: true }} aria-current={one === tab ? "page" : undefined}>
            {t(one)}
            {one === "open" && open.data ? <span className={classes["count"]}>{open.data.items.length}</span> : null}
          </Link>
        ))}
      </nav>
      {!may(needed) ? (
        <Refused what={t(tab === "rules" ? "rulesWhat" : tab === "channels" ? "channelsWhat" : "incidents")} permission={needed} />
      ) : tab === "open" ? (
        <OpenIncidents query={open} onOpen={show} />
      ) : tab === "history" ? (
        <History onOpen={show} />
      ) : tab === "rules" ? (
        <Rules />
      ) : (
        <Channels />
      )}
      {search.incident && may("incidents:read") ? <IncidentPanel id={search.incident} onClose={() => show(undefined)} /> : null}
    </Page>
  );
}
