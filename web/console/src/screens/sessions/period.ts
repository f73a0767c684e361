/** Spans of time as they stand in the address: a day (`2026-11-25`), `today`, or `7d` for the last seven days. Pure. */

const DAY_MS = 86_400_000;

/** The calendar day of a moment in a zone, `2026-11-25`. */
export function dayIn(zone: string, at: number): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short" }).format(new Date(at));
}

/** How far a zone is ahead of UTC at a moment, in milliseconds. */
function offset(zone: string, at: number): number {
  const wall = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" }).format(new Date(at));
  return Date.parse(`${wall.replace(" ", "T")}Z`) - Math.floor(at / 1000) * 1000;
}

/** The moment at which a day begins in a zone, RFC 3339 in UTC; null: that is no day. */
export function startOfDay(day: string, zone: string): string | null {
  const midnight = Date.parse(`${day}T00:00:00Z`);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || Number.isNaN(midnight)) return null;
  const guess = midnight - offset(zone, midnight);
  // The offset may change between the two.
  return new Date(midnight - offset(zone, guess)).toISOString();
}

function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T12:00:00Z`) + DAY_MS).toISOString().slice(0, 10);
}

/** The day that a value means now: `today`, `7d` and `30d` move on by themselves. */
export function dayOf(value: string, zone: string, now: number): string {
  if (value === "today") return dayIn(zone, now);
  const days = /^(\d{1,3})d$/.exec(value)?.[1];
  if (days === undefined) return value;
  const today = dayIn(zone, now);
  return new Date(Date.parse(`${today}T12:00:00Z`) - (Number(days) - 1) * DAY_MS).toISOString().slice(0, 10);
}

/** What the API is asked for: from the beginning of the first day to the end of the last. */
export function periodOf(from: string | undefined, to: string | undefined, zone: string, now: number): { from?: string; to?: string } {
  const begin = from === undefined ? null : startOfDay(dayOf(from, zone, now), zone);
  const last = to === undefined ? null : dayOf(to, zone, now);
  const end = last === null || startOfDay(last, zone) === null ? null : startOfDay(dayAfter(last), zone);
  return { ...(begin === null ? {} : { from: begin }), ...(end === null ? {} : { to: end }) };
}
