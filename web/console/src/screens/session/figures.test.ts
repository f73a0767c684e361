import { expect, it } from "vitest";
import { chargingSeconds, lasted, occupiedAfter, peakPower } from "./figures";

const stretch = (start: number, end: number, state: string) => ({ start: new Date(start * 1000).toISOString(), end: new Date(end * 1000).toISOString(), state, energy_wh: "0" });

it("adds up charging and what came after it", () => {
  const course = [stretch(0, 10, "preparing"), stretch(10, 100, "charging"), stretch(100, 130, "suspended_ev"), stretch(130, 200, "charging"), stretch(200, 260, "idle"), stretch(260, 300, "finishing")];
  expect(chargingSeconds(course)).toBe(160);
  expect(occupiedAfter(course)).toBe(100);
  expect(occupiedAfter(course.slice(0, 1))).toBeNull();
});

it("finds the peak among what is known", () => {
  const point = (power_w: string | null) => ({ at: "", power_w, energy_wh: "0", cost: null, soc_percent: null });
  expect(peakPower({ points: [point(null), point("9000"), point("11000.5"), point("7000")] })).toBe("11000.5");
  expect(peakPower({ points: [point(null)] })).toBeNull();
});

it("counts on for an open session only", () => {
  const row = { opened_at: "2026-11-25T10:00:00Z", ended_at: null, last_at: null };
  expect(lasted(row, Date.parse("2026-11-25T10:01:00Z"))).toBe(60);
  expect(lasted({ ...row, ended_at: "2026-11-25T10:00:30Z" }, Date.parse("2026-11-25T10:01:00Z"))).toBe(30);
});
