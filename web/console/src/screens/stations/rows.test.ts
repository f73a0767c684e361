import { describe, expect, it } from "vitest";
import type { LiveEvent } from "#console/live/events";
import { csvCell } from "./saveOutcomes";
import { applyEvent, movedRows, type StationRow } from "./rows";

const connector = {
  id: "con_1", evse_id: "evs_1", evse_uid: "DE*X*E1", evse_no: 1, connector_no: 1, connector_type: null, max_power_w: null,
  status: "occupied", status_since: null, error_code: null, session_id: null, session_state: null, power_w: null, energy_wh: null, measured_at: null,
};
const row = { id: "sta_1", link: "online", state: "occupied", connectors: [connector], open_sessions: 0, power_w: "0", energy_today_wh: "1000" } as unknown as StationRow;
const event = (type: string, data: Record<string, unknown>, subject = "x"): LiveEvent => ({ type, subject_id: subject, revision: 1, data });
const session = (more: Record<string, unknown>) =>
  event("session.updated", { session_id: "ses_1", station_id: "sta_1", evse_id: "evs_1", state: "charging", ended_at: null, power_w: "11000", energy_wh: "200", last_at: null, ...more });

describe("applyEvent", () => {
  it("shows a session that begins, grows and ends", () => {
    const begun = applyEvent(row, session({}));
    expect(begun).toMatchObject({ state: "charging", power_w: "11000", open_sessions: 1, energy_today_wh: "1200" });
    const grown = applyEvent(begun, session({ energy_wh: "500", power_w: "7000" }));
    expect(grown).toMatchObject({ power_w: "7000", energy_today_wh: "1500" });
    const over = applyEvent(grown, session({ energy_wh: "500", ended_at: "2026-01-01T00:00:00Z" }));
    expect(over).toMatchObject({ state: "occupied", power_w: "0", open_sessions: 0, energy_today_wh: "1500" });
  });
  it("hides the power of a station that is away", () => {
    expect(applyEvent(row, event("station.disconnected", {}, "sta_1"))).toMatchObject({ state: "offline", power_w: null });
  });
  it("keeps the row of another station as it is", () => {
    expect(applyEvent(row, event("connector.status_changed", { station_id: "sta_2", connector_id: "con_1", status: "faulted" }))).toBe(row);
  });
  it("takes a status with its error", () => {
    const faulted = applyEvent(row, event("connector.status_changed", { station_id: "sta_1", connector_id: "con_1", status: "faulted", error_code: "GroundFailure", since: "2026-01-01T00:00:00Z" }));
    expect(faulted.state).toBe("faulted");
    expect(movedRows([row], [faulted])).toBe(1);
  });
});

describe("csvCell", () => {
  it("quotes, and takes the power from formulas", () => {
    expect(csvCell('a "b", c')).toBe('"a ""b"", c"');
    expect(csvCell("=1+1")).toBe("'=1+1");
  });
});
