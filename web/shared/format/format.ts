/**
 * How numbers, money and times are written (design guide, section 4). Pure: the language comes in as an argument;
 * `useFormat()` binds the reader's.
 *
 * A value that is not known is `null` and is written as "no data", never as 0. Decimals arrive from the API as text
 * and are only shown here, never calculated with.
 */
import type { Language } from "#shared/i18n/i18n";

export type Quantity = number | string | null | undefined;

/** Between a value and its unit. */
const NBSP = "\u00a0";
const MINUS = "−";
const NO_DATA: Record<Language, string> = { en: "no data", de: "keine Daten" };

const formats = new Map<string, Intl.NumberFormat>();

function numberFormat(language: Language, min: number, max: number): Intl.NumberFormat {
  const key = `${language}/${min}/${max}`;
  let found = formats.get(key);
  if (!found) {
    found = new Intl.NumberFormat(language === "de" ? "de-DE" : "en-GB", {
      minimumFractionDigits: min,
      maximumFractionDigits: max,
      useGrouping: true,
    });
    formats.set(key, found);
  }
  return found;
}

/** `1,284`, `−3.50`: fixed decimals, a real minus sign; "no data" where nothing is known. */
export function number(language: Language, value: Quantity, decimals = 0): string {
  if (value === null || value === undefined || value === "") return NO_DATA[language];
  // A decimal as text keeps all its digits: Intl takes it as it is.
  const text = numberFormat(language, decimals, decimals).format(value as number);
  return text.replace("-", MINUS);
}

/** A number and its unit, `9.84 MW`. */
export function quantity(language: Language, value: Quantity, unit: string, decimals = 0): string {
  const text = number(language, value, decimals);
  return text === NO_DATA[language] ? text : `${text}${NBSP}${unit}`;
}

/** Watts as kW with one decimal, from a megawatt up as MW with two. */
export function power(language: Language, watts: Quantity): string {
  const value = numeric(watts);
  if (value === null) return NO_DATA[language];
  return Math.abs(value) >= 1_000_000
    ? quantity(language, value / 1_000_000, "MW", 2)
    : quantity(language, value / 1000, "kW", 1);
}

/** Watt-hours as kWh: `decimals` is 1 in totals, 2 for a session, 3 where it is billed; from 10 MWh up as MWh. */
export function energy(language: Language, wattHours: Quantity, decimals: 1 | 2 | 3 = 1): string {
  const value = numeric(wattHours);
  if (value === null) return NO_DATA[language];
  return decimals === 1 && Math.abs(value) >= 10_000_000
    ? quantity(language, value / 1_000_000, "MWh", 1)
    : quantity(language, value / 1000, "kWh", decimals);
}

/** A share of 1 as percent; uptime takes two decimals. */
export function percent(language: Language, share: Quantity, decimals = 1): string {
  const value = numeric(share);
  return value === null ? NO_DATA[language] : quantity(language, value * 100, "%", decimals);
}

/** `€ 22.34`, de `22,34 €`; `amount` in major units as the API gives it, minor digits of the currency. */
export function money(language: Language, amount: Quantity, currency: string | null | undefined, options: { sign?: boolean } = {}): string {
  if (amount === null || amount === undefined || amount === "" || !currency) return NO_DATA[language];
  const base = { style: "currency", currency } as const;
  const parts = new Intl.NumberFormat(language === "de" ? "de-DE" : "en-GB", base).formatToParts(amount as number);
  const negative = parts.some((part) => part.type === "minusSign");
  const symbol = parts.find((part) => part.type === "currency")?.value ?? currency;
  const digits = parts
    .filter((part) => ["integer", "group", "decimal", "fraction"].includes(part.type))
    .map((part) => part.value)
    .join("");
  const sign = negative ? `${MINUS}${NBSP}` : options.sign ? `+${NBSP}` : "";
  return language === "de" ? `${sign}${digits}${NBSP}${symbol}` : `${sign}${symbol}${NBSP}${digits}`;
}

/** Minor units (cents) as money. */
export function minor(language: Language, amountMinor: number | null | undefined, currency: string | null | undefined): string {
  if (amountMinor === null || amountMinor === undefined || !currency) return NO_DATA[language];
  const digits = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
  const whole = Math.abs(amountMinor).toString().padStart(digits + 1, "0");
  const split = whole.length - digits;
  const text = `${amountMinor < 0 ? "-" : ""}${whole.slice(0, split)}${digits ? "." + whole.slice(split) : ""}`;
  return money(language, text, currency);
}

/** Seconds as `33 min 26 s`, `1 h 9 min`, `3 d 4 h`: the two largest units. */
export function duration(seconds: number | null | undefined, language: Language = "en"): string {
  if (seconds === null || seconds === undefined) return NO_DATA[language];
  const total = Math.max(0, Math.round(seconds));
  if (total < 60) return `${total}${NBSP}s`;
  const parts: [number, string][] =
    total < 3600
      ? [[Math.floor(total / 60), "min"], [total % 60, "s"]]
      : total < 86_400
        ? [[Math.floor(total / 3600), "h"], [Math.floor((total % 3600) / 60), "min"]]
        : [[Math.floor(total / 86_400), "d"], [Math.floor((total % 86_400) / 3600), "h"]];
  return parts
    .filter(([value], index) => index === 0 || value > 0)
    .map(([value, unit]) => `${value}${NBSP}${unit}`)
    .join(" ");
}

/** How long ago, in one unit: `6 min`. */
export function age(at: string | Date | null | undefined, now: number, language: Language = "en"): string {
  if (!at) return NO_DATA[language];
  const seconds = Math.max(0, (now - new Date(at).getTime()) / 1000);
  if (seconds < 60) return `${Math.floor(seconds)}${NBSP}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}${NBSP}min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}${NBSP}h`;
  return `${Math.floor(seconds / 86_400)}${NBSP}d`;
}

export type TimeStyle = "time" | "seconds" | "date" | "dateTime" | "full";
const STYLES: Record<TimeStyle, Intl.DateTimeFormatOptions> = {
  time: { hour: "2-digit", minute: "2-digit" },
  seconds: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
  date: { day: "numeric", month: "short", year: "numeric" },
  dateTime: { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" },
  full: { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZoneName: "short" },
};

let viewerZone: string | undefined;

/** The viewer's own zone, where it is not the browser's. */
export function setViewerZone(zone: string | null): void {
  viewerZone = zone ?? undefined;
}

/** A moment in a zone (the location's; the viewer's own if left out), 24 hours. */
export function time(language: Language, at: string | Date | null | undefined, style: TimeStyle, zone?: string | null): string {
  if (!at) return NO_DATA[language];
  return new Intl.DateTimeFormat(language === "de" ? "de-DE" : "en-GB", {
    ...STYLES[style],
    hourCycle: "h23",
    timeZone: zone ?? viewerZone,
  }).format(new Date(at));
}

/** The zone's short name at that moment, `CET`. */
export function zoneName(language: Language, zone: string, at: Date): string {
  const parts = new Intl.DateTimeFormat(language === "de" ? "de-DE" : "en-GB", { timeZone: zone, timeZoneName: "short" });
  return parts.formatToParts(at).find((part) => part.type === "timeZoneName")?.value ?? zone;
}

function numeric(value: Quantity): number | null {
  if (value === null || value === undefined || value === "") return null;
  const result = Number(value);
  return Number.isFinite(result) ? result : null;
}
