import { expect, test } from "vitest";
import { browserName, draftOf, operatorFaults, operatorPatch, type Operator } from "./rows";

const operator: Operator = {
  id: "opr_1", slug: "veldhart", name: "Veldhart", legal_name: null, country: "NL", currency: "EUR", time_zone: "Europe/Amsterdam", languages: ["en"],
  support_phone: null, support_email: null, logo_sha256: null, settings: { connection_timeout_s: 90 }, revision: 3,
  security: { second_factor_required: false, session_lifetime_hours: 168, session_idle_minutes: 720 },
};

test("only what differs is sent, and an emptied field is null", () => {
  const draft = draftOf(operator);
  expect(operatorPatch(draft, operator)).toEqual({});
  expect(operatorPatch({ ...draft, country: "", timeout: "", required: true, name: " Veldhart B.V. " }, operator)).toEqual({
    name: "Veldhart B.V.", country: null, settings: { connection_timeout_s: null }, security: { second_factor_required: true },
  });
});

test("faults are told by field", () => {
  const draft = draftOf(operator);
  expect(operatorFaults(draft)).toEqual({});
  expect(operatorFaults({ ...draft, name: " ", country: "nl", currency: "EURO", mail: "x", party: "FC", timeout: "5", hours: "0", minutes: "4.5" })).toEqual({
    name: "missing", country: "badCountry", currency: "badCurrency", mail: "badMail", party: "badParty", timeout: "badTimeout", hours: "badHours", minutes: "badMinutes",
  });
});

test("a browser is called by its name", () => {
  expect(browserName("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36")).toBe("Chrome, Linux");
  expect(browserName("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1")).toBe("Safari, iPhone");
  expect(browserName("curl/8.5")).toBe("curl/8.5");
});
