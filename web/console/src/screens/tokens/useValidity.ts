import { useCallback } from "react";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import type { Token } from "./api";
import { text } from "./text";

/** From when to when a token counts, in words. */
export function useValidity(): (token: Token) => string {
  const t = useText(text);
  const f = useFormat();
  return useCallback(
    ({ valid_from: from, valid_until: until }) => {
      const day = (at: string) => f.time(at, "date");
      if (from && until) return t("fromUntil", { from: day(from), until: day(until) });
      if (from) return t("from", { date: day(from) });
      return until ? t("until", { date: day(until) }) : t("always");
    },
    [t, f],
  );
}
