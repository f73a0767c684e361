import { useMemo } from "react";
import { useLanguage } from "#shared/i18n/i18n";
import * as format from "./format";

/** The formats of `format.ts` in the reader's language: `const f = useFormat(); f.power(row.power_w)`. */
export function useFormat() {
  const { language } = useLanguage();
  return useMemo(
    () => ({
      number: (value: format.Quantity, decimals?: number) => format.number(language, value, decimals),
      quantity: (value: format.Quantity, unit: string, decimals?: number) => format.quantity(language, value, unit, decimals),
      power: (watts: format.Quantity) => format.power(language, watts),
      energy: (wattHours: format.Quantity, decimals?: 1 | 2 | 3) => format.energy(language, wattHours, decimals),
      percent: (share: format.Quantity, decimals?: number) => format.percent(language, share, decimals),
      money: (amount: format.Quantity, currency: string | null | undefined, options?: { sign?: boolean }) =>
        format.money(language, amount, currency, options),
      minor: (amount: number | null | undefined, currency: string | null | undefined) => format.minor(language, amount, currency),
      duration: (seconds: number | null | undefined) => format.duration(seconds, language),
      age: (at: string | Date | null | undefined, now: number) => format.age(at, now, language),
      time: (at: string | Date | null | undefined, style: format.TimeStyle, zone?: string | null) =>
        format.time(language, at, style, zone),
      zoneName: (zone: string, at: Date) => format.zoneName(language, zone, at),
    }),
    [language],
  );
}
export type Format = ReturnType<typeof useFormat>;
