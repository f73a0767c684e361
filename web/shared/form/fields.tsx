/**
 * Form fields: label above, unit inside, error below in words. They are controlled by a plain value:
 *
 *     <TextField label="Name" value={draft.name} onChange={(name) => setDraft({ ...draft, name })} error={errors.name} />
 *     <NumberField label="Limit" unit="kW" value={draft.limit} onChange={…} />
 *
 * Check a field when it is left (`onBlur`), not while typing.
 */
import { PasswordInput, Switch, TextInput, Textarea } from "@mantine/core";
import { useId, type ReactNode } from "react";
import { defineText, useText } from "#shared/i18n/i18n";
import classes from "./fields.module.css";

const text = defineText({ reveal: "Show or hide the password" }, { reveal: "Passwort zeigen oder verbergen" });

interface FieldProps {
  label: string;
  /** One line under the label: what it is for. */
  help?: string;
  /** What is wrong, in words; shown below, read out. */
  error?: string | undefined;
  disabled?: boolean;
  required?: boolean;
  onBlur?: () => void;
}

interface TextFieldProps extends FieldProps {
  value: string;
  onChange: (value: string) => void;
  type?: "text" | "email" | "password" | "search" | "url" | "time" | "date" | "datetime-local";
  name?: string;
  autoComplete?: string;
  autoFocus?: boolean;
  placeholder?: string;
  /** Ids, numbers and payloads. */
  mono?: boolean;
  /** Lines; more than one makes a text area. */
  rows?: number;
  maxLength?: number;
  unit?: string;
}

/** Text of one line, or of `rows` lines. */
export function TextField({ label, help, error, value, onChange, type = "text", mono, rows, unit, ...rest }: TextFieldProps) {
  const t = useText(text);
  const common = {
    label,
    description: help,
    error,
    value,
    withAsterisk: false,
    classNames: { label: classes["label"] ?? "", input: [classes["input"], mono ? classes["mono"] : ""].join(" "), error: classes["error"] ?? "" },
    ...rest,
  };
  if (type === "password") return <PasswordInput {...common} visibilityToggleButtonProps={{ "aria-label": t("reveal") }} onChange={(event) => onChange(event.currentTarget.value)} />;
  if (rows && rows > 1) return <Textarea {...common} rows={rows} onChange={(event) => onChange(event.currentTarget.value)} />;
  return (
    <TextInput
      {...common}
      type={type}
      rightSection={unit ? <span className={classes["unit"]}>{unit}</span> : undefined}
      rightSectionPointerEvents="none"
      rightSectionWidth={unit ? 14 + unit.length * 8 : undefined}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

interface NumberFieldProps extends FieldProps {
  /** As typed: decimals stay text, so that money and energy are never floats. */
  value: string;
  onChange: (value: string) => void;
  /** Inside the field: kW, kWh, €, min. */
  unit?: string;
  placeholder?: string;
}

/** A number as typed, with its unit inside. Take it apart with `readDecimal` when the field is left. */
export function NumberField({ label, help, error, value, onChange, unit, ...rest }: NumberFieldProps) {
  return (
    <TextInput
      label={label}
      description={help}
      error={error}
      value={value}
      inputMode="decimal"
      classNames={{ label: classes["label"] ?? "", input: [classes["input"], classes["number"]].join(" "), error: classes["error"] ?? "" }}
      rightSection={unit ? <span className={classes["unit"]}>{unit}</span> : undefined}
      rightSectionPointerEvents="none"
      rightSectionWidth={unit ? 14 + unit.length * 8 : undefined}
      onChange={(event) => onChange(event.currentTarget.value)}
      {...rest}
    />
  );
}

/** What was typed as a decimal in the API's form ("1234.5"), or null: takes comma and point, spaces and a real minus. */
export function readDecimal(typed: string): string | null {
  const plain = typed.trim().replace(/[\s  ]/g, "").replace("−", "-").replace(",", ".");
  return /^-?\d+(\.\d+)?$/.test(plain) ? plain : null;
}

export interface Option {
  value: string;
  label: string;
  disabled?: boolean;
}

interface SelectFieldProps extends FieldProps {
  value: string;
  onChange: (value: string) => void;
  options: readonly Option[];
  /** Shown while nothing is chosen. */
  placeholder?: string;
}

/** One of some; the browser's own list, which works everywhere. */
export function SelectField({ label, help, error, value, onChange, options, placeholder, ...rest }: SelectFieldProps) {
  const id = useId();
  return (
    <div className={classes["field"]}>
      <label htmlFor={id} className={classes["label"]}>{label}</label>
      {help ? <p className={classes["help"]}>{help}</p> : null}
      <select
        id={id}
        className={classes["select"]}
        value={value}
        aria-invalid={error ? true : undefined}
        aria-describedby={error ? `${id}-error` : undefined}
        onChange={(event) => onChange(event.currentTarget.value)}
        {...rest}
      >
        {placeholder || !options.some((option) => option.value === value) ? <option value="">{placeholder ?? ""}</option> : null}
        {options.map((option) => (
          <option key={option.value} value={option.value} disabled={option.disabled}>{option.label}</option>
        ))}
      </select>
      {error ? <p id={`${id}-error`} className={classes["error"]} role="alert">{error}</p> : null}
    </div>
  );
}

interface SwitchFieldProps extends FieldProps {
  value: boolean;
  onChange: (value: boolean) => void;
}

/** On or off, at once clear which. */
export function SwitchField({ label, help, error, value, onChange, disabled }: SwitchFieldProps) {
  return (
    <Switch label={label} description={help} error={error} checked={value} disabled={disabled} onChange={(event) => onChange(event.currentTarget.checked)} />
  );
}

interface ChoiceFieldProps extends FieldProps {
  value: string;
  onChange: (value: string) => void;
  options: readonly (Option & { help?: string })[];
}

/** One of a few, all visible, each with what it does. */
export function ChoiceField({ label, help, error, value, onChange, options, disabled }: ChoiceFieldProps) {
  const name = useId();
  return (
    <fieldset className={classes["choices"]} disabled={disabled}>
      <legend className={classes["label"]}>{label}</legend>
      {help ? <p className={classes["help"]}>{help}</p> : null}
      {options.map((option) => (
        <label key={option.value} data-chosen={option.value === value || undefined}>
          <input type="radio" name={name} value={option.value} checked={option.value === value} disabled={option.disabled} onChange={() => onChange(option.value)} />
          <span>
            <b>{option.label}</b>
            {option.help ? <small>{option.help}</small> : null}
          </span>
        </label>
      ))}
      {error ? <p className={classes["error"]} role="alert">{error}</p> : null}
    </fieldset>
  );
}

/** Fields below each other, or in `columns` where there is room. */
export function Fields({ columns = 1, children }: { columns?: 1 | 2 | 3; children: ReactNode }) {
  return <div className={classes["fields"]} data-columns={columns}>{children}</div>;
}
