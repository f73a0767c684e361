/** What is wrong, and what to press: worst first. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { UseQueryResult } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api, data } from "#shared/api/client";
import { useMay } from "#shared/api/session";
import { Button, ButtonLink } from "#shared/button/Button";
import { CommandButton } from "#shared/command/CommandButton";
import { useCommands } from "#shared/command/CommandsProvider";
import { Age } from "#shared/format/Time";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { Card, Tag } from "#shared/page/Page";
import { Empty, Lines, QueryState } from "#shared/page/States";
import { StateMark } from "#shared/state/StateMark";
import type { ConnectorState } from "#shared/state/vocabulary";
import { attentionText } from "./attentionText";
import { attentionQuery, type Attention as AttentionOut, type AttentionItem } from "./data";
import { useHeld } from "./hold";
import classes from "./overview.module.css";

const keyOf = (item: AttentionItem) => item.key;

const MARK: Record<AttentionItem["kind"], ConnectorState> = {
  connector_faulted: "faulted", station_faulted: "faulted", station_offline: "offline", session_without_energy: "suspended_station",
  session_held: "suspended_car", orphans: "unavailable", findings: "unavailable", knock: "preparing",
};

export function Attention({ query }: { query: UseQueryResult<AttentionOut> }) {
  const t = useText(attentionText);
  const total = query.data?.total ?? 0;
  const { shown, fresh, release, bind } = useHeld(query.data?.items ?? [], keyOf);
  return (
    <div className={classes["attention"]} {...bind}>
      <Card
        title={<>{t("title")} {total > 0 ? <Tag tone="bad">{total}</Tag> : null}</>}
        bare
        actions={
          <>
            {fresh > 0 ? <Button size="sm" onClick={release}>{t("fresh", { count: fresh })}</Button> : null}
            <span className={classes["quiet"]}>{t("worstFirst")}</span>
            {total > 0 ? <Link to="/alerts" className="fc-link">{t("all", { count: total })}</Link> : null}
          </>
        }
      >
        <QueryState query={query} what={t("title")} skeleton={<Lines count={8} />}>
          {() =>
            shown.length === 0 ? (
              <Empty icon="check" title={t("nothing")}>{t("nothingHelp")}</Empty>
            ) : (
              <ul className={classes["attentionList"]}>
                {shown.map((item, index) => <Row key={item.key} item={item} first={index === 0} />)}
              </ul>
            )
          }
        </QueryState>
      </Card>
    </div>
  );
}

function Row({ item, first }: { item: AttentionItem; first: boolean }) {
  const t = useText(attentionText);
  const f = useFormat();
  const title = useTitle(item);
  const fact = (name: string) => (typeof item.facts[name] === "string" ? item.facts[name] : null);
  const stranded = item.people_stranded > 0;
  const costs = [
    stranded ? <b key="people" className={classes["bad"]}>{t("stranded", { count: item.people_stranded })}</b> : null,
    item.cost_per_hour_minor ? t("perHour", { money: f.minor(item.cost_per_hour_minor, item.currency) }) : null,
    fact("held_wh") ? t("held", { energy: f.energy(fact("held_wh"), 2) }) : null,
    item.kind === "orphans" ? t("unbilled") : null,
    item.kind === "knock" ? t("waits") : null,
  ].filter((part) => part !== null);
  const where = [
    item.location?.name,
    item.station ? <b key="id" className="fc-mono">{item.station.identity}</b> : fact("identity") ? <b key="id" className="fc-mono">{fact("identity")}</b> : null,
    item.evse_no !== null && item.kind !== "connector_faulted" ? t("connector", { number: item.evse_no }) : null,
    fact("error_code") ?? fact("code"),
    item.kind === "knock" ? t("tries", { count: item.count }) : null,
    fact("remote_address") ? t("from", { address: fact("remote_address") ?? "" }) : null,
  ].filter((part) => part !== null && part !== undefined && part !== "");
  return (
    <li data-first={(first && stranded) || undefined}>
      <StateMark state={MARK[item.kind]} as="mark" size={18} />
      <div className={classes["what"]}>
        <b>{title}</b>
        <small><Age at={item.since} /></small>
      </div>
      <p className={classes["where"]}>{joined(where)}</p>
      <p className={classes["cost"]}>{costs.length > 0 ? joined(costs) : t("unknownCost")}</p>
      <span className={classes["act"]}>
        <Acknowledge item={item} title={title} />
        <Action item={item} primary={first && stranded} />
      </span>
    </li>
  );
}

function joined(parts: readonly React.ReactNode[]) {
  return parts.map((part, index) => <span key={index}>{index > 0 ? " · " : ""}{part}</span>);
}

function useTitle(item: AttentionItem): string {
  const t = useText(attentionText);
  if (item.kind === "connector_faulted") return t("connector_faulted", { number: item.evse_no ?? item.connector_no ?? 1 });
  if (item.kind === "orphans" || item.kind === "findings") return t(item.kind, { count: item.count });
  return t(item.kind);
}

/** Who looks at it; or a way to say that it is oneself. */
function Acknowledge({ item, title }: { item: AttentionItem; title: string }) {
  const t = useText(attentionText);
  const may = useMay();
  const client = useQueryClient();
  const { say, refuse } = useCommands();
  const take = useMutation({
    mutationFn: (incident: string) => data(api.POST("/api/v1/incidents/{incident}/acknowledge", { params: { path: { incident } }, body: {} })),
    onSuccess: async () => {
      say(t("acknowledgedToast", { title }));
      await client.invalidateQueries({ queryKey: attentionQuery.queryKey });
    },
    onError: (error) => refuse(title, error as never),
  });
  const { incident } = item;
  if (incident === null) return null;
  if (incident.state === "acknowledged") return <Tag>{t("acknowledged", { name: incident.acknowledged_by ?? "" })}</Tag>;
  if (!may("incidents:write")) return null;
  return <Button size="sm" kind="quiet" busy={take.isPending} onClick={() => take.mutate(incident.id)}>{t("acknowledge")}</Button>;
}

