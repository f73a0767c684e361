/**
 * A button that sends a command and turns into its own status until it is proven.
 *
 *     <CommandButton station={id} kind="unlock-connector" params={{ evse_no: 2 }} title={`Unlock connector 2 on ${name}`}
 *       label="Unlock connector 2" busyLabel="Unlocking" icon="unlock" />
 *     <CommandButton … label="Reset…" confirm={question} paramsOf={(answer) => ({ type: answer.option })} />
 *
 * Without the permission or without live data it is off and says why.
 */
import { Tooltip } from "@mantine/core";
import { useLost } from "#console/frame/LinkSign";
import { useMay } from "#shared/api/session";
import { Button, type ButtonLook } from "#shared/button/Button";
import { useNow } from "#shared/format/Time";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { useCommands } from "./CommandsProvider";
import type { Answer, Question } from "./ConfirmDialog";
import { secondsLeft } from "./outcome";
import { text } from "./text";
import { useCommand, type CommandKind } from "./useCommand";

interface CommandButtonProps extends ButtonLook {
  /** Id (`sta_…`) or identity. */
  station: string;
  kindOfCommand: CommandKind;
  params?: Record<string, unknown>;
  /** Ask first; the label then ends in "…". */
  confirm?: Question;
  /** Parameters from the answer. */
  paramsOf?: (answer: Answer) => Record<string, unknown>;
  /** For the toast, with the thing's name. */
  title: string;
  label: string;
  /** While it is under way: "Unlocking". */
  busyLabel: string;
  disabled?: boolean;
}

export function CommandButton({ station, kindOfCommand, params = {}, confirm, paramsOf, title, label, busyLabel, disabled, ...look }: CommandButtonProps) {
  const t = useText(text);
  const f = useFormat();
  const now = useNow();
  const { ask } = useCommands();
  const command = useCommand({ station, kind: kindOfCommand, title });
  const off = useCommandsOff();
  const press = async () => {
    const answer = confirm ? await ask(confirm) : { option: "", reason: "" };
    if (answer !== null) await command.send({ ...params, ...(paramsOf?.(answer) ?? {}) }, answer.reason || undefined);
  };
  if (command.open) {
    const left = command.outcome === null || command.outcome.status === "accepted" ? 0 : secondsLeft(command.outcome, now);
    return (
      <Button {...look} kind="default" icon="clock" disabled data-status="open">
        {left > 0 ? t("busy", { what: busyLabel, wait: f.duration(left) }) : `${busyLabel} …`}
      </Button>
    );
  }
  const button = (
    <Button {...look} disabled={disabled || off !== null} onClick={() => void press()}>
      {label}
    </Button>
  );
  return off === null ? button : <Tooltip label={off}><span>{button}</span></Tooltip>;
}

/** Why commands cannot be sent now, in words; null: they can. */
export function useCommandsOff(permission = "stations:command"): string | null {
  const t = useText(text);
  const may = useMay();
  const lost = useLost();
  if (!may(permission)) return t("noPermission", { permission });
  return lost ? t("waitsForLive") : null;
}
