/**
 * Commands to stations, tracked until they are proven.
 *
 *     const unlock = useCommand({ station: station.id, kind: "unlock-connector", title: `Unlock connector 2 on ${name}` });
 *     <Button busy={unlock.open} onClick={() => unlock.send({ evse_no: 2 })}>Unlock connector 2</Button>
 *
 * `send` shows a toast that follows the outcome. Most screens use `CommandButton` instead.
 */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { api, ApiError, data, newKey } from "#shared/api/client";
import { useCommands } from "./CommandsProvider";
import { isOpen, type CommandOut } from "./outcome";

export type CommandKind =
  | "remote-start" | "remote-stop" | "reset" | "unlock-connector" | "change-availability" | "trigger-message" | "clear-cache"
  | "get-variables" | "set-variables" | "get-base-report" | "raw";

/** How often an open command is asked for; the live stream usually is faster. */
const POLL_MS = 2_000;

/** Follows a command by its id; null: nothing to follow. */
export function useCommandOutcome(id: string | null) {
  return useQuery({
    queryKey: ["commands", "one", id],
    queryFn: () => data(api.GET("/api/v1/commands/{command}", { params: { path: { command: id ?? "" } } })),
    enabled: id !== null,
    refetchInterval: (query) => (query.state.data === undefined || isOpen(query.state.data) ? POLL_MS : false),
  });
}

interface SendOptions {
  /** Makes a repeat harmless. */
  key?: string;
  /** A person's reason, for the audit trail. */
  because?: string | undefined;
  /** Seconds: answer with the outcome, or after so long. */
  wait?: number;
}

/** Sends one command. Throws `ApiError` when it is refused before it is kept. */
export async function sendCommand(station: string, kind: CommandKind, params: Record<string, unknown>, options: string | SendOptions = {}): Promise<CommandOut> {
  const { key = newKey(), because, wait } = typeof options === "string" ? { key: options } : options;
  return data(
    api.POST("/api/v1/stations/{station}/commands/{kind}", {
      params: { path: { station, kind }, query: { ...(because ? { because } : {}), ...(wait ? { wait } : {}) } },
      body: params,
      headers: { "Idempotency-Key": key },
    }),
  );
}

interface CommandOptions {
  /** Id (`sta_…`) or identity. */
  station: string;
  kind: CommandKind;
  /** Names the thing, for the toast: "Reset UTR-P3-07". */
  title: string;
}

export interface Command {
  send: (params?: Record<string, unknown>, because?: string) => Promise<CommandOut | null>;
  /** The command as it is now, once sent. */
  outcome: CommandOut | null;
  /** It is under way: the button shows it and stays. */
  open: boolean;
  /** Why it was refused before it was sent. */
  error: ApiError | null;
}

export function useCommand({ station, kind, title }: CommandOptions): Command {
  const client = useQueryClient();
  const { track, refuse } = useCommands();
  const [id, setId] = useState<string | null>(null);
  const [sending, setSending] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const followed = useCommandOutcome(id);
  const send = useCallback(
    async (params: Record<string, unknown> = {}, because?: string) => {
      setSending(true);
      setError(null);
      try {
        const command = await sendCommand(station, kind, params, { because });
        client.setQueryData(["commands", "one", command.id], command);
        setId(command.id);
        track(command.id, title);
        return command;
      } catch (thrown) {
        if (!(thrown instanceof ApiError)) throw thrown;
        setError(thrown);
        refuse(title, thrown);
        return null;
      } finally {
        setSending(false);
      }
    },
    [client, station, kind, title, track, refuse],
  );
  const outcome = followed.data ?? null;
  return { send, outcome, open: sending || (outcome !== null && isOpen(outcome)), error };
}
