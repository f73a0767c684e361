import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, ApiError, data } from "#shared/api/client";
import { useCommands } from "#shared/command/CommandsProvider";
import { useText } from "#shared/i18n/i18n";
import { incidentQuery, type Incident } from "./queries";
import { text } from "./text";

type Act = { kind: "acknowledge"; note: string | null } | { kind: "resolve"; reason: string } | { kind: "comment"; text: string };

/** Take an incident, end it, say something about it. What others did meanwhile is not overwritten. */
export function useIncident(incident: Pick<Incident, "id" | "revision">) {
  const t = useText(text);
  const client = useQueryClient();
  const { say, ask, refuse } = useCommands();
  const path = { incident: incident.id };
  const header = { "if-match": `"${incident.revision}"` };
  const mutation = useMutation({
    mutationFn: (act: Act) => {
      if (act.kind === "acknowledge") return data(api.POST("/api/v1/incidents/{incident}/acknowledge", { params: { path, header }, body: { note: act.note } }));
      if (act.kind === "resolve") return data(api.POST("/api/v1/incidents/{incident}/resolve", { params: { path, header }, body: { reason: act.reason } }));
      return data(api.POST("/api/v1/incidents/{incident}/comment", { params: { path }, body: { text: act.text } }));
    },
    onSuccess: (after, act) => {
      client.setQueryData(incidentQuery(incident.id).queryKey, after);
      void client.invalidateQueries({ queryKey: ["incidents"] });
      if (act.kind !== "comment") say(t(act.kind === "acknowledge" ? "acknowledgedToast" : "resolvedToast"));
    },
    onError: (error) => {
      void client.invalidateQueries({ queryKey: ["incidents"] });
      if (error instanceof ApiError && error.status === 412) say(t("tooLate"));
      else if (error instanceof ApiError) refuse(t("notDone"), error);
    },
  });
  return {
    busy: mutation.isPending,
    acknowledge: (note: string | null) => mutation.mutate({ kind: "acknowledge", note }),
    comment: (words: string, done: () => void) => mutation.mutate({ kind: "comment", text: words }, { onSuccess: done }),
    resolve: async (what: string) => {
      const answer = await ask({
        title: t("resolveTitle", { what }),
        consequences: [{ text: t("resolveKeeps") }, { text: t("resolveTells") }],
        verb: t("resolveVerb"),
        reason: true,
      });
      if (answer?.reason.trim()) mutation.mutate({ kind: "resolve", reason: answer.reason.trim() });
    },
  };
}
