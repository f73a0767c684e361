/** The answer first: how the station is, what is wrong, what to do next. Pure; the words are in `text.ts`. */
import type { Schema } from "#shared/api/client";
import { worstState, type ConnectorState } from "#shared/state/vocabulary";

export interface OutletState {
  /** As people call it: the EVSE's number, with the connector's where there are several. */
  name: string;
  state: ConnectorState | "unknown";
  since: string | null;
  errorCode: string | null;
}

export type VerdictKey =
  | "retired" | "knocking" | "blocked" | "never" | "offline" | "faulted" | "unavailable" | "stuck" | "busy" | "free" | "unknown";
export type NextStep = "adopt" | "unblock" | "credentials" | "messages" | "reset" | "operative" | "unlock" | null;

export interface Verdict {
  key: VerdictKey;
  tone: "bad" | "warn" | "plain";
  next: NextStep;
  /** Since when. */
  since: string | null;
  outlets: OutletState[];
}

/** A car that has finished and is still plugged in after so many milliseconds stands in the way. */
const STUCK_MS = 10 * 60_000;

type StationFacts = Pick<Schema["StationOut"], "registration" | "blocked" | "link" | "link_since" | "last_seen_at">;

export function verdictOf(station: StationFacts, outlets: readonly OutletState[], now: number): Verdict {
  const plain = (key: VerdictKey, found: readonly OutletState[] = []): Verdict => ({ key, tone: "plain", next: null, since: null, outlets: [...found] });
  const trouble = (key: VerdictKey, tone: "bad" | "warn", next: NextStep, since: string | null, found: readonly OutletState[] = []): Verdict => ({ key, tone, next, since, outlets: [...found] });
  if (station.registration === "retired") return trouble("retired", "warn", null, null);
  if (station.registration === "knocking") return trouble("knocking", "warn", "adopt", null);
  if (station.blocked) return trouble("blocked", "warn", "unblock", null);
  if (station.link !== "online" && station.last_seen_at === null) return trouble("never", "warn", "credentials", null);
  if (station.link !== "online") return trouble("offline", "bad", "messages", station.link_since);
  const faulted = outlets.filter((one) => one.state === "faulted");
  if (faulted.length > 0) return trouble("faulted", "bad", "reset", earliest(faulted), faulted);
  const stuck = outlets.filter((one) => one.state === "finishing" && one.since !== null && now - Date.parse(one.since) > STUCK_MS);
  if (stuck.length > 0) return trouble("stuck", "warn", "unlock", earliest(stuck), stuck);
  const out = outlets.filter((one) => one.state === "unavailable");
  if (out.length > 0) return trouble("unavailable", "warn", "operative", earliest(out), out);
  if (outlets.length === 0 || outlets.every((one) => one.state === "unknown")) return plain("unknown");
  const busy = outlets.filter((one) => one.state !== "available" && one.state !== "unknown");
  return busy.length > 0 ? plain("busy", busy) : plain("free", outlets);
}

function earliest(outlets: readonly OutletState[]): string | null {
  return outlets.map((one) => one.since).filter((since) => since !== null).sort()[0] ?? null;
}

/** The station's own mark: its worst connector, an offline one hides the rest. */
export function stationState(link: string, outlets: readonly OutletState[]): ConnectorState | "unknown" {
  return link === "online" ? worstState(outlets.map((one) => one.state)) : "offline";
}

