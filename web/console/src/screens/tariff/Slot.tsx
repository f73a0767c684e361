/** The editable words of a sentence: fields that look like words, as wide as what stands in them. */
import { Checkbox, Popover } from "@mantine/core";
import { createContext, useContext, useId, useState } from "react";
import { Button } from "#shared/button/Button";
import { useLanguage, useText } from "#shared/i18n/i18n";
import { DAYS, type Value } from "#shared/tariff/model";
import type { Piece, Slot } from "#shared/tariff/sentences";
import { text } from "./text";
import { read, shift, show } from "#shared/tariff/values";
import classes from "./tariff.module.css";

interface Editing {
  editable: boolean;
  /** The path that the API refuses, and why. */
  refused: { path: string; what: string } | null;
  change: (path: string, value: Value, about: string) => void;
  settle: () => void;
}

export const EditingContext = createContext<Editing>({ editable: false, refused: null, change: () => undefined, settle: () => undefined });

/** A sentence: text and editable words. */
export function Sentence({ pieces }: { pieces: readonly Piece[] }) {
  const { editable, refused } = useContext(EditingContext);
  const t = useText(text);
  const bad = pieces.find((piece): piece is Slot => typeof piece !== "string" && refused !== null && piece.path === refused.path);
  return (
    <>
      <span className={classes["sentence"]}>
        {pieces.map((piece, index) => {
          if (typeof piece === "string") return <span key={index}>{piece}</span>;
          if (piece.fixed) return piece.path === "currency" ? <b key={piece.path}>{piece.text}</b> : null;
          return editable ? <Word key={piece.path} slot={piece} /> : <Plain key={piece.path} slot={piece} />;
        })}
      </span>
      {bad && refused ? <span className={classes["refused"]} role="alert">{t("refusedField", { what: bad.label, why: refused.what })}</span> : null}
    </>
  );
}

function Plain({ slot }: { slot: Slot }) {
  return <b className={classes["plain"]}>{[slot.before, slot.text || "–", slot.after].filter(Boolean).join("\u00a0")}</b>;
}

function Word({ slot }: { slot: Slot }) {
  if (slot.kind === "choice") return <ChoiceWord slot={slot} />;
  return slot.kind === "many" ? <ManyWord slot={slot} /> : <TypedWord slot={slot} />;
}

function TypedWord({ slot }: { slot: Slot }) {
  const { change, settle, refused } = useContext(EditingContext);
  const { language } = useLanguage();
  const t = useText(text);
  const id = useId();
  // While it is typed, what stands in it is the typist's; afterwards the document's.
  const [typed, setTyped] = useState<string | null>(null);
  const value = typed === null ? null : read(slot.kind, typed);
  const wrong = typed !== null && (value === null || (value === undefined && slot.needed));
  const [left, setLeft] = useState<string | null>(null);
  const shown = typed ?? left ?? slot.text;
  const error = left === null ? null : t(slot.needed && left.trim() === "" ? "needed" : `wrong_${slot.kind}` as "wrong_price");
  const commit = (next: string) => {
    setTyped(next);
    setLeft(null);
    const read_ = read(slot.kind, next);
    // Emptied words go when they are left, so that the field stays while it is retyped.
    if (read_ !== null && read_ !== undefined) change(slot.path, read_, slot.path);
  };
  return (
    <span className={classes["slot"]} data-bad={error !== null || refused?.path === slot.path || undefined}>
      {slot.before ? <span>{slot.before}&nbsp;</span> : null}
      <input
        aria-label={slot.label}
        aria-invalid={error !== null || refused?.path === slot.path || undefined}
        aria-describedby={error ? id : undefined}
        data-path={slot.path}
        value={shown}
        size={Math.max(2, shown.length)}
        autoComplete="off"
        spellCheck={false}
        inputMode={slot.kind === "price" || slot.kind === "decimal" || slot.kind === "energy" ? "decimal" : undefined}
        placeholder={slot.kind === "decimal" ? "–" : undefined}
        onFocus={(event) => event.currentTarget.select()}
        onChange={(event) => commit(event.currentTarget.value)}
        onBlur={() => {
          if (wrong) setLeft(typed);
          else if (typed !== null && value === undefined) change(slot.path, undefined, slot.path);
          setTyped(null);
          settle();
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter") event.currentTarget.blur();
          if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
          const step = stepped(slot, shown, event.key === "ArrowUp" ? 1 : -1);
          if (step === null || event.altKey) return;
          event.preventDefault();
          commit(show(slot.kind, step, language));
        }}
      />
      {slot.after ? <span>&nbsp;{slot.after}</span> : null}
      {error ? <span id={id} className={classes["slotError"]} role="alert">{error}</span> : null}
    </span>
  );
}

