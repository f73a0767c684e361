import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { isOpen, toneOf, type CommandOut } from "#shared/command/outcome";
import { useOutcomeWords } from "#shared/command/useOutcomeWords";
import { Time, useNow } from "#shared/format/Time";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { Icon } from "#shared/icon/Icon";
import { text } from "./text";
import { commandTitle } from "./words";
import classes from "./station.module.css";

type Step = { key: string; label: string; tone: "done" | "now" | "bad" | "good" | "later" };

/** The way of a command: what has happened, what is now, what is to come. */
function stepsOf(command: CommandOut, word: (status: string) => string, t: (key: "stepSent" | "stepAccepted" | "stepEffective" | "stepIneffective") => string): Step[] {
  const { status } = command;
  const sent: Step = { key: "sent", label: t("stepSent"), tone: status === "pending" ? "later" : status === "sent" ? "now" : "done" };
  if (status === "pending" || status === "sent") return [sent, { key: "accepted", label: t("stepAccepted"), tone: "later" }];
  if (status === "accepted") {
    const accepted: Step = { key: "accepted", label: t("stepAccepted"), tone: "now" };
    return isOpen(command) ? [sent, accepted, { key: "effective", label: t("stepEffective"), tone: "later" }] : [sent, accepted];
  }
  const accepted: Step = { key: "accepted", label: t("stepAccepted"), tone: "done" };
  if (status === "effective") return [sent, accepted, { key: "effective", label: t("stepEffective"), tone: "good" }];
  if (status === "ineffective") return [sent, accepted, { key: "ineffective", label: t("stepIneffective"), tone: "bad" }];
  const end: Step = { key: status, label: word(status), tone: "bad" };
  return command.sent_at === null ? [end] : [sent, end];
}

interface CommandItemProps {
  command: CommandOut;
  zone: string | null;
  opened?: boolean;
  full?: boolean;
}

/** One command with its steps; "Why" shows what was said. */
export function CommandItem({ command, zone, opened = false, full = false }: CommandItemProps) {
  const t = useText(text);
  const words = useOutcomeWords();
  const f = useFormat();
  const now = useNow();
  const [shown, setShown] = useState(opened);
  return (
    <li className={classes["command"]} data-open={isOpen(command) || undefined} data-tone={toneOf(command.status)}>
      <div className={classes["commandHead"]}>
        <b>{commandTitle(command, t)}</b>
        <span className={classes["quiet"]}><Time at={command.created_at} zone={zone} style={full ? "dateTime" : "seconds"} /></span>
      </div>
      <div className={classes["steps"]}>
        {stepsOf(command, words.word, t).map((step, index) => (
          <span key={step.key} data-tone={step.tone}>
            {index > 0 ? <i /> : null}
            {step.tone === "later" ? null : <Icon name={step.tone === "bad" ? "close" : step.tone === "now" ? "dot" : "check"} size={12} />}
            {step.label}
          </span>
        ))}
      </div>
      <p>
        {words.of(command, now, f)}
        {command.requested_by ? ` · ${t("by", { name: command.requested_by })}` : ""}{" "}
        <button type="button" className={classes["why"]} aria-expanded={shown} onClick={() => setShown(!shown)}>{t(shown ? "hide" : "why")}</button>
      </p>
      {shown ? (
        <dl className={classes["said"]}>
          <Said name={t("paramsOf")} value={command.params} />
          <Said name={t("answerOf")} value={command.reply} />
          <Said name={t("evidenceOf")} value={command.evidence} />
          <Link className="fc-link" to="." search={{ tab: "messages", correlation: command.id } as never}>{t("frames")}</Link>
        </dl>
      ) : null}
    </li>
  );
}

function Said({ name, value }: { name: string; value: Record<string, unknown> | null }) {
  const set = Object.entries(value ?? {}).filter(([, one]) => one !== null && one !== undefined);
  if (set.length === 0) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd className="fc-mono">{set.map(([key, one]) => `${key}: ${typeof one === "string" ? one : JSON.stringify(one)}`).join(", ")}</dd>
    </div>
  );
}
