/** What the week of prices looks like: shades, cells of an hour, and the same in words. Pure. */
import { DAYS } from "#shared/tariff/model";
import type { Week } from "./queries";

export type Measure = "energy" | "charging" | "standing";
export type Part = Week["week"][number];

/** The dearest is the darkest; there are five shades. */
const SHADES = 5;

/** Prices of the week from cheap to dear, each with its shade. Equal prices share one. */
export function scale(week: readonly Part[], measure: Measure): { price: string; shade: number }[] {
  const prices = [...new Set(week.map((part) => part[measure]).filter((price) => price !== null))].sort((a, b) => Number(a) - Number(b));
  const step = prices.length > 1 ? (SHADES - 1) / (prices.length - 1) : 0;
  return prices.map((price, index) => ({ price, shade: prices.length === 1 ? 1 : Math.round(index * step) }));
}

/** The shade of each rule that has an energy price somewhere in the week. */
export function shadesOfRules(week: readonly Part[]): Map<number, number> {
  const shades = new Map(scale(week, "energy").map((one) => [one.price, one.shade]));
  const found = new Map<number, number>();
  for (const part of week) if (part.element !== null && part.energy !== null && !found.has(part.element)) found.set(part.element, shades.get(part.energy) ?? 0);
  return found;
}

/** The parts of each hour: `cells[day][hour]`. */
export function cells(week: readonly Part[]): Part[][][] {
  const found: Part[][][] = DAYS.map(() => Array.from({ length: 24 }, () => []));
  for (const part of week) found[part.day]?.[part.hour]?.push(part);
  return found;
}

export interface Stretch {
  from: string;
  to: string;
  price: string | null;
}

/** A day as stretches of one price: `00:00 to 08:00`. */
export function stretches(week: readonly Part[], day: number, measure: Measure): Stretch[] {
  const clock = (hour: number, minute: number) => `${String(hour + (minute === 60 ? 1 : 0)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
  const found: Stretch[] = [];
  for (const part of week) {
    if (part.day !== day) continue;
    const last = found.at(-1);
    const to = clock(part.hour, part.end_minute);
    if (last && last.price === part[measure]) last.to = to;
    else found.push({ from: clock(part.hour, part.start_minute), to, price: part[measure] });
  }
  return found;
}
