import { Popover } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { Button } from "#shared/button/Button";
import { NumberField, readDecimal, TextField } from "#shared/form/fields";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { Icon } from "#shared/icon/Icon";
import type { TableState } from "#shared/table/useTableState";
import { text } from "./text";
import classes from "./sessions.module.css";

/** When sessions were opened: some days of the operator, in words that move on or as dates. */
export function PeriodChip({ state }: { state: TableState }) {
  const t = useText(text);
  const f = useFormat();
  const [from, to] = [state.address.filters["from"]?.[0], state.address.filters["to"]?.[0]];
  const word = (value: string): string => {
    if (value === "today") return t("todayWord");
    const days = /^(\d+)d$/.exec(value)?.[1];
    return days ? t("days", { count: days }) : f.time(`${value}T12:00:00Z`, "date", "UTC");
  };
  const relative = from !== undefined && !from.includes("-");
  let said: string | null = null;
  if (from && to) said = from === to ? word(from) : t("between", { from: word(from), to: word(to) });
  else if (from) said = relative ? word(from) : t("since", { day: word(from) });
  else if (to) said = t("until", { day: word(to) });
  return (
    <Chip label={t("when")} said={said} onClear={() => setBoth(state, ["from", "to"], [undefined, undefined])}>
      {(close) => (
        <>
          <div className={classes["presets"]}>
            {["today", "7d", "30d"].map((value) => (
              <Button key={value} size="sm" kind={from === value && !to ? "primary" : "default"} onClick={() => { setBoth(state, ["from", "to"], [value, undefined]); close(); }}>
                {word(value)}
              </Button>
            ))}
          </div>
          <Pair
            state={state} names={["from", "to"]} close={close}
            field={(which, value, onChange) => <TextField type="date" label={which === 0 ? t("from") : t("to")} value={value.includes("-") ? value : ""} onChange={onChange} />}
          />
        </>
      )}
    </Chip>
  );
}

/** What they cost, with tax, in the operator's currency. */
export function CostChip({ state, currency }: { state: TableState; currency: string }) {
  const t = useText(text);
  const f = useFormat();
  const [least, most] = [state.address.filters["min_cost"]?.[0], state.address.filters["max_cost"]?.[0]];
  const word = (value: string) => f.money(value, currency);
  let said: string | null = null;
  if (least && most) said = t("between", { from: word(least), to: word(most) });
  else if (least) said = t("over", { amount: word(least) });
  else if (most) said = t("under", { amount: word(most) });
  return (
    <Chip label={t("price")} said={said} onClear={() => setBoth(state, ["min_cost", "max_cost"], [undefined, undefined])}>
      {(close) => (
        <Pair
          state={state} names={["min_cost", "max_cost"]} close={close} read={(typed) => (typed === "" ? "" : readDecimal(typed))}
          field={(which, value, onChange, error) => (
            <NumberField label={which === 0 ? t("atLeast") : t("atMost")} unit={currency} value={value} onChange={onChange} error={error ? t("notNumber") : undefined} />
          )}
        />
      )}
    </Chip>
  );
}

interface ChipProps {
  label: string;
  /** What is set, in words; null: nothing. */
  said: string | null;
  onClear: () => void;
  children: (close: () => void) => ReactNode;
}

function Chip({ label, said, onClear, children }: ChipProps) {
  const t = useText(text);
  const [opened, setOpened] = useState(false);
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-start" trapFocus>
      <span className={classes["chip"]} data-on={said !== null || undefined}>
        <Popover.Target>
          <button type="button" aria-expanded={opened} aria-haspopup="dialog" onClick={() => setOpened(!opened)}>
            {label} <b>{said ?? t("any")}</b>
            {said === null ? <Icon name="down" /> : null}
          </button>
        </Popover.Target>
        {said === null ? null : (
          <button type="button" aria-label={t("clearFilter", { name: label })} onClick={onClear}>
            <Icon name="close" />
          </button>
        )}
      </span>
      <Popover.Dropdown aria-label={label}>{opened ? children(() => setOpened(false)) : null}</Popover.Dropdown>
    </Popover>
  );
}

interface PairProps {
  state: TableState;
  names: readonly [string, string];
  close: () => void;
  field: (which: 0 | 1, value: string, onChange: (value: string) => void, error: boolean) => ReactNode;
  /** The value in the address for what was typed; null: it cannot be read. */
  read?: (typed: string) => string | null;
}

/** Two fields and a button; what was typed counts when it is applied. */
function Pair({ state, names, close, field, read = (typed) => typed }: PairProps) {
  const t = useText(text);
  const [low, setLow] = useState(state.address.filters[names[0]]?.[0] ?? "");
  const [high, setHigh] = useState(state.address.filters[names[1]]?.[0] ?? "");
  const [checked, setChecked] = useState(false);
  const values = [read(low), read(high)] as const;
  return (
    <form
      className={classes["pair"]}
      onSubmit={(event) => {
        event.preventDefault();
        setChecked(true);
        if (values[0] === null || values[1] === null) return;
        setBoth(state, names, [values[0] || undefined, values[1] || undefined]);
        close();
      }}
    >
      {field(0, low, setLow, checked && values[0] === null)}
      {field(1, high, setHigh, checked && values[1] === null)}
      <Button type="submit" kind="primary">{t("apply")}</Button>
    </form>
  );
}

/** Both ends of a range at once, so that it is one step of the browser's history. */
function setBoth(state: TableState, names: readonly [string, string], values: readonly [string | undefined, string | undefined]): void {
  const filters = Object.fromEntries(Object.entries(state.address.filters).filter(([name]) => !names.includes(name)));
  names.forEach((name, index) => {
    const value = values[index];
    if (value !== undefined) filters[name] = [value];
  });
  state.change({ filters });
}
