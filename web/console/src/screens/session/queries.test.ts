import { expect, it } from "vitest";
import { extended, factsOf, patched, type Curve, type Row } from "./queries";

const facts = { session_id: "ses_1", state: "charging", ended_at: null, last_at: "2026-11-25T10:11:00Z", energy_wh: "1100", power_w: "7000", soc_percent: null, cost: "0.55" };
const curve = { readings: 1, points: [{ at: "2026-11-25T10:10:00Z", power_w: "6000", energy_wh: "1000", cost: "0.50", soc_percent: null }], gaps: [] } as unknown as Curve;

it("grows the curve by newer times only", () => {
  const more = extended(curve, facts);
  expect(more.points.map((point) => point.energy_wh)).toEqual(["1000", "1100"]);
  expect(extended(more, facts)).toBe(more);
  expect(extended(curve, { ...facts, ended_at: "2026-11-25T10:12:00Z" })).toBe(curve);
});

it("patches the row unless it knows more", () => {
  const row = { id: "ses_1", final: false, revision: 4 } as Row;
  expect(patched(row, facts, 5)).toMatchObject({ cost: "0.55", power_w: "7000", revision: 5 });
  expect(patched(row, facts, 3)).toBe(row);
  const final = { ...row, final: true };
  expect(patched(final, facts, 9)).toBe(final);
});

it("knows whose event it is", () => {
  expect(factsOf({ type: "session.updated", subject_id: "ses_1", revision: 1, data: facts }, "ses_2")).toBeNull();
});
