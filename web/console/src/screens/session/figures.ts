/** Figures of a session that follow from its course. Pure. */
import type { Schema } from "#shared/api/client";
import type { Curve, Row } from "./queries";

export type Stretch = Schema["StretchOut"];

/** Seconds from the opening to the end, or to `now` (milliseconds). A simulated clock may be ahead of ours. */
export function lasted(row: Pick<Row, "opened_at" | "ended_at" | "last_at">, now: number): number {
  const last = row.ended_at ?? row.last_at;
  const known = last === null ? 0 : Date.parse(last);
  const until = row.ended_at === null ? Math.max(now, known) : known;
  return Math.max(0, (until - Date.parse(row.opened_at)) / 1000);
}

const seconds = (stretch: Stretch) => (Date.parse(stretch.end) - Date.parse(stretch.start)) / 1000;

export function chargingSeconds(stretches: readonly Stretch[]): number {
  return stretches.filter((stretch) => stretch.state === "charging").reduce((sum, stretch) => sum + seconds(stretch), 0);
}

/** Seconds between the end of the last charging and the end of the session; null: it never charged. */
export function occupiedAfter(stretches: readonly Stretch[]): number | null {
  const last = stretches.findLastIndex((stretch) => stretch.state === "charging");
  return last < 0 ? null : stretches.slice(last + 1).reduce((sum, stretch) => sum + seconds(stretch), 0);
}

/** The highest power of the curve, in W; null: none is known. */
export function peakPower(curve: Pick<Curve, "points">): string | null {
  let peak: string | null = null;
  for (const { power_w } of curve.points) if (power_w !== null && (peak === null || Number(power_w) > Number(peak))) peak = power_w;
  return peak;
}
