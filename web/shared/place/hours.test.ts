import { describe, expect, it } from "vitest";
import { faultOf, isOpen, momentIn, readHours, wallClock } from "./hours";

const work = readHours({ twentyfourseven: false, regular_hours: [{ weekday: 1, period_begin: "08:00", period_end: "20:00" }] });
const at = (time: string) => Date.parse(time);

describe("opening hours", () => {
  it("count in the location's zone", () => {
    // Monday 15 June 2026, 06:30 UTC: 08:30 in Berlin, 02:30 in New York.
    expect(isOpen(work, "Europe/Berlin", at("2026-06-15T06:30:00Z"))).toBe(true);
    expect(isOpen(work, "America/New_York", at("2026-06-15T06:30:00Z"))).toBe(false);
    expect(isOpen(work, "Europe/Berlin", at("2026-06-15T18:00:00Z"))).toBe(false);
    expect(isOpen(work, "Europe/Berlin", at("2026-06-16T08:00:00Z"))).toBe(false);
  });

  it("are unknown where nothing is said, and closings win", () => {
    expect(isOpen(null, "UTC", 0)).toBe(null);
    const day = { period_begin: "2026-12-24T00:00:00Z", period_end: "2026-12-25T00:00:00Z" };
    const hours = { twentyfourseven: true, exceptional_closings: [day], exceptional_openings: [day] };
    expect(isOpen(hours, "UTC", at("2026-12-24T12:00:00Z"))).toBe(false);
    expect(isOpen(hours, "UTC", at("2026-12-25T00:00:00Z"))).toBe(true);
  });

  it("are checked for order and overlap", () => {
    const day = (period_begin: string, period_end: string) => ({ weekday: 1, period_begin, period_end });
    expect(faultOf([day("20:00", "08:00")])).toBe("order");
    expect(faultOf([day("08:00", "12:00"), day("11:00", "18:00")])).toBe("overlap");
    expect(faultOf([day("13:00", "18:00"), day("08:00", "12:00")])).toBe(null);
  });
});

describe("wall clocks", () => {
  it("become moments, in winter and in summer", () => {
    expect(momentIn("Europe/Berlin", "2026-12-24T08:00")).toBe("2026-12-24T07:00:00.000Z");
    expect(momentIn("Europe/Berlin", "2026-07-01T08:00")).toBe("2026-07-01T06:00:00.000Z");
    expect(momentIn("America/New_York", "2026-03-08T03:30")).toBe("2026-03-08T07:30:00.000Z");
  });

  it("come back", () => {
    expect(wallClock("Asia/Kolkata", at("2026-07-01T00:00:00Z"))).toBe("2026-07-01T05:30");
  });
});
