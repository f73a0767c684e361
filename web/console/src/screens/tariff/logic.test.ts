import { describe, expect, it } from "vitest";
import { compareLines } from "./diff";
import { difference, fromLocal, sessionOf, USUAL } from "./example";
import { begin, edit, pause, redo, undo } from "./history";
import { cells, scale, shadesOfRules, stretches, type Part } from "./week";

describe("undo", () => {
  it("takes edits of one word in a row as one step", () => {
    let history = begin("a");
    for (const next of ["b", "c", "d"]) history = edit(history, next, "price");
    history = edit(pause(history), "e", "price");
    history = edit(history, "f", null);
    expect(undo(history).present).toBe("e");
    expect(undo(undo(history)).present).toBe("d");
    expect(undo(undo(undo(history))).present).toBe("a");
    expect(undo(begin("a")).present).toBe("a");
    expect(redo(redo(undo(undo(history)))).present).toBe("f");
    expect(redo(edit(undo(history), "g", null)).present).toBe("g");
  });
});

describe("comparing", () => {
  it("keeps what stayed, the old before the new", () => {
    expect(compareLines(["night", "base"], ["night", "noon", "base 2"])).toEqual([
      { kind: "same", text: "night" }, { kind: "gone", text: "base" }, { kind: "new", text: "noon" }, { kind: "new", text: "base 2" },
    ]);
    expect(compareLines([], ["a"])).toEqual([{ kind: "new", text: "a" }]);
  });
});

describe("the example session", () => {
  it("starts at the site's wall time, also on the day of a change of clocks", () => {
    expect(new Date(fromLocal("2026-06-15", "12:00", "Europe/Berlin")).toISOString()).toBe("2026-06-15T10:00:00.000Z");
    expect(new Date(fromLocal("2026-03-29", "03:30", "Europe/Berlin")).toISOString()).toBe("2026-03-29T01:30:00.000Z");
    expect(new Date(fromLocal("2026-10-25", "12:00", "America/New_York")).toISOString()).toBe("2026-10-25T16:00:00.000Z");
  });

  it("is one of charging, then one of idling", () => {
    expect(sessionOf({ ...USUAL, energy: "20,5", charging: "60", idle: "30" }, "2026-06-15", "Europe/Berlin")).toEqual({
      time_zone: "Europe/Berlin", start_date_time: "2026-06-17T14:37:00Z", end_date_time: "2026-06-17T16:07:00Z",
      charging_periods: [
        { start_date_time: "2026-06-17T14:37:00Z", dimensions: [{ type: "ENERGY", volume: "20.5" }, { type: "TIME", volume: "1.000000000" }] },
        { start_date_time: "2026-06-17T15:37:00Z", dimensions: [{ type: "PARKING_TIME", volume: "0.500000000" }] },
      ],
    });
    expect(sessionOf({ ...USUAL, energy: "much" }, "2026-06-15", "Europe/Berlin")).toBeNull();
    expect(sessionOf({ ...USUAL, start: "7" }, "2026-06-15", "Europe/Berlin")).toBeNull();
  });

  it("tells the difference of amounts exactly", () => {
    expect([difference("22.63", "22.34"), difference("0.10", "0.30"), difference("1", "1.00")]).toEqual(["0.29", "-0.2", "0"]);
  });
});

describe("the week", () => {
  const part = (hour: number, energy: string | null, from = 0, to = 60): Part => ({ day: 0, hour, start_minute: from, end_minute: to, energy, charging: null, standing: null, element: energy === "0.4" ? 1 : 0 });
  const week = [part(0, "0.3"), part(1, "0.3", 0, 30), part(1, "0.4", 30, 60), part(2, null)];

  it("shades prices from cheap to dear, and rules like their prices", () => {
    expect(scale(week, "energy")).toEqual([{ price: "0.3", shade: 0 }, { price: "0.4", shade: 4 }]);
    expect([...shadesOfRules(week)]).toEqual([[0, 0], [1, 4]]);
    expect(scale(week, "charging")).toEqual([]);
  });

  it("tells a day in stretches", () => {
    expect(stretches(week, 0, "energy")).toEqual([{ from: "00:00", to: "01:30", price: "0.3" }, { from: "01:30", to: "02:00", price: "0.4" }, { from: "02:00", to: "03:00", price: null }]);
    expect(cells(week)[0]?.[1]?.length).toBe(2);
  });
});
