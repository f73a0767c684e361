/** From the API's counts and quarter hours to what the tiles show. Pure. */
import type { TwoDays } from "./data";

export const IN_USE = ["suspended_station", "suspended_car", "finishing", "preparing", "occupied", "charging"] as const;

export type Counts = Readonly<Record<string, number>>;

export function sumOf(counts: Counts, states: readonly string[] = Object.keys(counts)): number {
  return states.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
}

/** 1, 3, 2 → 0, 1, 4, 6: what it was at each edge. */
export function runningTotals(parts: readonly string[]): number[] {
  const totals = [0];
  for (const part of parts) totals.push((totals.at(-1) ?? 0) + Number(part));
  return totals;
}

/** How much more (or less) than before, as a share; null where there is nothing to compare with. */
export function change(now: string, before: string | undefined): number | null {
  const old = Number(before ?? 0);
  return old > 0 ? Number(now) / old - 1 : null;
}

const QUARTERS_PER_HOUR = 4;
const QUARTER_MS = 900_000;

/** The mean power of each whole quarter of an hour of today, in W, and when the highest one began. */
export function powerOfToday(days: TwoDays): { values: number[]; peak: { at: Date; power: number } | null } {
  const begins = new Date(days.today.starts_at).getTime();
  const whole = Math.floor((new Date(days.at).getTime() - begins) / QUARTER_MS);
  const values = days.today.energy_by_quarter_hour_wh.slice(0, whole).map((energy) => Number(energy) * QUARTERS_PER_HOUR);
  const power = Math.max(0, ...values);
  return { values, peak: power > 0 ? { at: new Date(begins + values.indexOf(power) * QUARTER_MS), power } : null };
}

/** How many edges a whole day has: 97, on the days of the clock change 93 or 101. */
export function edgesOfDay(day: { starts_at: string; ends_at: string }): number {
  return (new Date(day.ends_at).getTime() - new Date(day.starts_at).getTime()) / QUARTER_MS + 1;
}
