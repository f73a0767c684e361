import { useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { api } from "#shared/api/client";
import { useCommands } from "#shared/command/CommandsProvider";
import { useText } from "#shared/i18n/i18n";
import { each, REASONS, type Token } from "./api";
import { text } from "./text";

/** Blocks and unblocks tokens, one or many, after asking. */
export function useBlocking() {
  const t = useText(text);
  const client = useQueryClient();
  const { ask, say } = useCommands();
  return useMemo(() => {
    const finish = (title: "blockedNow" | "unblockedNow", count: number, failed: number) => {
      say(t(title, { count: count - failed }), failed > 0 ? t("notDone", { count: failed }) : undefined);
      void client.invalidateQueries({ queryKey: ["tokens"] });
    };
    return {
      block: async (tokens: readonly Token[]): Promise<boolean> => {
        const count = tokens.length;
        const answer = await ask({
          title: t("blockTitle", { count }),
          consequences: [{ text: t("blockEffect"), harms: true }, { text: t("blockRunning") }],
          options: REASONS.map((reason) => ({ value: reason, label: t(reason) })),
          verb: t("blockVerb"),
          harms: true,
          ...(count > 20 ? { typeNumber: count } : {}),
        });
        if (!answer) return false;
        const failed = await each(tokens, (token) =>
          api.POST("/api/v1/tokens/{token}/block", { params: { path: { token: token.id } }, body: { reason: answer.option } }),
        );
        finish("blockedNow", count, failed);
        return true;
      },
      unblock: async (tokens: readonly Token[]): Promise<void> => {
        const failed = await each(tokens, (token) => api.POST("/api/v1/tokens/{token}/unblock", { params: { path: { token: token.id } } }));
        finish("unblockedNow", tokens.length, failed);
      },
    };
  }, [t, client, ask, say]);
}
