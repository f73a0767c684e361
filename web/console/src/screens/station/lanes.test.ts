import { describe, expect, it } from "vitest";
import { inUse, lanesOf, startOfDay, ticksOf, windowOf, type Interval } from "./lanes";

const at = (time: string) => Date.parse(`2026-06-15T${time}:00Z`);
const interval = (status: string, from: string, to: string | null, more: Partial<Interval> = {}): Interval => ({
  connector_id: "con_1", track: "status", status, started_at: new Date(at(from)).toISOString(), ended_at: to === null ? null : new Date(at(to)).toISOString(), late: false, info: null, ...more,
});
const link = (status: string, from: string, to: string | null) => interval(status, from, to, { connector_id: null, track: "link" });
const day = { from: at("00:00"), until: at("23:59") };
const shown = (lane: { stretches: { state: string; from: number; to: number }[] } | undefined) =>
  lane?.stretches.map((one) => `${one.state} ${new Date(one.from).toISOString().slice(11, 16)}-${new Date(one.to).toISOString().slice(11, 16)}`);

describe("lanes", () => {
  it("begin unknown, follow the reports, end now", () => {
    const [lane, connection] = lanesOf([interval("available", "06:00", "07:00"), interval("charging", "07:00", null), link("online", "05:00", null)], ["con_1"], day, at("08:00"));
    expect(shown(lane)).toEqual(["unknown 00:00-06:00", "available 06:00-07:00", "charging 07:00-08:00"]);
    expect(shown(connection)).toEqual(["unknown 00:00-05:00", "available 05:00-08:00"]);
  });
  it("are unknown while the station was away", () => {
    const intervals = [interval("available", "00:00", null), link("online", "00:00", "02:00"), link("offline", "02:00", "03:00"), link("online", "03:00", null)];
    const [lane, connection] = lanesOf(intervals, ["con_1"], day, at("04:00"));
    expect(shown(lane)).toEqual(["available 00:00-02:00", "unknown 02:00-03:00", "available 03:00-04:00"]);
    expect(shown(connection)).toEqual(["available 00:00-02:00", "offline 02:00-03:00", "available 03:00-04:00"]);
  });
  it("let the later of two overlapping reports win, and leave late ones out", () => {
    const intervals = [interval("faulted", "01:00", "09:00"), interval("available", "03:00", null), interval("charging", "02:00", "02:30", { late: true })];
    expect(shown(lanesOf(intervals, ["con_1"], day, at("04:00"))[0])).toEqual(["unknown 00:00-01:00", "faulted 01:00-03:00", "available 03:00-04:00"]);
  });
  it("have nothing for a window that has not begun, and a lane for a silent connector", () => {
    expect(lanesOf([], ["con_1", "con_2"], day, at("04:00")).map(shown)).toEqual([["unknown 00:00-04:00"], ["unknown 00:00-04:00"], ["unknown 00:00-04:00"]]);
    expect(lanesOf([], ["con_1"], { from: at("05:00"), until: at("06:00") }, at("04:00"))[0]?.stretches).toEqual([]);
  });
  it("say how long a car stood there, of the time that is known", () => {
    const [lane] = lanesOf([interval("available", "06:00", "07:00"), interval("charging", "07:00", null)], ["con_1"], day, at("08:00"));
    expect(inUse(lane as never)).toBe(0.5);
    expect(inUse({ key: "x", stretches: [] })).toBeNull();
  });
});

describe("windows", () => {
  it("are days of the location, also when the clock changes", () => {
    const berlin = "Europe/Berlin";
    expect(new Date(startOfDay(Date.parse("2026-06-15T21:59:59Z"), berlin)).toISOString()).toBe("2026-06-14T22:00:00.000Z");
    expect(new Date(startOfDay(Date.parse("2026-06-15T22:00:00Z"), berlin)).toISOString()).toBe("2026-06-15T22:00:00.000Z");
    for (const changed of ["2026-03-29T20:00:00Z", "2026-10-25T20:00:00Z"]) {
      const { from, until } = windowOf("day", 0, Date.parse(changed), berlin);
      expect((until - from) / 3_600_000).toBe(changed.includes("-03-") ? 23 : 25);
    }
  });
  it("go back by whole periods", () => {
    const now = Date.parse("2026-06-15T12:00:00Z");
    expect(windowOf("week", 1, now, "UTC").until).toBe(windowOf("week", 0, now, "UTC").from);
    expect(ticksOf("day", windowOf("day", 0, now, "UTC"))).toHaveLength(8);
    expect(ticksOf("week", windowOf("week", 0, now, "UTC"))).toHaveLength(7);
  });
});
