/** Status history as lanes over a span of time: one for each connector and one for the connection. Pure. */
import type { Schema } from "#shared/api/client";
import { connectorState, type ConnectorState } from "#shared/state/vocabulary";

export type Interval = Pick<Schema["StatusIntervalOut"], "connector_id" | "track" | "status" | "started_at" | "ended_at" | "late" | "info">;
export type LaneState = ConnectorState | "unknown";

/** Milliseconds. */
export interface Stretch {
  state: LaneState;
  from: number;
  to: number;
  info: string | null;
}

export interface Lane {
  /** Connector id, or `link`. */
  key: string;
  stretches: Stretch[];
}

export interface Window {
  from: number;
  until: number;
}

/**
 * The lanes of these connectors, then the connection's. What was not reported, and what a station that was away could
 * not report, is unknown. Nothing lies beyond now.
 */
export function lanesOf(intervals: readonly Interval[], connectors: readonly string[], window: Window, now: number): Lane[] {
  const until = Math.min(window.until, now);
  const span = { from: window.from, until };
  const link = fill(
    intervals.filter((one) => one.track === "link").map((one) => stretch(one, one.status === "online" ? "available" : "offline", until)),
    span,
  );
  const away = link.filter((one) => one.state === "offline");
  const lanes = connectors.map((key) => {
    const own = intervals.filter((one) => one.track === "status" && one.connector_id === key && !one.late);
    const reported = fill(own.map((one) => stretch(one, connectorState("online", { status: one.status }), until)), span);
    return { key, stretches: hide(reported, away) };
  });
  return [...lanes, { key: "link", stretches: link }];
}

function stretch(interval: Interval, state: LaneState, until: number): Stretch {
  return {
    state,
    from: Date.parse(interval.started_at),
    to: interval.ended_at === null ? until : Date.parse(interval.ended_at),
    info: interval.info,
  };
}

/** In order, clipped to the window, each until the next begins, what lies between as unknown, equal neighbours as one. */
function fill(found: Stretch[], window: Window): Stretch[] {
  const sorted = [...found].sort((a, b) => a.from - b.from);
  const result: Stretch[] = [];
  let at = window.from;
  const add = (one: Stretch) => {
    if (one.to <= one.from) return;
    const last = result.at(-1);
    if (last && last.state === one.state && last.to === one.from && last.info === one.info) last.to = one.to;
    else result.push({ ...one });
  };
  sorted.forEach((one, index) => {
    const next = sorted[index + 1];
    const from = Math.max(at, one.from);
    const to = Math.min(one.to, next ? next.from : Infinity, window.until);
    if (to <= from) return;
    if (from > at) add({ state: "unknown", from: at, to: from, info: null });
    add({ ...one, from, to });
    at = to;
  });
  if (at < window.until) add({ state: "unknown", from: at, to: window.until, info: null });
  return result;
}

/** What lies under `away` becomes unknown. */
function hide(stretches: readonly Stretch[], away: readonly Stretch[]): Stretch[] {
  let result = stretches.map((one) => ({ ...one }));
  for (const gap of away) {
    result = result.flatMap((one) => {
      const from = Math.max(one.from, gap.from);
      const to = Math.min(one.to, gap.to);
      if (to <= from) return [one];
      return [
        { ...one, to: from },
        { state: "unknown" as const, from, to, info: null },
        { ...one, from: to },
      ].filter((part) => part.to > part.from);
    });
  }
  const merged: Stretch[] = [];
  for (const one of result) {
    const last = merged.at(-1);
    if (last && last.state === one.state && last.to === one.from && last.info === one.info) last.to = one.to;
    else merged.push(one);
  }
  return merged;
}

const USE: ReadonlySet<LaneState> = new Set(["charging", "suspended_car", "suspended_station", "finishing", "preparing", "occupied"]);

/** The share of the known time in which a car stood there; null if nothing is known. */
export function inUse(lane: Lane): number | null {
  let known = 0;
  let used = 0;
  for (const one of lane.stretches) {
    if (one.state === "unknown" || one.state === "offline") continue;
    known += one.to - one.from;
    if (USE.has(one.state)) used += one.to - one.from;
  }
  return known === 0 ? null : used / known;
}

export type Period = "day" | "week" | "month";
const DAYS: Record<Period, number> = { day: 1, week: 7, month: 30 };
const DAY_MS = 86_400_000;

/** The window of a period that ends with today in the zone; `back` periods earlier. */
export function windowOf(period: Period, back: number, now: number, zone: string): Window {
  const until = startOfDay(startOfDay(now, zone) + 1.5 * DAY_MS, zone);
  const end = startOfDay(until - back * DAYS[period] * DAY_MS + DAY_MS / 2, zone);
  return { from: startOfDay(end - DAYS[period] * DAY_MS + DAY_MS / 2, zone), until: end };
}

/** Midnight of that moment's day in the zone, also where the clock was changed on that day. */
export function startOfDay(at: number, zone: string): number {
  let guess = at - clockMs(at, zone);
  const off = clockMs(guess, zone);
  if (off !== 0) guess -= off > DAY_MS / 2 ? off - DAY_MS : off;
  return guess;
}

/** Milliseconds since midnight by the clock on the wall. */
function clockMs(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hourCycle: "h23", hour: "2-digit", minute: "2-digit", second: "2-digit" }).formatToParts(new Date(at));
  const part = (name: string) => Number(parts.find((one) => one.type === name)?.value ?? 0);
  return (part("hour") * 3600 + part("minute") * 60 + part("second")) * 1000 + (at % 1000);
}

/** Moments to be named below the lanes. */
export function ticksOf(period: Period, window: Window): number[] {
  const step = period === "day" ? 3 * 3_600_000 : period === "week" ? DAY_MS : 5 * DAY_MS;
  const ticks: number[] = [];
  for (let at = window.from; at < window.until - step / 3; at += step) ticks.push(at);
  return ticks;
}
