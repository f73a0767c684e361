/** How sessions and doubts about their data are shown. Pure. */
import type { Mark } from "#shared/state/marks";
import { LOOKS, type ConnectorState } from "#shared/state/vocabulary";
import type { Token } from "#shared/theme/tokens";
import { text } from "./text";

export type Word = keyof (typeof text)["en"];

interface SessionLook {
  mark: Mark;
  colour: Token;
  /** A word of its own, or null: the connector state's. */
  word: Word | null;
  connector: ConnectorState | null;
}

const AS_CONNECTOR: Record<string, [ConnectorState, Word | null]> = {
  plugged: ["preparing", "plugged"],
  authorised: ["preparing", "authorised"],
  preparing: ["preparing", null],
  charging: ["charging", null],
  suspended_ev: ["suspended_car", null],
  suspended_evse: ["suspended_station", null],
  idle: ["suspended_car", "idle"],
  finishing: ["finishing", null],
  ev_connected: ["preparing", "connected"],
  unplugged: ["available", "unplugged"],
};

/** States of open sessions, as an operator meets them. */
export const OPEN_STATES = ["charging", "suspended_ev", "suspended_evse", "idle", "finishing", "preparing", "authorised", "plugged"] as const;

export function sessionLook(state: string, settled: boolean): SessionLook {
  const known = AS_CONNECTOR[state];
  if (known) {
    const look = LOOKS[known[0]];
    return { mark: look.mark, colour: look.colour, word: known[1], connector: known[0] };
  }
  if (state === "ended") return settled ? { mark: "done", colour: "available", word: "settled", connector: null } : { mark: "waiting", colour: "unavailable", word: "ended", connector: null };
  return { mark: "waiting", colour: "unavailable", word: null, connector: null };
}

/** Quality flags that the server sets, the ones that touch money first. */
export const FLAGS = [
  "jump_held", "unit_suspect", "register_base_missing", "register_erratic", "unpriced", "spike_dropped", "unit_repaired", "negative_step",
  "register_reset", "register_switched", "from_samples", "reading_after_stop", "reopened", "stop_before_start", "clock",
] as const;

/** Those after which a person should look. */
const SERIOUS = new Set<string>(["jump_held", "unit_suspect", "register_base_missing", "register_erratic", "unpriced"]);

export function isSerious(flag: string): boolean {
  return SERIOUS.has(flag) || flag.startsWith("unpriced");
}

/** The key of a flag's words, if there are any. */
export function flagWord(flag: string): Word | null {
  const key = `flag_${flag.startsWith("unpriced") ? "unpriced" : flag}`;
  return key in text.en ? (key as Word) : null;
}
