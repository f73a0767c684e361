import { expect, it } from "vitest";
import { readPayload } from "./CommandDialogs";
import { equal, nameOf } from "./readBack";

it("names a variable as people read it", () => {
  expect(nameOf({ component: "", variable: "HeartbeatInterval" })).toBe("HeartbeatInterval");
  expect(nameOf({ component: "SampledDataCtrlr", component_instance: "1", variable: "TxUpdatedInterval" })).toBe("SampledDataCtrlr(1).TxUpdatedInterval");
});
it("takes values for equal whatever their case and blanks, and nothing for no value", () => {
  expect(equal("true", "True ")).toBe(true);
  expect(equal("60", "300")).toBe(false);
  expect(equal("", null)).toBe(false);
});
it("reads a payload, or says what is wrong with it", () => {
  expect(readPayload('{"type":"Soft"}')).toEqual({ payload: { type: "Soft" } });
  expect(readPayload(" ")).toEqual({ payload: {} });
  expect(readPayload("[1]")).toMatchObject({ wrong: "object" });
  expect(readPayload("{type}")).toMatchObject({ wrong: "json" });
});
