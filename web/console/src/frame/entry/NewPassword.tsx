import { TextField } from "#shared/form/fields";
import { useEntryText } from "./words";

export interface Typed {
  password: string;
  repeated: string;
}

/** What is wrong with a new password, by field; nothing if it will do. */
export function faults({ password, repeated }: Typed): { password?: "tooWeak"; repeated?: "differs" } {
  return {
    ...(password.length < 10 || password.length > 256 ? { password: "tooWeak" as const } : {}),
    ...(password !== repeated ? { repeated: "differs" as const } : {}),
  };
}

/** A new password, twice; `shown` tells whether its faults are told yet. */
export function NewPassword({ value, onChange, shown }: { value: Typed; onChange: (next: Typed) => void; shown: boolean }) {
  const { t } = useEntryText();
  const wrong = shown ? faults(value) : {};
  return (
    <>
      <TextField
        label={t("newPassword")}
        help={t("passwordHelp")}
        type="password"
        name="new-password"
        autoComplete="new-password"
        value={value.password}
        onChange={(password) => onChange({ ...value, password })}
        error={wrong.password ? t(wrong.password) : undefined}
      />
      <TextField
        label={t("repeat")}
        type="password"
        name="repeat-password"
        autoComplete="new-password"
        value={value.repeated}
        onChange={(repeated) => onChange({ ...value, repeated })}
        error={wrong.repeated ? t(wrong.repeated) : undefined}
      />
    </>
  );
}
