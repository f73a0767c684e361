import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useMay } from "#shared/api/session";
import { Time } from "#shared/format/Time";
import { useFormat } from "#shared/format/useFormat";
import { useLanguage, useText } from "#shared/i18n/i18n";
import { Icon } from "#shared/icon/Icon";
import { Card } from "#shared/page/Page";
import { maskToken } from "#shared/session/Flags";
import { sessionLook } from "#shared/session/looks";
import { text as sessionText } from "#shared/session/text";
import { SessionMark } from "#shared/session/SessionMark";
import { StateMark } from "#shared/state/StateMark";
import { LOOKS } from "#shared/state/vocabulary";
import type { Row } from "./queries";
import type { Entry, Fact } from "./story";
import { text } from "./text";
import { perUnit, wordOf } from "./words";
import classes from "./session.module.css";

/** A message that came so much later than what it tells was kept by the station for a while, in ms. */
const LATE_MS = 60_000;

/** What happened, each with its cause and the message behind it. */
export function Story({ row, entries }: { row: Row; entries: readonly Entry[] }) {
  const t = useText(text);
  const f = useFormat();
  const may = useMay();
  return (
    <Card title={t("story")} note={t("zone", { zone: f.zoneName(row.time_zone, new Date(row.opened_at)) })} bare>
      {entries.length === 0 ? <p className={classes["pad"]}>{t("noStory")}</p> : null}
      <ol className={classes["story"]}>
        {entries.map((entry, index) => {
          const message = entry.kind === "fact" ? entry.fact.message_id : null;
          return (
            <li key={index}>
              <Time at={entry.at} zone={row.time_zone} style="seconds" />
              <span className={classes["dot"]}>{markOf(entry)}</span>
              <span>
                <Sentence entry={entry} row={row} />
                {message && may("messages:read") ? (
                  <Link className={classes["source"]} to="/messages" search={{ station: row.station_id, correlation: message } as never}>{t("message")}</Link>
                ) : null}
              </span>
            </li>
          );
        })}
      </ol>
    </Card>
  );
}

function markOf(entry: Entry): ReactNode {
  if (entry.kind === "price") return <Icon name={entry.change.kind === "energy" ? "tag" : "clock"} />;
  if (entry.kind === "gap") return <StateMark state="offline" as="mark" />;
  if (entry.kind === "settled") return <SessionMark state="ended" settled as="mark" />;
  const { kind, state } = entry.fact;
  if (kind === "plugged") return <StateMark state="preparing" as="mark" />;
  if (kind === "authorised") return <Icon name="card" />;
  if (kind === "refused") return <Icon name="lock" />;
  if (kind === "started") return <Icon name="play" />;
  if (kind === "stopped") return <Icon name="stop" />;
  if (kind === "unplugged") return <StateMark state="available" as="mark" />;
  if (kind === "closed_by_evidence") return <Icon name="search" />;
  return <SessionMark state={state ?? ""} as="mark" />;
}

function Sentence({ entry, row }: { entry: Entry; row: Row }) {
  const t = useText(text);
  const f = useFormat();
  if (entry.kind === "price") {
    const price = row.currency ? perUnit(t, f, entry.change.unit_price, entry.change.unit, row.currency) : "";
    return <><b>{entry.change.kind === "idle_time" ? t("idleBegan") : t("priceChanged")}</b> {entry.change.kind === "idle_time" ? price : t("priceChangedTo", { price })}</>;
  }
  if (entry.kind === "gap") return <><b>{t("gap", { time: f.duration(entry.seconds) })}</b> {t("gapHelp")}</>;
  if (entry.kind === "settled") return <><b>{t("settled")}</b> {entry.revision === null ? "" : t("record", { revision: String(entry.revision) })}</>;
  return <FactSentence fact={entry.fact} row={row} />;
}

function FactSentence({ fact, row }: { fact: Fact; row: Row }) {
  const t = useText(text);
  const s = useText(sessionText);
  const f = useFormat();
  const { language } = useLanguage();
  const look = sessionLook(fact.state ?? "", false);
  const state = look.word ? s(look.word) : look.connector ? LOOKS[look.connector][language] : (fact.state ?? fact.kind);
  const word = fact.kind === "closed_by_evidence" ? t("closed") : fact.kind === "state" ? state : (wordOf(t, fact.kind) ?? fact.kind);
  const late = Date.parse(fact.received_at) - Date.parse(fact.at);
  const token = fact.kind === "authorised" || fact.kind === "refused" ? maskToken(row.token) : null;
  const rest = [
    token,
    fact.kind === "started" ? (fact.cause === "remote" ? t("byRemote") : t("byStation")) : null,
    fact.meter_wh === null ? null : t("meterAt", { energy: f.energy(fact.meter_wh, 3) }),
    late > LATE_MS ? t("toldLate", { age: f.duration(late / 1000) }) : null,
  ].filter(Boolean);
  const cause = fact.cause && !["status", "station", "remote"].includes(fact.cause) ? fact.cause : null;
  return <><b>{word}</b> {rest.join(", ")} {cause === null ? null : <span className={classes["cause"]}>{cause}</span>}</>;
}
