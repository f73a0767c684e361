import { expect, it } from "vitest";
import { meterSpan, storyOf, type Fact } from "./story";

const fact = (at: string, kind: string, state: string | null = null, meter_wh: string | null = null) => ({ at, received_at: at, kind, state, cause: null, meter_wh, detail: null, message_id: null }) as Fact;
const facts = [fact("2026-11-25T10:00:00Z", "started", null, "1000"), fact("2026-11-25T10:00:05Z", "state", "charging"), fact("2026-11-25T10:01:00Z", "state", "charging"), fact("2026-11-25T10:30:00Z", "stopped", null, "5000")];

it("puts facts, prices and gaps in one order and leaves out what says nothing new", () => {
  const story = storyOf({
    facts,
    changes: [
      { at: "2026-11-25T10:00:00Z", kind: "energy", unit_price: "0.49", unit: "kwh", first: true },
      { at: "2026-11-25T10:10:00Z", kind: "energy", unit_price: "0.57", unit: "kwh", first: false },
    ],
    gaps: [{ start: "2026-11-25T10:12:00Z", end: "2026-11-25T10:15:30Z" }],
    settledAt: "2026-11-25T10:30:02Z",
    settledRevision: 1,
  });
  expect(story.map((entry) => entry.kind)).toEqual(["fact", "fact", "price", "gap", "fact", "settled"]);
  expect(story[3]).toMatchObject({ seconds: 210 });
});

it("keeps a state that comes back", () => {
  const back = [...facts.slice(0, 2), fact("2026-11-25T10:02:00Z", "state", "suspended_ev"), fact("2026-11-25T10:03:00Z", "state", "charging")];
  expect(storyOf({ facts: back, changes: [], gaps: [], settledAt: null, settledRevision: null })).toHaveLength(4);
});

it("reads the register at both ends", () => {
  expect(meterSpan(facts)).toEqual({ start: "1000", end: "5000" });
  expect(meterSpan([])).toEqual({ start: null, end: null });
});
