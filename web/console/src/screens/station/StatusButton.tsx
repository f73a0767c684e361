import { Tooltip } from "@mantine/core";
import { Button, type ButtonLook } from "#shared/button/Button";
import { useCommandsOff } from "#shared/command/CommandButton";
import { secondsLeft, type CommandOut } from "#shared/command/outcome";
import { text as commandText } from "#shared/command/text";
import { useNow } from "#shared/format/Time";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";

interface StatusButtonProps extends ButtonLook {
  /** The command that is under way; the button then is its status. */
  open: CommandOut | null;
  label: string;
  /** For screen readers, with the thing: "Stop at connector 2". */
  name: string;
  busyLabel: string;
  disabled?: boolean;
  onPress: () => void;
}

/** A button that is the status of what it sent, also after the page was loaded again. */
export function StatusButton({ open, label, name, busyLabel, disabled, onPress, ...look }: StatusButtonProps) {
  const t = useText(commandText);
  const f = useFormat();
  const now = useNow();
  const off = useCommandsOff();
  if (open) {
    const left = open.status === "accepted" ? 0 : secondsLeft(open, now);
    return (
      <Button {...look} icon="clock" disabled data-status="open">
        {left > 0 ? t("busy", { what: busyLabel, wait: f.duration(left) }) : `${busyLabel} …`}
      </Button>
    );
  }
  const button = <Button {...look} aria-label={name} disabled={disabled || off !== null} onClick={onPress}>{label}</Button>;
  return off === null ? button : <Tooltip label={off}><span>{button}</span></Tooltip>;
}
