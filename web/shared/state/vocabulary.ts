/**
 * The states a connector or a station can be in, worst first, with words, shape and colour (design guide, section
 * 3), and how they follow from what the API says.
 */
import type { Token } from "#shared/theme/tokens";
import type { Mark } from "./marks";

export const STATES = [
  "faulted", "offline", "suspended_station", "unavailable", "suspended_car", "finishing", "preparing", "occupied",
  "charging", "reserved", "available",
] as const;
export type ConnectorState = (typeof STATES)[number];

interface Look {
  mark: Mark;
  /** Colour: `--fc-COLOUR`, and `--fc-COLOUR-soft` behind a pill. */
  colour: Token;
  en: string;
  de: string;
}

export const LOOKS: Record<ConnectorState | "unknown", Look> = {
  faulted: { mark: "faulted", colour: "faulted", en: "Faulted", de: "Gestört" },
  offline: { mark: "offline", colour: "offline", en: "Offline", de: "Offline" },
  suspended_station: { mark: "suspended_station", colour: "susp", en: "Paused by station", de: "Pausiert von Station" },
  unavailable: { mark: "unavailable", colour: "unavailable", en: "Unavailable", de: "Außer Betrieb" },
  suspended_car: { mark: "suspended_car", colour: "susp", en: "Paused by car", de: "Pausiert vom Auto" },
  finishing: { mark: "finishing", colour: "finishing", en: "Finishing", de: "Wird beendet" },
  preparing: { mark: "preparing", colour: "preparing", en: "Preparing", de: "Wird vorbereitet" },
  occupied: { mark: "occupied", colour: "preparing", en: "Occupied", de: "Belegt" },
  charging: { mark: "charging", colour: "charging", en: "Charging", de: "Lädt" },
  reserved: { mark: "reserved", colour: "reserved", en: "Reserved", de: "Reserviert" },
  available: { mark: "available", colour: "available", en: "Available", de: "Frei" },
  unknown: { mark: "waiting", colour: "unavailable", en: "Not reported", de: "Nicht gemeldet" },
};

/** What the API says of a connector. */
export interface ConnectorFacts {
  /** `status` as the station reported it last. */
  status: string | null;
  /** State of the session that is open at it, if any. */
  session_state?: string | null;
}

const FROM_STATUS: Record<string, ConnectorState> = {
  available: "available", preparing: "preparing", charging: "charging", occupied: "occupied",
  suspended_ev: "suspended_car", suspended_evse: "suspended_station", finishing: "finishing", reserved: "reserved",
  unavailable: "unavailable", faulted: "faulted",
};
const FROM_SESSION: Record<string, ConnectorState> = {
  charging: "charging", suspended_ev: "suspended_car", suspended_evse: "suspended_station", idle: "finishing",
  finishing: "finishing",
};

/**
 * The state to show: a station that is away hides the rest; OCPP 2.x says only `occupied`, its session says more.
 * `GET /api/v1/network/stations` sorts by the same rule.
 */
export function connectorState(link: string, facts: ConnectorFacts): ConnectorState | "unknown" {
  if (link !== "online") return "offline";
  const status = facts.status === null ? undefined : FROM_STATUS[facts.status];
  if (status === undefined) return "unknown";
  if (status === "occupied" && facts.session_state) return FROM_SESSION[facts.session_state] ?? "occupied";
  return status;
}

/** The worst of a station's connectors. */
export function worstState(states: readonly (ConnectorState | "unknown")[]): ConnectorState | "unknown" {
  return STATES.find((state) => states.includes(state)) ?? "unknown";
}
