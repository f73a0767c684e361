import { describe, expect, it } from "vitest";
import { translate } from "#shared/i18n/i18n";
import type { Delivery, Incident, Rule } from "./queries";
import { draftOf, entryOf, readAddresses, readMinutes, resultOf, sentenceOf, termsOf, worstFirst, type Entry } from "./sentences";
import { text, type AlertWord } from "./text";

const t = (key: AlertWord, params?: Record<string, string | number>) => translate(text, "en", key, params);
const incident = (more: Partial<Incident>) => ({ kind: "station_offline", facts: { identity: "CP-1" }, severity: "warning", state: "open", since: "2026-01-01T00:00:00Z", ...more }) as Incident;

describe("sentenceOf", () => {
  it("names the thing and what is wrong with it", () => {
    expect(sentenceOf(t, incident({}))).toBe("CP-1 is offline");
    expect(sentenceOf(t, incident({ kind: "connector_faulted", facts: { identity: "CP-1", evse_no: 2, connector_no: 1 } }))).toBe("CP-1, connector 2 is faulted");
    expect(sentenceOf(t, incident({ kind: "session_without_energy", facts: { identity: "CP-1", evse_no: 2, connector_no: 2 } }))).toBe("CP-1, connector 2.2: the car gets no energy");
  });
  it("says the code of a kind that it does not know", () => {
    expect(sentenceOf(t, incident({ kind: "certificate_ends" }))).toBe("CP-1: certificate_ends");
  });
});

describe("worstFirst", () => {
  it("puts critical first, then what nobody has taken, then the oldest", () => {
    const rows = [
      incident({ id: "late", since: "2026-01-02T00:00:00Z" }), incident({ id: "taken", state: "acknowledged" }),
      incident({ id: "early" }), incident({ id: "critical", severity: "critical", since: "2026-01-03T00:00:00Z" }),
    ];
    expect(worstFirst(rows).map((row) => row.id)).toEqual(["critical", "early", "late", "taken"]);
  });
});

describe("entryOf", () => {
  const entry = (kind: string, data = {}, actor: string | null = null) => ({ at: "", kind, actor, text: null, data }) as Entry;
  it("tells who did what", () => {
    expect(entryOf(t, entry("opened", { delay_minutes: 15 }))).toBe("Opened after 15 min");
    expect(entryOf(t, entry("told", { channels: ["Duty", "Desk"] }))).toBe("Told to Duty, Desk");
    expect(entryOf(t, entry("resolved", { cause: "person" }, "Ada"))).toBe("Ada resolved it");
    expect(entryOf(t, entry("resolved", { cause: "condition_ended" }))).toBe("Ended by itself");
    expect(entryOf(t, entry("acknowledged", {}, "Ada"))).toBe("Ada took it");
  });
});

describe("a rule's draft", () => {
  const rule = { enabled: true, delay_minutes: 15, reopen_minutes: 10, severity: "warning", location_ids: null, channel_ids: ["ach_1"] } as Rule;
  it("goes there and back", () => {
    expect(termsOf(draftOf(rule))).toEqual({ enabled: true, delay_minutes: 15, reopen_minutes: 10, severity: "warning", location_ids: null, channel_ids: ["ach_1"] });
  });
  it.each(["", "x", "-1", "1.5", "10081", "999999"])("takes no %s minutes", (typed) => {
    expect(readMinutes(typed, 10_080)).toBeNull();
    expect(termsOf({ ...draftOf(rule), delay: typed })).toBeNull();
  });
});

it("reads addresses from lines and commas, each once", () => {
  expect(readAddresses("a@x.de\n b@x.de , a@x.de;\n\n")).toEqual(["a@x.de", "b@x.de"]);
});

it("says that no mail server is set up", () => {
  expect(resultOf(t, { state: "not_sent" } as Delivery).word).toContain("no mail server");
});
