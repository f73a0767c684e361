import { Checkbox, Popover } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { useText } from "#shared/i18n/i18n";
import { Icon } from "#shared/icon/Icon";
import { text } from "./text";
import classes from "./DataTable.module.css";

export interface FilterOption {
  value: string;
  label: string;
  count?: number | undefined;
  /** Before the label, e.g. a state's mark. */
  mark?: ReactNode;
}

export interface Filter {
  /** Parameter of the address and of the API. */
  name: string;
  label: string;
  options: readonly FilterOption[];
}

interface FilterChipProps {
  filter: Filter;
  values: readonly string[];
  onChange: (values: readonly string[]) => void;
}

/** A filter that reads as a sentence: "State faulted, offline". */
export function FilterChip({ filter, values, onChange }: FilterChipProps) {
  const t = useText(text);
  const [opened, setOpened] = useState(false);
  const chosen = values.map((value) => filter.options.find((option) => option.value === value)?.label ?? value);
  const toggle = (value: string) => onChange(values.includes(value) ? values.filter((one) => one !== value) : [...values, value]);
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-start" trapFocus>
      <span className={classes["chip"]} data-on={values.length > 0 || undefined}>
        <Popover.Target>
          <button type="button" aria-expanded={opened} aria-haspopup="dialog" onClick={() => setOpened(!opened)}>
            {filter.label} <b>{chosen.length > 0 ? chosen.join(", ") : t("any")}</b>
            {values.length > 0 ? null : <Icon name="down" />}
          </button>
        </Popover.Target>
        {values.length > 0 ? (
          <button type="button" aria-label={t("clearFilter", { name: filter.label })} onClick={() => onChange([])}>
            <Icon name="close" />
          </button>
        ) : null}
      </span>
      <Popover.Dropdown className={classes["options"] ?? ""} aria-label={filter.label}>
        {filter.options.map((option) => (
          <Checkbox
            key={option.value}
            size="xs"
            checked={values.includes(option.value)}
            onChange={() => toggle(option.value)}
            label={
              <span className={classes["option"]}>
                {option.mark}
                <span>{option.label}</span>
                {option.count === undefined ? null : <small>{option.count}</small>}
              </span>
            }
          />
        ))}
      </Popover.Dropdown>
    </Popover>
  );
}
