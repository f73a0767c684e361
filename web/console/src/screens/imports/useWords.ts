import { useMemo } from "react";
import { useText, type Params } from "#shared/i18n/i18n";
import type { RunRow } from "./api";
import { keyOf, text } from "./text";

/** Codes of faults and names of fields in the reader's language. */
export function useWords() {
  const t = useText(text);
  return useMemo(() => {
    const of = (code: string, params: Params = {}, otherwise = code): string => {
      const key = keyOf(code);
      return key ? t(key, params) : otherwise;
    };
    const field = (name: string): string => of(`f_${name}`, {}, name);
    const remark = (row: RunRow): string[] => [
      ...row.errors.map((error) => {
        const sentence = of(error.code, error.params as Params);
        return error.field ? `${field(error.field)}: ${sentence}` : sentence;
      }),
      ...(row.kept_because ? [of(row.kept_because)] : []),
    ];
    return { of, field, remark };
  }, [t]);
}
