/** What drivers are told, in the order of the law: per kWh, per minute, per session, other. Pure. */
import { translate, type Language } from "#shared/i18n/i18n";
import type { Condition, Document } from "./model";
import type { Schema } from "#shared/api/client";
import { conditionText, currencySymbol, plainText, termSentences } from "./sentences";
import { showDecimal } from "./values";
import { words, type Word } from "./words";

export type Posted = Schema["PostedOut"];

export interface DriverLine {
  /** "€ 0.49 / kWh". */
  price: string;
  /** "from 18:00 to 08:00"; nothing: always, or otherwise. */
  when: string;
  dimension: string;
}

/** The lines of the card; conditions in words. */
export function driverLines(posted: readonly Posted[], currency: string, language: Language): DriverLine[] {
  const say = (word: Word) => translate(words, language, word);
  // Within a kind of price the one that holds otherwise leads; the kinds keep the order of the law.
  const base = (one: Posted) => (Object.keys(one.when).length === 0 ? 0 : 1);
  const kinds = [...new Set(posted.map(kindOf))];
  const ordered = kinds.flatMap((kind) => posted.filter((one) => kindOf(one) === kind).toSorted((a, b) => base(a) - base(b)));
  return ordered.map((one) => {
    const reserved = kindOf(one).startsWith("reserved");
    const unit = one.unit === "kwh" ? "kWh" : one.unit === "session" ? say(reserved ? "perReservation" : "perSession") : "min";
    const of = reserved ? "" : one.dimension === "idle_time" ? say("driverIdle") : one.dimension === "charging_time" ? say("driverCharging") : one.dimension === "occupancy_time" ? say("driverPlace") : "";
    return {
      price: `${priceOf(one, currency, language)} / ${unit}`,
      when: [of, conditionText(one.when as Condition, currency, language)].filter(Boolean).join(", "),
      dimension: one.dimension,
    };
  });
}

function kindOf(one: Posted): string {
  return `${(one.when as Condition).reservation === undefined ? "" : "reserved "}${one.dimension}`;
}

function priceOf(one: Posted, currency: string, language: Language): string {
  const symbol = currencySymbol(currency, language);
  const digits = showDecimal(one.per_minute ?? one.price, language, 2);
  return language === "de" ? `${digits}\u00a0${symbol}` : `${symbol}\u00a0${digits}`;
}

/** What else a driver must know: grace, pauses, minimum, maximum, what is free. */
export function driverTerms(document: Document, language: Language): string[] {
  return termSentences(document, language)
    .filter((one) => /^(min_price|max_price|idle\.(grace_s|pauses|cap|started_minute)|free)/.test(one.id))
    .map((one) => plainText(one.pieces));
}

/** In one line, for lists: `€ 0.39 to 0.49 / kWh · € 0.10 / min idling · € 1.00 / session`. */
export function oneLine(posted: readonly Posted[], currency: string, language: Language): string {
  const say = (word: Word) => translate(words, language, word);
  const symbol = currencySymbol(currency, language);
  const named: [string, string, string][] = [["energy", "kWh", ""], ["charging_time", "min", say("driverCharging")], ["idle_time", "min", say("driverIdle")], ["occupancy_time", "min", say("driverPlace")], ["flat", say("perSession"), ""]];
  const parts = named.flatMap(([dimension, unit, of]) => {
    const prices = posted.filter((one) => one.dimension === dimension && (one.when as Condition).reservation === undefined).map((one) => one.per_minute ?? one.price);
    const sorted = [...new Set(prices)].sort((a, b) => Number(a) - Number(b)).map((price) => showDecimal(price, language, 2));
    const [low, high] = [sorted[0], sorted.at(-1)];
    if (low === undefined || high === undefined) return [];
    const span = low === high ? low : translate(words, language, "priceSpan", { low, high });
    const amount = language === "de" ? `${span}\u00a0${symbol}` : `${symbol}\u00a0${span}`;
    return [`${amount}\u00a0/\u00a0${unit}${of ? ` ${of}` : ""}`];
  });
  if (posted.some((one) => (one.when as Condition).reservation !== undefined)) parts.push(say("reservationToo"));
  return parts.join(" · ");
}