/** Arrow keys: a cent, a quarter of an hour, a minute. */
function stepped(slot: Slot, shown: string, by: number): Value | null {
  const value = read(slot.kind, shown);
  if (slot.kind === "price" && typeof value === "string") {
    const cents = BigInt(shift(value, 4).split(".")[0] ?? "0") + BigInt(by * 100);
    return cents < 0n ? null : shift(cents.toString(), -4);
  }
  if (slot.kind === "time" && typeof value === "string") {
    const minutes = Number(value.slice(0, 2)) * 60 + Number(value.slice(3)) + by * 15;
    return minutes < 0 || minutes > 1440 ? null : `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
  }
  return slot.kind === "duration" && typeof value === "number" ? Math.max(0, value + by * 60) : null;
}

function ChoiceWord({ slot }: { slot: Slot }) {
  const { change } = useContext(EditingContext);
  const current = slot.value === undefined ? "" : String(slot.value);
  return (
    <span className={classes["slot"]}>
      <select
        aria-label={slot.label}
        data-path={slot.path}
        value={current}
        onChange={(event) => {
          const next = event.currentTarget.value;
          change(slot.path, next === "" ? undefined : next === "true" ? true : next === "false" ? false : next, "");
        }}
      >
        {slot.options?.map((option) => <option key={option.value} value={option.value}>{option.label}</option>)}
      </select>
    </span>
  );
}

function ManyWord({ slot }: { slot: Slot }) {
  const { change } = useContext(EditingContext);
  const t = useText(text);
  const [opened, setOpened] = useState(false);
  const values = (slot.value as string[] | undefined) ?? [];
  const order = slot.options?.map((option) => option.value) ?? [];
  const set = (next: readonly string[]) => change(slot.path, order.filter((value) => next.includes(value)), "");
  const days = order.length === DAYS.length;
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-start" trapFocus returnFocus>
      <Popover.Target>
        <button type="button" className={classes["slot"]} data-path={slot.path} aria-label={`${slot.label}: ${slot.text}`} aria-haspopup="dialog" aria-expanded={opened} onClick={() => setOpened(!opened)}>
          {slot.text || "–"}
        </button>
      </Popover.Target>
      <Popover.Dropdown className={classes["options"] ?? ""} aria-label={slot.label}>
        {days ? (
          <div className={classes["presets"]}>
            <Button size="sm" onClick={() => set(DAYS.slice(0, 5))}>{t("weekdays")}</Button>
            <Button size="sm" onClick={() => set(DAYS.slice(5))}>{t("weekend")}</Button>
            <Button size="sm" onClick={() => set(DAYS)}>{t("allDays")}</Button>
          </div>
        ) : null}
        {slot.options?.map((option) => (
          <Checkbox
            key={option.value}
            size="xs"
            label={option.label}
            checked={values.includes(option.value)}
            onChange={() => set(values.includes(option.value) ? values.filter((one) => one !== option.value) : [...values, option.value])}
          />
        ))}
      </Popover.Dropdown>
    </Popover>
  );
}
