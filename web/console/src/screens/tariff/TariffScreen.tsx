import { useNavigate, useSearch } from "@tanstack/react-router";
import { useQueryClient } from "@tanstack/react-query";
import { api, ApiError, data } from "#shared/api/client";
import { useCommands } from "#shared/command/CommandsProvider";
import { useText } from "#shared/i18n/i18n";
import { EditorView } from "./EditorView";
import { useProblemWords } from "./problems";
import type { Tariff, Version } from "./queries";
import { text } from "./text";

interface TariffScreenProps {
  tariff: Tariff;
  etag: string | null;
  versions: Version[];
  may: boolean;
}

/** Which version is shown: the one in the address, else the draft, else what is live. */
export function TariffScreen({ tariff, etag, versions, may }: TariffScreenProps) {
  const t = useText(text);
  const client = useQueryClient();
  const navigate = useNavigate();
  const { say, refuse } = useCommands();
  const words = useProblemWords();
  const { version: wanted } = useSearch({ strict: false }) as { version?: string };
  const shown = versions.find((one) => String(one.number) === wanted) ?? versions.find((one) => one.status === "draft") ?? versions.find((one) => one.status === "live") ?? versions[0];
  if (shown === undefined) return null;

  const show = (number: number | undefined) => void navigate({ to: ".", search: ((old: object) => ({ ...old, version: number === undefined ? undefined : String(number) })) as never, replace: true });
  const fresh = () => client.invalidateQueries({ queryKey: ["tariffs"] });
  const attempt = async (title: string, run: () => Promise<unknown>, done: string) => {
    try {
      await run();
      say(done);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      refuse(title, new ApiError(error.status, error.code, words(error), error.params, error.requestId));
    }
    await fresh();
  };
  const path = { tariff: tariff.id, number: shown.number };

  return (
    <EditorView
      key={`${shown.number}/${shown.status}`}
      tariff={tariff}
      version={shown}
      versions={versions}
      etag={etag}
      may={may && tariff.archived_at === null}
      onShow={show}
      onRename={(name, before) =>
        attempt(t("rename"), () => api.PATCH("/api/v1/tariffs/{tariff}", { params: { path: { tariff: tariff.id }, header: before ? { "if-match": before } : {} }, body: { name } }), t("renamed", { name }))
      }
      onDraft={async () => {
        await attempt(t("newDraft"), () => data(api.POST("/api/v1/tariffs/{tariff}/versions", { params: { path: { tariff: tariff.id } }, body: { tariff: shown.tariff as unknown as Record<string, unknown> } })), t("drafted"));
        show(undefined);
      }}
      onPublish={async (at, before) => {
        await api.POST("/api/v1/tariffs/{tariff}/versions/{number}/publish", { params: { path, header: before ? { "if-match": before } : {} }, body: { at } });
        say(t(at === null ? "published" : "scheduled", { number: shown.number }));
        await fresh();
      }}
      onWithdraw={() => attempt(t("withdraw"), () => api.POST("/api/v1/tariffs/{tariff}/versions/{number}/withdraw", { params: { path } }), t("withdrawn", { number: shown.number }))}
      onDiscard={async () => {
        await attempt(t("discard"), () => api.DELETE("/api/v1/tariffs/{tariff}/versions/{number}", { params: { path } }), t("discarded", { number: shown.number }));
        show(undefined);
      }}
    />
  );
}
