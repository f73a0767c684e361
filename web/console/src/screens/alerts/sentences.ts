/** What is said of incidents, rules and deliveries. Pure. */
import type { Params, Translate } from "#shared/i18n/i18n";
import type { Mark } from "#shared/state/marks";
import type { Token } from "#shared/theme/tokens";
import type { Delivery, Incident, IncidentDetail, Rule } from "./queries";
import type { AlertWord } from "./text";

type T = Translate<AlertWord>;
export type Entry = IncidentDetail["entries"][number];

const SEVERITIES = ["critical", "warning", "info"];

/** The thing that an incident is about: "CP-0042, connector 2". */
export function subjectOf(t: T, facts: Record<string, unknown>): string {
  const station = String(facts["identity"] ?? "");
  const evse = facts["evse_no"];
  if (typeof evse !== "number") return station;
  const connector = facts["connector_no"];
  return t("connector", { station, number: typeof connector === "number" && connector > 1 ? `${evse}.${connector}` : String(evse) });
}

/** "CP-0042 is offline". An incident of a kind that this page does not know says its code. */
export function sentenceOf(t: T, incident: Pick<Incident, "kind" | "facts">): string {
  const subject = subjectOf(t, incident.facts);
  const known = incident.kind === "station_offline" || incident.kind === "connector_faulted" || incident.kind === "session_without_energy";
  return known ? t(incident.kind as AlertWord, { subject }) : `${subject}: ${incident.kind}`;
}

/** The vendor's or protocol's word for the fault, if there is one. */
export function errorOf(incident: Pick<Incident, "facts">): string | null {
  const code = incident.facts["error_code"];
  return typeof code === "string" ? code : null;
}

export function lookOf(kind: string): { mark: Mark; colour: Token } {
  if (kind === "station_offline") return { mark: "offline", colour: "offline" };
  if (kind === "session_without_energy") return { mark: "suspended_station", colour: "susp" };
  return { mark: "faulted", colour: "faulted" };
}

/** Critical first, those nobody has taken before the others, then the oldest. */
export function worstFirst(incidents: readonly Incident[]): Incident[] {
  const rank = (one: Incident) => SEVERITIES.indexOf(one.severity) * 2 + (one.state === "open" ? 0 : 1);
  return [...incidents].sort((a, b) => rank(a) - rank(b) || a.since.localeCompare(b.since));
}

/** One line of an incident's course. */
export function entryOf(t: T, entry: Entry): string {
  const who = entry.actor ?? "";
  if (entry.kind === "opened") return t("entry_opened", { minutes: Number(entry.data["delay_minutes"] ?? 0) });
  if (entry.kind === "told") return t("entry_told", { channels: (entry.data["channels"] as string[] | undefined)?.join(", ") ?? "" });
  if (entry.kind === "resolved") {
    const cause = entry.data["cause"];
    return cause === "person" ? t("entry_resolved", { who }) : t(cause === "rule_off" ? "entry_rule_off" : "entry_ended");
  }
  const words: Record<string, AlertWord> = { reopened: "entry_reopened", acknowledged: "entry_acknowledged", commented: "entry_commented" };
  const word = words[entry.kind];
  const params: Params = { who };
  return word ? t(word, params) : entry.kind;
}

/** How a delivery ended, as mark, colour and words. */
export function resultOf(t: T, delivery: Delivery): { mark: Mark; colour: Token; word: string } {
  if (delivery.state === "sent") return { mark: "done", colour: "available", word: t("delivered") };
  if (delivery.state === "waiting") return { mark: "waiting", colour: "unavailable", word: t("waiting") };
  if (delivery.state === "not_sent") return { mark: "void", colour: "unavailable", word: t("not_sent") };
  return { mark: "faulted", colour: "faulted", word: t("failed") };
}

/** What of a rule can be changed, as the editor holds it. */
export interface RuleDraft {
  enabled: boolean;
  delay: string;
  again: string;
  severity: string;
  locations: string[] | null;
  channels: string[] | null;
}

export function draftOf(rule: Rule): RuleDraft {
  return {
    enabled: rule.enabled, delay: String(rule.delay_minutes), again: String(rule.reopen_minutes), severity: rule.severity,
    locations: rule.location_ids, channels: rule.channel_ids,
  };
}

export const MOST_DELAY = 10_080;
export const MOST_AGAIN = 1_440;

/** Whole minutes in their range, or null. */
export function readMinutes(typed: string, most: number): number | null {
  const plain = typed.trim();
  if (!/^\d{1,5}$/.test(plain)) return null;
  const minutes = Number(plain);
  return minutes <= most ? minutes : null;
}

/** The draft as the API takes it; null while something in it cannot be. */
export function termsOf(draft: RuleDraft) {
  const delay_minutes = readMinutes(draft.delay, MOST_DELAY);
  const reopen_minutes = readMinutes(draft.again, MOST_AGAIN);
  if (delay_minutes === null || reopen_minutes === null) return null;
  return {
    enabled: draft.enabled, delay_minutes, reopen_minutes, severity: draft.severity as "critical" | "warning" | "info",
    location_ids: draft.locations, channel_ids: draft.channels,
  };
}

/** Addresses, one per line or with commas. */
export function readAddresses(typed: string): string[] {
  return [...new Set(typed.split(/[\n,;]+/).map((part) => part.trim()).filter(Boolean))];
}