function Action({ item, primary }: { item: AttentionItem; primary: boolean }) {
  const t = useText(attentionText);
  const may = useMay();
  const look = { size: "sm" as const, kind: primary ? ("primary" as const) : ("default" as const) };
  const station = item.station;
  const label = t(item.action);
  if (item.action === "reset_station" && station) {
    if (station.link !== "online" || !may("stations:command")) return <ButtonLink {...look} icon="station" to={`/stations/${station.id}`}>{t("check_station")}</ButtonLink>;
    return (
      <CommandButton
        {...look}
        icon="power"
        station={station.id}
        kindOfCommand="reset"
        title={t("resetTitle", { name: station.identity })}
        label={label}
        busyLabel={t("resetting")}
        confirm={{
          title: t("resetTitle", { name: item.location ? `${station.identity}, ${item.location.name}` : station.identity }),
          consequences: [
            { text: t("away") },
            ...(item.people_stranded > 0 ? [{ text: t("endsSessions", { count: item.people_stranded }), harms: true }] : []),
          ],
          options: [
            { value: "soft", label: t("soft"), help: t("softHelp") },
            { value: "hard", label: t("hard"), help: t("hardHelp"), harms: true },
          ],
          verb: t("resetVerb"),
          reason: true,
        }}
        paramsOf={(answer) => ({ type: answer.option })}
      />
    );
  }
  if (item.session_id && (item.action === "open_session" || item.action === "review_session")) {
    return <ButtonLink {...look} icon="bolt" to={`/sessions/${item.session_id}`}>{label}</ButtonLink>;
  }
  if (item.action === "adopt_station") return <ButtonLink {...look} icon="inbox" to="/inbox">{label}</ButtonLink>;
  if (item.action === "match_orphans") return <ButtonLink {...look} icon="swap" to="/sessions?view=orphans">{label}</ButtonLink>;
  if (item.action === "judge_findings" && !station) return <ButtonLink {...look} icon="search" to="/sessions?view=findings">{label}</ButtonLink>;
  return station ? <ButtonLink {...look} icon="station" to={`/stations/${station.id}`}>{label}</ButtonLink> : null;
}
