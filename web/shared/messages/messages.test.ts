import { describe, expect, it } from "vitest";
import { curlOf, scenarioOf } from "./copies";
import { errorCode, exchangesOf, gist, inFrame, leaves, type MessageRow } from "./exchange";
import { jsonLines } from "./json";

function row(change: Partial<MessageRow>): MessageRow {
  return {
    id: "msg_1", station_id: "sta_1", at: "2026-06-15T12:00:00.000Z", direction: "in", type: 2, message_id: "m1", action: "Heartbeat",
    payload: '[2,"m1","Heartbeat",{}]', correlation: null, error: null, quirks: null, reply: null, ...change,
  };
}
const call = row({ id: "msg_2", direction: "out", message_id: "c1", action: "Reset", payload: '[2,"c1","Reset",{"type":"Soft"}]', correlation: "cmd_1" });
const answer = row({ id: "msg_3", direction: "in", type: 3, message_id: "c1", action: "Reset", payload: '[3,"c1",{"status":"Accepted"}]', at: "2026-06-15T12:00:00.212Z" });

describe("exchanges", () => {
  it("a call of the station has our reply in its row", () => {
    const [one] = exchangesOf([row({ reply: { at: "2026-06-15T12:00:00.007Z", type: 3, payload: '[3,"m1",{"currentTime":"x"}]' } })]);
    expect(one).toMatchObject({ latencyMs: 7, answerPayload: { currentTime: "x" }, unanswered: false });
  });
  it("the station's answer to ours is put into our call, wherever it stands", () => {
    const found = exchangesOf([answer, row({}), call]);
    expect(found.map((one) => one.id)).toEqual(["msg_1", "msg_2"]);
    expect(found[1]).toMatchObject({ latencyMs: 212, direction: "out", correlation: "cmd_1", answerPayload: { status: "Accepted" } });
    expect(gist(found[1] as never)).toBe("Soft → Accepted");
  });
  it("another station's answer with the same id, and a late one, stay alone", () => {
    const foreign = row({ ...answer, id: "msg_4", station_id: "sta_2" });
    const late = row({ ...answer, id: "msg_5", error: "late_reply" });
    const found = exchangesOf([late, foreign, call]);
    expect(found.map((one) => [one.id, one.unanswered])).toEqual([["msg_5", false], ["msg_4", false], ["msg_2", true]]);
  });
  it("a CALLERROR has its code", () => {
    const [one] = exchangesOf([row({ reply: { at: "2026-06-15T12:00:01Z", type: 4, payload: '[4,"m1","NotImplemented","",{}]' } })]);
    expect(errorCode(one as never)).toBe("NotImplemented");
  });
  it("a frame that cannot be read is shown as it came", () => {
    const [one] = exchangesOf([row({ type: 0, payload: "[2,", error: "FormationViolation" })]);
    expect(one).toMatchObject({ request: "[2,", requestPayload: undefined, error: "FormationViolation" });
    expect(gist(one as never)).toBe("");
  });
  it("tells power and register of a meter value", () => {
    const payload = '[2,"m","MeterValues",{"connectorId":2,"meterValue":[{"sampledValue":[{"value":"11000","measurand":"Power.Active.Import","unit":"W"}]}]}]';
    expect(gist(exchangesOf([row({ action: "MeterValues", payload })])[0] as never)).toBe("connectorId 2 · 11000 W");
  });
});

describe("the frame's text", () => {
  const text = '[2,"m",{"value":1.0,"list":[true,"a\\"b"]}]';
  it("keeps literals as they were written, with their paths", () => {
    const tokens = (jsonLines(text) ?? []).flatMap((line) => line.tokens);
    expect(tokens.map((token) => token.text).join("").replace(/\s/g, "")).toBe(text);
    expect(tokens.find((token) => token.text === "1.0")?.path).toBe("$[2].value");
    expect(tokens.find((token) => token.text === "true")?.path).toBe("$[2].list[0]");
  });
  it("is null for what is no JSON", () => {
    for (const wrong of ["[2,", "{a:1}", "[1] [2]", "[1,]", ""]) expect(jsonLines(wrong)).toBeNull();
  });
  it("finds the place of a quirk in the frame", () => {
    expect(inFrame("$.a[0].b", 3)).toBe("$[3].a[0].b");
    expect(leaves({ a: [{ b: 1 }], c: {} })).toEqual([{ path: "$.a[0].b", name: "a[0].b", value: "1" }, { path: "$.c", name: "c", value: "{}" }]);
  });
});

describe("copies", () => {
  const [ours] = exchangesOf([call]);
  const [theirs] = exchangesOf([row({ action: "StartTransaction", payload: '[2,"m1","StartTransaction",{"connectorId":2,"idTag":"O\'B"}]' })]);
  it("our call can be sent again", () => {
    expect(curlOf(ours as never, "https://cpo.example")).toContain(`/stations/sta_1/commands/raw?wait=30' \\\n`);
    expect(curlOf(ours as never, "https://cpo.example")).toContain(`-d '{"action":"Reset","payload":{"type":"Soft"}}'`);
    expect(curlOf(theirs as never, "https://cpo.example")).toContain("correlation=m1");
  });
  it("a start becomes a visit with the same token and connector", () => {
    const text = scenarioOf(theirs as never, { id: "sta_1", identity: "CP-1", protocol: "ocpp2.0.1" }, "https://cpo.example");
    expect(text).toContain('version: "2.0.1"');
    expect(text).toContain(`- {at: 10s, station: "CP-1", connector: 2, id_tag: "O'B", energy_kwh: 10, stay: 30m}`);
  });
});
