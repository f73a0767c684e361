import { Checkbox, Popover } from "@mantine/core";
import { useState } from "react";
import { Icon } from "#shared/icon/Icon";
import classes from "./alerts.module.css";

interface PickProps {
  label: string;
  /** Chosen ids; null: all. */
  value: string[] | null;
  onChange: (value: string[] | null) => void;
  options: readonly { id: string; name: string }[];
  all: string;
  none: string;
  count: (count: number) => string;
  disabled?: boolean;
}

/** A word of a sentence that stands for all of something, or for some of it. */
export function Pick({ label, value, onChange, options, all, none, count, disabled }: PickProps) {
  const [opened, setOpened] = useState(false);
  const [only] = value ?? [];
  const word = value === null ? all : value.length === 0 ? none : value.length === 1 ? (options.find((one) => one.id === only)?.name ?? count(1)) : count(value.length);
  const toggle = (id: string, on: boolean) => {
    const before = value ?? [];
    onChange(on ? [...before, id] : before.filter((one) => one !== id));
  };
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-start" trapFocus>
      <Popover.Target>
        <button type="button" className={classes["word"]} aria-label={`${label}: ${word}`} aria-expanded={opened} aria-haspopup="dialog" disabled={disabled} onClick={() => setOpened(!opened)}>
          {word}
          <Icon name="down" size={12} />
        </button>
      </Popover.Target>
      <Popover.Dropdown className={classes["options"] ?? ""} aria-label={label}>
        <Checkbox size="xs" label={all} checked={value === null} onChange={(event) => onChange(event.currentTarget.checked ? null : [])} />
        {options.map((one) => (
          <Checkbox key={one.id} size="xs" label={one.name} checked={value?.includes(one.id) ?? false} onChange={(event) => toggle(one.id, event.currentTarget.checked)} />
        ))}
      </Popover.Dropdown>
    </Popover>
  );
}
