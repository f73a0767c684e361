import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useLiveRefetch } from "#console/live/Live";
import { Button } from "#shared/button/Button";
import { Segments } from "#shared/button/Segments";
import { Time } from "#shared/format/Time";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { Icon, type IconName } from "#shared/icon/Icon";
import { Card } from "#shared/page/Page";
import { Empty, QueryState } from "#shared/page/States";
import { StateMark } from "#shared/state/StateMark";
import { connectorState } from "#shared/state/vocabulary";
import { feedQuery, type FeedItem, type FeedKind } from "./data";
import { useHeld } from "./hold";
import { text } from "./text";
import classes from "./overview.module.css";

const keyOf = (item: FeedItem) => String(item.position);
/** The server counts so far. */
const MOST = 1000;
const FACTS = ["connector.status_changed", "station.*", "session.started", "session.ended", "session.settled", "session.state_changed", "token.refused", "message.rejected", "tariff.published"];

/** What just happened, newest first, with links. */
export function LiveFeed() {
  const t = useText(text);
  const f = useFormat();
  const [kind, setKind] = useState<FeedKind>("all");
  const options = feedQuery(kind);
  const query = useQuery(options);
  useLiveRefetch(FACTS, options.queryKey);
  const { shown, fresh, release, bind } = useHeld(query.data?.items ?? [], keyOf);
  const count = query.data?.last_minute ?? 0;
  return (
    <div className={classes["feed"]} {...bind}>
      <Card
        title={t("liveFeed")}
        bare
        note={query.data ? (count >= MOST ? t("manyPerMinute", { count: f.number(MOST) }) : t("perMinute", { count })) : null}
        actions={
          <>
            {fresh > 0 ? <Button size="sm" onClick={release}>{t("fresh", { count: fresh })}</Button> : null}
            <Segments
              label={t("events")}
              value={kind}
              onChange={(next) => setKind(next as FeedKind)}
              options={[{ value: "all", label: t("all") }, { value: "trouble", label: t("trouble") }, { value: "sessions", label: t("sessions") }]}
            />
          </>
        }
      >
        <QueryState query={query} what={t("events")}>
          {() =>
            shown.length === 0 ? (
              <Empty icon="pulse" tone="plain" title={t("quiet")}>{t("quietHelp")}</Empty>
            ) : (
              <ul className={classes["feedList"]}>
                {shown.map((item, index) => <Fact key={item.position} item={item} newest={index === 0} />)}
              </ul>
            )
          }
        </QueryState>
      </Card>
    </div>
  );
}

const ICONS: Record<string, IconName> = {
  "station.adopted": "plus", "station.retired": "minus", "station.knocked": "inbox", "token.refused": "card", "message.rejected": "code",
  "session.started": "plug", "session.ended": "stop", "session.settled": "receipt", "tariff.published": "tag", "station.connected": "wifi",
};

function Fact({ item, newest }: { item: FeedItem; newest: boolean }) {
  const t = useText(text);
  const f = useFormat();
  const number = item.connector_no ?? item.evse_no;
  const to = item.session_id ? `/sessions/${item.session_id}` : item.station_id ? `/stations/${item.station_id}` : item.type === "station.knocked" ? "/inbox" : item.type.startsWith("tariff.") ? "/tariffs" : null;
  const place = (
    <>
      {item.location_name ? <>{item.location_name} · </> : null}
      {item.identity ? <b className="fc-mono">{item.identity}</b> : null}
      {number !== null && item.identity ? <> · {item.evse_no ?? number}</> : null}
    </>
  );
  const detail = [
    item.detail === "NoError" ? null : item.detail,
    item.energy_wh !== null && Number(item.energy_wh) > 0 ? f.energy(item.energy_wh, 2) : null,
    item.cost !== null && Number(item.cost) > 0 ? f.money(item.cost, item.currency) : null,
  ].filter((part) => part !== null);
  return (
    <li data-newest={newest || undefined}>
      <span className={classes["quiet"]}><Time at={item.at} zone={item.time_zone} style="seconds" /></span>
      <Sort item={item} />
      {to ? <Link to={to} className={classes["factLink"]}>{place}</Link> : <span className={classes["factLink"]}>{place}</span>}
      <span className={classes["factDetail"]}>{detail.join(" · ")}</span>
    </li>
  );

  function Sort({ item: { type, state } }: { item: FeedItem }) {
    if (type === "connector.status_changed") return <StateMark state={connectorState("online", { status: state })} />;
    if (type === "station.disconnected") return <StateMark state="offline" word={t("station.disconnected")} />;
    if (type === "session.state_changed") return <StateMark state={connectorState("online", { status: "occupied", session_state: state })} />;
    return <span className={classes["sort"]}><Icon name={ICONS[type] ?? "dot"} size={14} /> {t(type as "station.connected")}</span>;
  }
}
