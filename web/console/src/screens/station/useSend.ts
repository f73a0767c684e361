import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { api, ApiError, data } from "#shared/api/client";
import { useCommands } from "#shared/command/CommandsProvider";
import type { CommandOut } from "#shared/command/outcome";
import { sendCommand, type CommandKind } from "#shared/command/useCommand";

export interface Send {
  command: (kind: CommandKind, params: Record<string, unknown>, title: string, because?: string) => Promise<CommandOut | null>;
  start: (evse: string, idToken: string | null, title: string) => Promise<CommandOut | null>;
  stop: (session: string, title: string) => Promise<CommandOut | null>;
}

/** Sends commands to the station; a toast follows each, the station's list keeps it. */
export function useSend(station: string): Send {
  const client = useQueryClient();
  const { track, refuse } = useCommands();
  const follow = useCallback(
    async (title: string, sent: Promise<CommandOut>): Promise<CommandOut | null> => {
      try {
        const command = await sent;
        client.setQueryData(["commands", "one", command.id], command);
        void client.invalidateQueries({ queryKey: ["commands", "of", station] });
        track(command.id, title);
        return command;
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        refuse(title, error);
        return null;
      }
    },
    [client, refuse, station, track],
  );
  return {
    command: (kind, params, title, because) => follow(title, sendCommand(station, kind, params, { because })),
    start: (evse, idToken, title) => follow(title, data(api.POST("/api/v1/sessions", { body: { evse_id: evse, ...(idToken ? { id_token: idToken } : {}) } }))),
    stop: (session, title) => follow(title, data(api.POST("/api/v1/sessions/{session}/stop", { params: { path: { session } } }))),
  };
}
