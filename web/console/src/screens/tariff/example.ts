/** The example session as the API prices it. Pure. */
import { readDecimal } from "#shared/form/fields";
import { shift } from "#shared/tariff/values";

export interface Example {
  /** Monday is 0. */
  day: string;
  start: string;
  energy: string;
  charging: string;
  idle: string;
  power: string;
  current: string;
  soc: string;
  connector: string;
  audience: string;
  reservation: string;
  reserved: string;
}

export const USUAL: Example = { day: "2", start: "16:37", energy: "40.624", charging: "47", idle: "25", power: "", current: "", soc: "", connector: "", audience: "", reservation: "", reserved: "15" };

/** UTC of a wall time in a zone, in milliseconds. */
export function fromLocal(date: string, time: string, zone: string): number {
  const wanted = Date.parse(`${date}T${time}:00Z`);
  // The offset there and then; asked twice, as the first guess may lie on the other side of a change of clocks.
  const offset = (at: number) => {
    const parts = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" }).formatToParts(at);
    const get = (type: string) => Number(parts.find((part) => part.type === type)?.value ?? "0");
    return Date.UTC(get("year"), get("month") - 1, get("day"), get("hour"), get("minute"), get("second")) - Math.floor(at / 1000) * 1000;
  };
  return wanted - offset(wanted - offset(wanted));
}

const iso = (at: number) => new Date(at).toISOString().replace(".000Z", "Z");
const MINUTE = 60_000;

/** OCPI charging periods for it; null while something in it cannot be read. */
export function sessionOf(example: Example, monday: string, zone: string): Record<string, unknown> | null {
  const [energy, charging, idle] = [readDecimal(example.energy || "0"), readDecimal(example.charging || "0"), readDecimal(example.idle || "0")];
  const optional = [example.power, example.current, example.soc].map((typed) => (typed.trim() === "" ? undefined : readDecimal(typed)));
  const reserved = example.reservation === "" ? "0" : readDecimal(example.reserved || "0");
  if (energy === null || charging === null || idle === null || reserved === null || optional.includes(null) || !/^\d{2}:\d{2}$/.test(example.start)) return null;
  if ([energy, charging, idle, reserved].some((value) => value.startsWith("-"))) return null;
  const date = new Date(Date.parse(`${monday}T00:00:00Z`) + Number(example.day) * 24 * 60 * MINUTE).toISOString().slice(0, 10);
  const start = fromLocal(date, example.start, zone);
  const full = start + Math.round(Number(charging) * MINUTE);
  const end = full + Math.round(Number(idle) * MINUTE);
  const hours = (from: number, to: number) => ((to - from) / (60 * MINUTE)).toFixed(9);
  const [power, current, soc] = optional;
  const measured = [["POWER", power], ["CURRENT", current], ["STATE_OF_CHARGE", soc]].flatMap(([type, volume]) => (volume ? [{ type, volume }] : []));
  const reservedFrom = start - Math.round(Number(reserved) * MINUTE);
  const expired = example.reservation === "EXPIRED";
  return {
    time_zone: zone,
    start_date_time: iso(reservedFrom),
    end_date_time: iso(expired ? start : end),
    charging_periods: [
      ...(reservedFrom < start ? [{ start_date_time: iso(reservedFrom), dimensions: [{ type: "RESERVATION_TIME", volume: hours(reservedFrom, start) }] }] : []),
      ...(expired ? [] : [{ start_date_time: iso(start), dimensions: [{ type: "ENERGY", volume: energy }, { type: "TIME", volume: hours(start, full) }, ...measured] }]),
      ...(end > full && !expired ? [{ start_date_time: iso(full), dimensions: [{ type: "PARKING_TIME", volume: hours(full, end) }] }] : []),
    ],
    ...(example.connector.trim() ? { connector_type: example.connector.trim() } : {}),
    ...(example.audience.trim() ? { audiences: example.audience.split(",").map((one) => one.trim()).filter(Boolean) } : {}),
    ...(example.reservation ? { reservation_outcome: example.reservation } : {}),
  };
}

/** The difference of two amounts, exact, with up to four decimals. */
export function difference(now: string, before: string): string {
  const whole = (amount: string) => BigInt(shift(amount, 4).split(".")[0] ?? "0");
  return shift((whole(now) - whole(before)).toString(), -4);
}
