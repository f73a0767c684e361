/**
 * Asks before something has consequences: names the thing, what stops, whose money, how long. The safe option is
 * chosen, the button repeats the verb and is red only when the chosen option harms.
 *
 *     const { ask } = useCommands();
 *     const answer = await ask({
 *       title: "Reset UTR-P3-07",
 *       consequences: [{ text: "1 session ends: 41.87 kWh, € 24.70", harms: true }, { text: "Back in about 2 min" }],
 *       options: [{ value: "soft", label: "When idle", help: "…" }, { value: "hard", label: "Now", help: "…", harms: true }],
 *       verb: "Reset",
 *     });
 *     if (answer) send({ type: answer.option });
 */
import { Modal } from "@mantine/core";
import { useState } from "react";
import { Button } from "#shared/button/Button";
import { ChoiceField, TextField } from "#shared/form/fields";
import { useText } from "#shared/i18n/i18n";
import { Icon } from "#shared/icon/Icon";
import { text } from "./text";
import classes from "./command.module.css";

export interface Question {
  /** The thing by its name, with the verb: "Reset UTR-P3-07". */
  title: string;
  /** What happens, a line each; those that harm are red. */
  consequences: readonly { text: string; harms?: boolean }[];
  /** Ways to do it; the first is the safe one. */
  options?: readonly { value: string; label: string; help?: string; harms?: boolean }[];
  /** On the button, e.g. "Reset". */
  verb: string;
  /** It harms whatever is chosen. */
  harms?: boolean;
  /** Ask for a reason. */
  reason?: boolean;
  /** Beyond 20 things: their number has to be typed. */
  typeNumber?: number;
}

export interface Answer {
  option: string;
  reason: string;
}

export function ConfirmDialog({ question, onAnswer }: { question: Question; onAnswer: (answer: Answer | null) => void }) {
  const t = useText(text);
  return (
    <Modal opened onClose={() => onAnswer(null)} title={question.title} size={480} closeButtonProps={{ "aria-label": t("dismiss") }}>
      <Body key={question.title} question={question} onAnswer={onAnswer} />
    </Modal>
  );
}

function Body({ question, onAnswer }: { question: Question; onAnswer: (answer: Answer | null) => void }) {
  const t = useText(text);
  const [option, setOption] = useState(question.options?.[0]?.value ?? "");
  const [reason, setReason] = useState("");
  const [typed, setTyped] = useState("");
  const harms = question.harms ?? question.options?.find((one) => one.value === option)?.harms ?? false;
  const unlocked = question.typeNumber === undefined || typed.trim() === String(question.typeNumber);
  return (
    <form
      className={classes["dialog"]}
      onSubmit={(event) => {
        event.preventDefault();
        if (unlocked) onAnswer({ option, reason });
      }}
    >
      <ul className={classes["consequences"]}>
        {question.consequences.map((line) => (
          <li key={line.text} data-harms={line.harms || undefined}>
            <Icon name={line.harms ? "warn" : "check"} />
            <span>{line.text}</span>
          </li>
        ))}
      </ul>
      {question.options ? <ChoiceField label={question.verb} value={option} onChange={setOption} options={question.options} /> : null}
      {question.reason ? <TextField label={t("reason")} value={reason} onChange={setReason} maxLength={300} /> : null}
      {question.typeNumber === undefined ? null : (
        <TextField label={t("typeNumber", { number: String(question.typeNumber) })} value={typed} onChange={setTyped} autoComplete="off" />
      )}
      <footer>
        <Button onClick={() => onAnswer(null)} data-autofocus>{t("cancel")}</Button>
        <Button type="submit" kind={harms ? "danger" : "primary"} disabled={!unlocked}>{question.verb}</Button>
      </footer>
    </form>
  );
}
