/** Prices and rules of a tariff in words. */
import type { Format } from "#shared/format/useFormat";
import type { Language, Translate } from "#shared/i18n/i18n";
import { decimals, type Condition, type TariffDocument, type TraceRow } from "./price";
import { text, type SessionWord } from "./text";

export type T = Translate<SessionWord>;

/** A word by a key that is put together; null where there is none. */
export function wordOf(t: T, key: string): string | null {
  return key in text.en ? t(key as SessionWord) : null;
}

/** Money with as many decimals as asked for: `€ 12.9448`. */
export function exactMoney(f: Format, amount: string, currency: string, places: number): string {
  const negative = amount.startsWith("-");
  const digits = f.number(negative ? amount.slice(1) : amount, places);
  const zero = f.money("0", currency).replace(/0([.,]0+)?/, digits);
  return negative ? `−\u00a0${zero}` : zero;
}

/** A unit price as it was typed: at least the currency's own decimals. */
export function unitMoney(f: Format, price: string, currency: string): string {
  const usual = /0[.,](0+)/.exec(f.money("0", currency))?.[1]?.length ?? 0;
  return exactMoney(f, price, currency, Math.max(usual, decimals(price)));
}

/** `€ 0.49 per kWh` */
export function perUnit(t: T, f: Format, price: string, unit: string, currency: string): string {
  return `${unitMoney(f, price, currency)} ${wordOf(t, `per_${unit}`) ?? unit}`;
}

/** `26.418 kWh × € 0.49 per kWh`; empty for a limit of the whole session. */
export function formula(t: T, f: Format, row: TraceRow, currency: string): string {
  if (row.element === null) return "";
  const price = perUnit(t, f, row.unit_price, row.unit, currency);
  if (row.unit === "session") return price;
  if (row.unit === "kwh") return `${f.quantity(row.quantity, "kWh", Math.max(3, Math.min(6, decimals(row.quantity))))} × ${price}`;
  return `${f.quantity(row.quantity, row.unit === "hour" ? "h" : "min", Math.max(2, Math.min(4, decimals(row.quantity))))} × ${price}`;
}

const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/** Days in words: neighbours as a span. */
export function daysInWords(days: readonly string[], language: Language): string {
  const name = (index: number) => new Intl.DateTimeFormat(language === "de" ? "de-DE" : "en-GB", { weekday: "short", timeZone: "UTC" }).format(new Date(Date.UTC(2024, 0, 1 + index)));
  const chosen = DAYS.map((day, index) => (days.includes(day) ? index : -1)).filter((index) => index >= 0);
  const runs: [number, number][] = [];
  for (const index of chosen) {
    const last = runs.at(-1);
    if (last && last[1] === index - 1) last[1] = index;
    else runs.push([index, index]);
  }
  const to = language === "de" ? " bis " : " to ";
  return runs.map(([from, until]) => (from === until ? name(from) : until === from + 1 ? `${name(from)}, ${name(until)}` : `${name(from)}${to}${name(until)}`)).join(", ");
}

/** When a rule applies, in words; an empty list: always. */
export function conditionWords(t: T, f: Format, when: Condition, language: Language): string[] {
  const words: string[] = [];
  const put = (value: string | undefined, key: SessionWord) => {
    if (value !== undefined) words.push(t(key, { value: f.number(value, decimals(value)) }));
  };
  if (when.days && when.days.length > 0) words.push(daysInWords(when.days, language));
  if (when.start_time && when.end_time) words.push(t("w_time", { from: when.start_time, to: when.end_time }));
  else if (when.start_time) words.push(t("w_from", { from: when.start_time }));
  else if (when.end_time) words.push(t("w_until", { to: when.end_time }));
  if (when.start_date && when.end_date) words.push(t("w_dates", { from: when.start_date, to: when.end_date }));
  else if (when.start_date) words.push(t("w_from", { from: when.start_date }));
  else if (when.end_date) words.push(t("w_until", { to: when.end_date }));
  put(when.min_kwh, "w_min_kwh");
  put(when.max_kwh, "w_max_kwh");
  put(when.min_power_kw, "w_min_power");
  put(when.max_power_kw, "w_max_power");
  put(when.min_current_a, "w_min_current");
  put(when.max_current_a, "w_max_current");
  if (when.min_duration_s !== undefined) words.push(t("w_min_duration", { value: f.duration(when.min_duration_s) }));
  if (when.max_duration_s !== undefined) words.push(t("w_max_duration", { value: f.duration(when.max_duration_s) }));
  put(when.min_soc_percent, "w_min_soc");
  put(when.max_soc_percent, "w_max_soc");
  put(when.min_site_occupancy_percent, "w_min_site");
  put(when.max_site_occupancy_percent, "w_max_site");
  if (when.connector_types && when.connector_types.length > 0) words.push(t("w_connector", { value: when.connector_types.join(", ") }));
  if (when.audiences && when.audiences.length > 0) words.push(t("w_audience", { value: when.audiences.join(", ") }));
  if (when.reservation) words.push(t("w_reservation"));
  return words;
}

/** `Energy, night` */
export function lineTitle(t: T, row: TraceRow, document: TariffDocument | undefined): string {
  const dimension = wordOf(t, `dim_${row.dimension}`) ?? row.dimension;
  const name = row.element === null ? undefined : document?.elements[row.element]?.name;
  return name ? `${dimension}, ${name}` : dimension;
}

/** Why a line is there: its reason, or the rule and when it applies. */
export function lineWhy(t: T, f: Format, row: TraceRow, document: TariffDocument | undefined, language: Language): string {
  const reason = row.reason === "priced" ? null : (wordOf(t, `reason_${row.reason}`) ?? row.reason);
  if (row.element === null || !document) return reason ?? "";
  const when = conditionWords(t, f, document.elements[row.element]?.when ?? {}, language);
  const rule = t("rule", { number: String(row.element + 1) });
  const applies = when.length > 0 ? when.join(", ") : document.elements.length === 1 ? t("alwaysOnly") : t("always");
  return [rule, reason ?? applies].join(" · ");
}
