import { describe, expect, it } from "vitest";
import * as format from "./format";

const NB = "\u00a0";

describe("numbers", () => {
  it("are grouped in the reader's way and carry a real minus", () => {
    expect(format.number("en", 1284)).toBe("1,284");
    expect(format.number("de", 1284)).toBe("1.284");
    expect(format.number("en", "-3.5", 2)).toBe("−3.50");
  });
  it("say no data where nothing is known, and never 0 or a dash", () => {
    for (const nothing of [null, undefined, ""]) {
      expect(format.number("en", nothing)).toBe("no data");
      expect(format.power("de", nothing)).toBe("keine Daten");
      expect(format.money("en", nothing, "EUR")).toBe("no data");
    }
    expect(format.number("en", 0, 1)).toBe("0.0");
  });
});

describe("units", () => {
  it("follow after a no-break space", () => {
    expect(format.power("en", "64200")).toBe(`64.2${NB}kW`);
    expect(format.power("en", 9_840_000)).toBe(`9.84${NB}MW`);
    expect(format.energy("en", "41870", 2)).toBe(`41.87${NB}kWh`);
    expect(format.energy("en", 61_200_000)).toBe(`61.2${NB}MWh`);
    expect(format.percent("de", 0.9982, 2)).toBe(`99,82${NB}%`);
  });
});

describe("money", () => {
  it("has the minor digits of its currency", () => {
    expect(format.money("en", "22.34", "EUR")).toBe(`€${NB}22.34`);
    expect(format.money("de", "22.34", "EUR")).toBe(`22,34${NB}€`);
    expect(format.money("en", "1200", "JPY")).toBe(`JP¥${NB}1,200`);
  });
  it("carries its minus before the currency", () => {
    expect(format.money("en", "-9.76", "EUR")).toBe(`−${NB}€${NB}9.76`);
    expect(format.money("en", "0.29", "EUR", { sign: true })).toBe(`+${NB}€${NB}0.29`);
  });
  it("reads minor units without floats", () => {
    expect(format.minor("en", 2234, "EUR")).toBe(`€${NB}22.34`);
    expect(format.minor("en", -5, "EUR")).toBe(`−${NB}€${NB}0.05`);
    expect(format.minor("en", 1200, "JPY")).toBe(`JP¥${NB}1,200`);
  });
});

describe("times", () => {
  it("are in the location's zone, by 24 hours", () => {
    expect(format.time("en", "2026-11-19T13:32:00Z", "time", "Europe/Berlin")).toBe("14:32");
    expect(format.time("en", "2026-11-19T23:05:00Z", "time", "Europe/London")).toBe("23:05");
  });
  it("become durations of two units and ages of one", () => {
    expect(format.duration(2006)).toBe(`33${NB}min 26${NB}s`);
    expect(format.duration(4140)).toBe(`1${NB}h 9${NB}min`);
    expect(format.duration(3600)).toBe(`1${NB}h`);
    expect(format.age("2026-11-19T13:26:00Z", Date.parse("2026-11-19T13:32:30Z"))).toBe(`6${NB}min`);
  });
});
