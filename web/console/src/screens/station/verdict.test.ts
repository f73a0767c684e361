import { expect, it } from "vitest";
import { verdictOf, type OutletState } from "./verdict";

const NOW = Date.parse("2026-06-15T12:00:00Z");
const station = { registration: "adopted", blocked: false, link: "online", link_since: "2026-06-15T08:00:00Z", last_seen_at: "2026-06-15T11:59:00Z" };
const outlet = (state: OutletState["state"], since = "2026-06-15T11:00:00Z"): OutletState => ({ name: "1", state, since, errorCode: null });

it("says the worst first, and what to press", () => {
  expect(verdictOf(station, [outlet("charging"), outlet("faulted")], NOW)).toMatchObject({ key: "faulted", tone: "bad", next: "reset" });
  expect(verdictOf(station, [outlet("finishing"), outlet("unavailable")], NOW)).toMatchObject({ key: "stuck", next: "unlock" });
  expect(verdictOf(station, [outlet("finishing", "2026-06-15T11:55:00Z"), outlet("unavailable")], NOW).key).toBe("unavailable");
  expect(verdictOf({ ...station, link: "offline" }, [outlet("faulted")], NOW)).toMatchObject({ key: "offline", since: station.link_since });
});
it("is quiet when nothing is wrong", () => {
  expect(verdictOf(station, [outlet("charging"), outlet("available")], NOW)).toMatchObject({ key: "busy", tone: "plain", next: null });
  expect(verdictOf(station, [outlet("available")], NOW).key).toBe("free");
  expect(verdictOf(station, [], NOW).key).toBe("unknown");
});
it("knows stations that are not in use", () => {
  expect(verdictOf({ ...station, registration: "knocking" }, [], NOW).next).toBe("adopt");
  expect(verdictOf({ ...station, blocked: true }, [], NOW).key).toBe("blocked");
  expect(verdictOf({ ...station, link: "offline", last_seen_at: null }, [], NOW)).toMatchObject({ key: "never", next: "credentials" });
});
