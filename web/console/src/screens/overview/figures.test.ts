import { describe, expect, it } from "vitest";
import type { TwoDays } from "./data";
import { change, edgesOfDay, powerOfToday, runningTotals, sumOf } from "./figures";
import { hold } from "./hold";

const day = { starts_at: "2026-03-30T00:00:00Z", ends_at: "2026-03-31T00:00:00Z", energy_wh: "0", energy_so_far_wh: "0", energy_by_quarter_hour_wh: [], revenue: [] };

describe("figures", () => {
  it("adds up what is asked for, and everything if nothing is", () => {
    expect(sumOf({ charging: 3, offline: 2 }, ["charging", "faulted"])).toBe(3);
    expect(sumOf({ charging: 3, offline: 2 })).toBe(5);
  });
  it("runs from zero over each edge", () => {
    expect(runningTotals(["1", "3", "2"])).toEqual([0, 1, 4, 6]);
  });
  it("compares with yesterday only where there was something", () => {
    expect(change("150", "100")).toBeCloseTo(0.5);
    expect(change("150", "0")).toBeNull();
    expect(change("150", undefined)).toBeNull();
  });
  it("takes the power of whole quarters of an hour only", () => {
    const days: TwoDays = { at: "2026-03-30T00:37:00Z", time_zone: "UTC", yesterday: day, today: { ...day, energy_by_quarter_hour_wh: ["1000", "2500", "700"] } };
    const { values, peak } = powerOfToday(days);
    expect(values).toEqual([4000, 10_000]);
    expect(peak).toEqual({ at: new Date("2026-03-30T00:15:00Z"), power: 10_000 });
  });
  it("knows how long a day is", () => {
    expect(edgesOfDay(day)).toBe(97);
    expect(edgesOfDay({ starts_at: "2026-03-28T23:00:00Z", ends_at: "2026-03-29T22:00:00Z" })).toBe(93);
  });
});

describe("hold", () => {
  const key = (row: { id: number }) => String(row.id);
  it("keeps the order under the pointer, takes new values, drops what is gone and counts what is new", () => {
    const before = [{ id: 1, n: 1 }, { id: 2, n: 1 }, { id: 3, n: 1 }];
    const now = [{ id: 4, n: 2 }, { id: 3, n: 2 }, { id: 1, n: 2 }];
    expect(hold(before, now, key)).toEqual({ shown: [{ id: 1, n: 2 }, { id: 3, n: 2 }], fresh: 1 });
  });
});
