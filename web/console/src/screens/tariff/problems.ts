import { useCallback } from "react";
import type { ApiError } from "#shared/api/client";
import { useText } from "#shared/i18n/i18n";
import { text, type TextKey } from "./text";

const KNOWN: Record<string, TextKey> = {
  AssignmentTied: "problemTied", TariffInUse: "problemInUse", TariffNameTaken: "problemName", VersionScheduled: "problemScheduled", VersionPublished: "problemPublished",
  DraftExists: "problemDraft", NotScheduled: "problemNotScheduled", OnlyVersion: "problemOnly", PreconditionFailed: "problemConflict", PlaceNotFound: "problemPlace", NoAnswer: "problemNoAnswer",
};

/** What a refusal of the API means to whoever edits tariffs. */
export function useProblemWords(): (error: ApiError) => string {
  const t = useText(text);
  return useCallback((error) => {
    const key = KNOWN[error.code];
    const params = Object.fromEntries(Object.entries(error.params).map(([name, value]) => [name, String(value)]));
    return key ? t(key, params) : error.code === "TariffRefused" ? t("problemRefused", { why: String(error.params["what"] ?? error.detail) }) : `${error.detail} (${error.code})`;
  }, [t]);
}
