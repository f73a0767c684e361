import { expect, it } from "vitest";
import type { LiveEvent } from "#console/live/events";
import { applyEvent, lasted, parameters, showsNew, type SessionRow } from "./rows";

const row = { id: "ses_1", state: "charging", opened_at: "2026-11-25T10:00:00Z", ended_at: null, last_at: "2026-11-25T10:10:00Z", energy_wh: "1000", power_w: "6000", cost: "0.50", final: false, revision: 4 } as unknown as SessionRow;
const event = (data: object, revision = 5): LiveEvent => ({ type: "session.updated", subject_id: "ses_1", revision, data: { session_id: "ses_1", state: "charging", ended_at: null, last_at: "2026-11-25T10:11:00Z", energy_wh: "1100", power_w: "7000", soc_percent: null, cost: "0.55", ...data } });
const address = { q: "", sort: "-opened_at", filters: {}, columns: null, cursor: null, page: 1 };

it("takes what an event says of its session", () => {
  expect(applyEvent(row, event({}))).toMatchObject({ energy_wh: "1100", power_w: "7000", cost: "0.55", revision: 5 });
  expect(applyEvent(row, event({ state: "ended", ended_at: "2026-11-25T10:12:00Z" }))).toMatchObject({ state: "ended", power_w: null });
});

it("leaves rows of others, settled ones and newer ones alone", () => {
  expect(applyEvent({ ...row, id: "ses_2" }, event({}))).toEqual({ ...row, id: "ses_2" });
  const final = { ...row, final: true };
  expect(applyEvent(final, event({}))).toBe(final);
  expect(applyEvent(row, event({}, 3))).toBe(row);
});

it("counts new sessions only where they would be seen", () => {
  expect(showsNew(address)).toBe(true);
  expect(showsNew({ ...address, filters: { open: ["true"] } })).toBe(true);
  expect(showsNew({ ...address, filters: { open: ["false"] } })).toBe(false);
  expect(showsNew({ ...address, filters: { station: ["sta_1"] } })).toBe(false);
  expect(showsNew({ ...address, cursor: "x" })).toBe(false);
  expect(showsNew({ ...address, sort: "-cost" })).toBe(false);
});

it("asks for days of the operator's zone", () => {
  const now = Date.parse("2026-11-25T12:00:00Z");
  expect(parameters({ ...address, filters: { state: ["idle", "charging"], from: ["today"] } }, "Europe/Berlin", now)).toEqual({
    state: "idle,charging", from: "2026-11-24T23:00:00.000Z", sort: "-opened_at",
  });
});

it("lets an open session go on and an ended one stand", () => {
  expect(lasted(row, Date.parse("2026-11-25T10:30:00Z"))).toBe(1800);
  expect(lasted({ ...row, ended_at: "2026-11-25T10:12:00Z" }, Date.parse("2026-11-25T10:30:00Z"))).toBe(720);
  expect(lasted(row, Date.parse("2026-11-25T09:00:00Z"))).toBe(600);
});
