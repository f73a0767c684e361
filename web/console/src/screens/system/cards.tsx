import { Fragment, type ReactNode } from "react";
import { Changed } from "#shared/format/Changed";
import { Age } from "#shared/format/Time";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { Card, Facts, Tag } from "#shared/page/Page";
import { Marked } from "#shared/state/StateMark";
import { sizeOf, type System } from "./queries";
import { text } from "./text";
import classes from "./system.module.css";

type CardOf = (props: { system: System }) => ReactNode;
type Fact = [ReactNode, ReactNode];

function useSize() {
  const f = useFormat();
  return (bytes: number) => {
    const [size, unit] = sizeOf(bytes);
    return f.quantity(size, unit, unit === "B" || unit === "kB" ? 0 : 1);
  };
}

export const DatabaseCard: CardOf = ({ system: { database, versions } }) => {
  const t = useText(text);
  const f = useFormat();
  const size = useSize();
  const facts: Fact[] = [
    [t("version"), `PostgreSQL ${versions.postgresql}`],
    [t("latency"), <Changed key="latency" value={String(database.latency_ms)}>{f.quantity(database.latency_ms, "ms", 1)}</Changed>],
    [t("running"), <Age key="age" at={database.started_at} />],
    ...(database.size_bytes !== null ? [[t("size"), size(database.size_bytes)] as Fact] : []),
    ...(database.connections !== null && database.max_connections !== null ? [[t("connections"), t("of", { count: database.connections, most: database.max_connections })] as Fact] : []),
    ...(database.replicas !== null ? [[t("replicas"), database.replicas === 0 ? t("none") : f.number(database.replicas)] as Fact] : []),
  ];
  return (
    <Card title={t("database")} note={t(database.embedded ? "embedded" : "external")}>
      <Facts facts={facts} />
      <h3 className={classes["sub"]}>{t("settings")}</h3>
      <Facts
        facts={database.settings.map((setting): Fact => [
          <span key="name" className="fc-mono">{setting.name}</span>,
          <Fragment key="value">{setting.value} {setting.safe ? null : <Tag tone="bad">{t("unsafe")}</Tag>}</Fragment>,
        ])}
      />
    </Card>
  );
};

export const GatewaysCard: CardOf = ({ system: { gateways, bus } }) => {
  const t = useText(text);
  const f = useFormat();
  const facts: Fact[] = [
    [t("online"), f.number(gateways.own_online)],
    [t("offline"), f.number(gateways.own_offline)],
    [t("rate"), t("perMinute", { count: gateways.own_messages_per_minute })],
    ...(gateways.queue !== null ? [[t("queue"), `${f.number(gateways.queue)} ${t("messages")}`] as Fact] : []),
    [t("bus"), <Fragment key="bus">{t(bus.kind === "nats" ? "busNats" : "busMemory")}, {t(bus.connected ? "connected" : "away")}</Fragment>],
  ];
  return (
    <Card title={t("gateways")}>
      <Facts facts={facts} />
      {gateways.nodes === null ? null : gateways.nodes.length === 0 ? (
        <p className={classes["quiet"]}>{t("noGateway")}</p>
      ) : (
        <table className={classes["table"]}>
          <thead><tr><th>{t("nodes")}</th><th data-align="right">{t("links")}</th><th /></tr></thead>
          <tbody>
            {gateways.nodes.map((node) => (
              <tr key={node.node}>
                <td className="fc-mono">{node.node}</td>
                <td data-align="right">{f.number(node.links)}</td>
                <td data-align="right"><Marked mark={node.alive ? "done" : "offline"} colour={node.alive ? "available" : "offline"} word={t(node.alive ? "alive" : "gone")} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
};

export const JobsCard: CardOf = ({ system: { jobs } }) => {
  const t = useText(text);
  const f = useFormat();
  return (
    <Card title={t("jobs")}>
      <Facts
        facts={[
          [t("workers"), f.number(jobs.workers)],
          [t("oldest"), jobs.oldest_due_seconds === null ? t("idle") : f.duration(jobs.oldest_due_seconds)],
        ]}
      />
      {jobs.queues.length === 0 ? null : (
        <table className={classes["table"]}>
          <thead>
            <tr><th>{t("queueName")}</th><th data-align="right">{t("waiting")}</th><th data-align="right">{t("jobsRunning")}</th><th data-align="right">{t("failed")}</th></tr>
          </thead>
          <tbody>
            {jobs.queues.map((queue) => (
              <tr key={queue.queue}>
                <td className="fc-mono">{queue.queue}</td>
                <td data-align="right">{f.number(queue.waiting)}</td>
                <td data-align="right">{f.number(queue.running)}</td>
                <td data-align="right" data-bad={queue.failed > 0 || undefined}>{f.number(queue.failed)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
};

export const EventsCard: CardOf = ({ system: { outbox, versions } }) => {
  const t = useText(text);
  const f = useFormat();
  return (
    <Card title={t("events")}>
      <Facts
        facts={[
          [t("unsequenced"), f.number(outbox.unsequenced)],
          [t("lag"), outbox.lag_seconds === 0 ? t("upToDate") : f.duration(outbox.lag_seconds)],
          ...(outbox.position !== null ? [[t("position"), f.number(outbox.position)] as Fact] : []),
        ]}
      />
      <h3 className={classes["sub"]}>{t("versions")}</h3>
      <Facts facts={[["Forecourt", versions.forecourt], [t("python"), versions.python], ["PostgreSQL", versions.postgresql]]} />
    </Card>
  );
};

export const TellingCard: CardOf = ({ system: { telling } }) => {
  const t = useText(text);
  const f = useFormat();
  const facts: Fact[] = [
    [t("mail"), t(telling.mail_configured ? "mailOn" : "mailOff")],
    [t("mailsSent"), f.number(telling.mails_sent)],
    [t("mailsWaiting"), f.number(telling.mails_waiting)],
    [t("mailsFailed"), f.number(telling.mails_failed)],
    ...(telling.mails_not_sent > 0 ? [[t("mailsNotSent"), f.number(telling.mails_not_sent)] as Fact] : []),
    [t("hooksSent"), f.number(telling.webhooks_sent)],
    [t("hooksWaiting"), f.number(telling.webhooks_waiting)],
    [t("hooksFailed"), f.number(telling.webhooks_failed)],
  ];
  return (
    <Card title={t("telling")} note={t("lastDay")}>
      <Facts facts={facts} />
    </Card>
  );
};

export const TablesCard: CardOf = ({ system: { partitions } }) => {
  const t = useText(text);
  const f = useFormat();
  const size = useSize();
  const sizes = partitions.some((part) => part.size_bytes !== null);
  return (
    <Card title={t("tables")}>
      <table className={classes["table"]}>
        <thead>
          <tr><th>{t("table")}</th><th data-align="right">{t("days")}</th><th data-align="right">{t("ahead")}</th>{sizes ? <th data-align="right">{t("size")}</th> : null}</tr>
        </thead>
        <tbody>
          {partitions.map((part) => (
            <tr key={part.table}>
              <td className="fc-mono">{part.table}</td>
              <td data-align="right">{f.number(part.partitions)}</td>
              <td data-align="right">{f.number(part.days_ahead)}</td>
              {sizes ? <td data-align="right">{part.size_bytes === null ? "" : size(part.size_bytes)}</td> : null}
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
};
