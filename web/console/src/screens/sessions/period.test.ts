import { expect, it } from "vitest";
import { dayOf, periodOf, startOfDay } from "./period";

const NOW = Date.parse("2026-11-25T23:30:00Z");

it("begins a day where the zone begins it, also on the days when clocks change", () => {
  expect(startOfDay("2026-11-25", "Europe/Berlin")).toBe("2026-11-24T23:00:00.000Z");
  expect(startOfDay("2026-03-29", "Europe/Berlin")).toBe("2026-03-28T23:00:00.000Z");
  expect(startOfDay("2026-03-30", "Europe/Berlin")).toBe("2026-03-29T22:00:00.000Z");
  expect(startOfDay("2026-10-26", "Europe/Berlin")).toBe("2026-10-25T23:00:00.000Z");
  expect(startOfDay("2026-11-25", "America/Los_Angeles")).toBe("2026-11-25T08:00:00.000Z");
  expect(startOfDay("yesterday", "Europe/Berlin")).toBeNull();
});

it("lets words move on with the day of the zone", () => {
  expect(dayOf("today", "Europe/Berlin", NOW)).toBe("2026-11-26");
  expect(dayOf("today", "UTC", NOW)).toBe("2026-11-25");
  expect(dayOf("7d", "UTC", NOW)).toBe("2026-11-19");
});

it("asks for whole days", () => {
  expect(periodOf("2026-11-24", "2026-11-24", "UTC", NOW)).toEqual({ from: "2026-11-24T00:00:00.000Z", to: "2026-11-25T00:00:00.000Z" });
  expect(periodOf(undefined, undefined, "UTC", NOW)).toEqual({});
  expect(periodOf("nonsense", "", "UTC", NOW)).toEqual({});
});
