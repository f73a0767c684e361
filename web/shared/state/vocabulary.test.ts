import { describe, expect, it } from "vitest";
import { connectorState, worstState } from "./vocabulary";

describe("connectorState", () => {
  it("is offline whatever was reported before", () => {
    expect(connectorState("offline", { status: "charging", session_state: "charging" })).toBe("offline");
  });
  it("takes OCPP 1.6 statuses as they are", () => {
    expect(connectorState("online", { status: "suspended_ev" })).toBe("suspended_car");
    expect(connectorState("online", { status: "suspended_evse" })).toBe("suspended_station");
  });
  it("asks the session where OCPP 2.x says only occupied", () => {
    expect(connectorState("online", { status: "occupied", session_state: "charging" })).toBe("charging");
    expect(connectorState("online", { status: "occupied", session_state: null })).toBe("occupied");
  });
  it("does not pretend to know", () => {
    expect(connectorState("online", { status: null })).toBe("unknown");
  });
});

describe("worstState", () => {
  it("follows the guide's order", () => {
    expect(worstState(["available", "charging", "faulted"])).toBe("faulted");
    expect(worstState(["available", "reserved"])).toBe("reserved");
    expect(worstState([])).toBe("unknown");
  });
});
