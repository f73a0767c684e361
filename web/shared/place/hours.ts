/** Opening hours as OCPI says them, in the location's own time. Pure. */
export interface Period {
  weekday: number;
  period_begin: string;
  period_end: string;
}

export interface Exception {
  period_begin: string;
  period_end: string;
}

export interface Hours {
  twentyfourseven: boolean;
  regular_hours?: Period[];
  exceptional_openings?: Exception[];
  exceptional_closings?: Exception[];
}

/** What is stored, made sure of: null where nothing is known. */
export function readHours(stored: unknown): Hours | null {
  if (typeof stored !== "object" || stored === null) return null;
  const given = stored as Partial<Hours>;
  return {
    twentyfourseven: given.twentyfourseven === true,
    regular_hours: Array.isArray(given.regular_hours) ? given.regular_hours : [],
    exceptional_openings: Array.isArray(given.exceptional_openings) ? given.exceptional_openings : [],
    exceptional_closings: Array.isArray(given.exceptional_closings) ? given.exceptional_closings : [],
  };
}

/** Weekday (1 is Monday) and minute of the day in a zone. */
export function localMoment(at: number, zone: string): { weekday: number; minute: number } {
  const parts = new Intl.DateTimeFormat("en-GB", { timeZone: zone, weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).formatToParts(at);
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? "";
  const weekday = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].indexOf(part("weekday")) + 1;
  return { weekday, minute: Number(part("hour")) * 60 + Number(part("minute")) };
}

const minutes = (clock: string) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));
const holds = (exceptions: readonly Exception[] | undefined, at: number) =>
  (exceptions ?? []).some((one) => Date.parse(one.period_begin) <= at && at < Date.parse(one.period_end));

/** Whether it is open then; null where nothing is known. A closing counts more than an opening. */
export function isOpen(hours: Hours | null, zone: string, at: number): boolean | null {
  if (hours === null) return null;
  if (holds(hours.exceptional_closings, at)) return false;
  if (hours.twentyfourseven || holds(hours.exceptional_openings, at)) return true;
  const { weekday, minute } = localMoment(at, zone);
  return (hours.regular_hours ?? []).some((one) => one.weekday === weekday && minutes(one.period_begin) <= minute && minute < minutes(one.period_end));
}

/** A wall-clock time of a zone (`2026-12-24T08:00`) as a moment; in the hour that is skipped in spring, the one after. */
export function momentIn(zone: string, local: string): string {
  const wanted = Date.parse(`${local}Z`);
  let at = wanted;
  for (let round = 0; round < 2; round += 1) at -= Date.parse(`${wallClock(zone, at)}Z`) - wanted;
  return new Date(at).toISOString();
}

/** The moment as that zone's wall clock shows it: `2026-12-24T08:00`. */
export function wallClock(zone: string, at: number): string {
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).formatToParts(at);
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}-${part("day")}T${part("hour")}:${part("minute")}`;
}

/** What is wrong with a day's times, if anything: `order` or `overlap`. */
export function faultOf(periods: readonly Period[]): "order" | "overlap" | null {
  if (periods.some((one) => !one.period_begin || !one.period_end || one.period_begin >= one.period_end)) return "order";
  const sorted = periods.toSorted((a, b) => a.period_begin.localeCompare(b.period_begin));
  return sorted.some((one, index) => index > 0 && one.period_begin < (sorted[index - 1]?.period_end ?? "")) ? "overlap" : null;
}
