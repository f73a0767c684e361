import { expect, it } from "vitest";
import { letIn, saidOf } from "./knocks";

it("tells what a station said while the door was open", () => {
  const said = { boot: { vendor: "Aldor", model: "Twin 22", serial_number: "AT22" }, subprotocols: ["ocpp2.0.1", "ocpp1.6"], has_password: true };
  expect(saidOf({ said })).toEqual({ vendor: "Aldor", model: "Twin 22", serial: "AT22", firmware: null, protocols: ["OCPP 2.0.1", "OCPP 1.6"], hasPassword: true });
});
it("knows nothing of one that only knocked", () => {
  expect(saidOf({ said: {} })).toEqual({ vendor: null, model: null, serial: null, firmware: null, protocols: [], hasPassword: null });
});
it("counts who was let in, over all addresses", () => {
  expect(letIn({ admitted: { "192.0.2.1": ["a", "b"], "192.0.2.2": ["c"] } })).toBe(3);
});
