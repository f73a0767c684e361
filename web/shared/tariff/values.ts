/** How the editable words of a sentence are written and read: every kind reads back exactly what it writes. */
import { readDecimal } from "#shared/form/fields";
import type { Language } from "#shared/i18n/i18n";
import type { Value } from "./model";

export type SlotKind = "price" | "decimal" | "integer" | "energy" | "duration" | "time" | "date" | "dates" | "labels" | "text" | "choice" | "many" | "moment";

/** A decimal without needless zeros: `0.50` is `0.5`, as the API writes it. */
export function canonical(decimal: string): string {
  const negative = decimal.startsWith("-");
  const [whole = "", fraction = ""] = decimal.replace("-", "").split(".");
  const left = whole.replace(/^0+(?=\d)/, "") || "0";
  const right = fraction.replace(/0+$/, "");
  const text = right ? `${left}.${right}` : left;
  return negative && text !== "0" ? `-${text}` : text;
}

/** The decimal with its point moved: `shift("1500", -3)` is `1.5`. */
export function shift(decimal: string, places: number): string {
  const negative = decimal.startsWith("-");
  const [whole = "0", fraction = ""] = decimal.replace("-", "").split(".");
  const digits = whole + fraction;
  const point = whole.length + places;
  const padded = point <= 0 ? "0".repeat(1 - point) + digits : digits.padEnd(point, "0");
  const at = point <= 0 ? 1 : point;
  return canonical(`${negative ? "-" : ""}${padded.slice(0, at)}.${padded.slice(at)}`);
}

const SECONDS: Record<string, number> = { s: 1, sec: 1, min: 60, m: 60, h: 3600 };

/** `10 min`, `1 h 30 min`, `90 s`; a number alone counts minutes. */
function readDuration(text: string): number | undefined {
  const plain = text.trim().toLowerCase().replace(",", ".");
  if (/^\d+(\.\d+)?$/.test(plain)) return whole(Number(plain) * 60);
  const parts = [...plain.matchAll(/(\d+(?:\.\d+)?)\s*(h|min|m|sec|s)(?![a-z])/g)];
  if (parts.length === 0 || plain.replace(/(\d+(?:\.\d+)?)\s*(h|min|m|sec|s)(?![a-z])/g, "").trim() !== "") return undefined;
  return whole(parts.reduce((sum, [, count, unit]) => sum + Number(count) * (SECONDS[unit ?? ""] ?? 0), 0));
}

function whole(seconds: number): number | undefined {
  const rounded = Math.round(seconds);
  return Math.abs(rounded - seconds) < 1e-6 ? rounded : undefined;
}

function showDuration(seconds: number): string {
  const units: [number, string][] = [[Math.floor(seconds / 3600), "h"], [Math.floor((seconds % 3600) / 60), "min"], [seconds % 60, "s"]];
  const parts = units.filter(([count]) => count > 0).map(([count, unit]) => `${count} ${unit}`);
  return parts.join(" ") || "0 min";
}

/** A decimal in the reader's writing; prices have two decimals at least. */
export function showDecimal(decimal: string, language: Language, least = 0): string {
  const [whole = "0", fraction = ""] = decimal.split(".");
  const padded = fraction.padEnd(least, "0");
  const text = padded ? `${whole}.${padded}` : whole;
  const signed = text.replace("-", "−");
  return language === "de" ? signed.replace(".", ",") : signed;
}

/** What stands in the sentence for a value. `choice` and `many` show the words of their options instead. */
export function show(kind: SlotKind, value: Value, language: Language): string {
  if (value === undefined) return "";
  if (Array.isArray(value)) return value.join(", ");
  switch (kind) {
    case "price": return showDecimal(String(value), language, 2);
    case "decimal": case "integer": return showDecimal(String(value), language);
    case "energy": return showDecimal(shift(String(value), -3), language);
    case "duration": return showDuration(Number(value));
    default: return String(value);
  }
}

/** The value that was typed; undefined for nothing; null if it cannot be read. */
export function read(kind: SlotKind, text: string): Value | null {
  const plain = text.trim();
  if (plain === "") return undefined;
  switch (kind) {
    case "price": case "decimal": case "energy": {
      const decimal = readDecimal(plain);
      if (decimal === null) return null;
      return kind === "energy" ? shift(decimal, 3) : canonical(decimal);
    }
    case "integer": return /^\d{1,9}$/.test(plain) ? Number(plain) : null;
    case "duration": return readDuration(plain) ?? null;
    case "time": return readTime(plain);
    case "date": return isDate(plain) ? plain : null;
    case "dates": {
      const days = plain.split(/[\s,;]+/).filter(Boolean);
      return days.every(isDate) ? days : null;
    }
    case "labels": return plain.split(",").map((part) => part.trim()).filter(Boolean);
    case "moment": return Number.isNaN(Date.parse(plain)) ? null : plain;
    default: return plain;
  }
}

/** `8` and `8:00` are `08:00`. */
function readTime(text: string): string | null {
  const found = /^(\d{1,2})(?:[:.h]?(\d{2}))?$/.exec(text);
  if (!found) return null;
  const [hours, minutes] = [Number(found[1]), Number(found[2] ?? "0")];
  if (minutes > 59 || hours > 24 || (hours === 24 && minutes > 0)) return null;
  return `${String(hours).padStart(2, "0")}:${String(minutes).padStart(2, "0")}`;
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
