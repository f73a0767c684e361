/** What comes on the live stream, and the state of the connection to it. */

/** A business fact (with `position` and `at`) or a live value (without). `data` differs by `type`. */
export interface LiveEvent {
  type: string;
  subject_id: string;
  revision: number | null;
  data: Record<string, unknown>;
  position?: number;
  at?: string;
}

/** `gap`: something was missed, load afresh; `ended`: the session is over. */
export type Notice = { kind: "event"; event: LiveEvent } | { kind: "gap" } | { kind: "ended"; code: string };

export type LinkState = "connecting" | "live" | "lost";

export interface LinkStatus {
  state: LinkState;
  /** Milliseconds: since when it is so. */
  since: number;
  /** Milliseconds: when the next try is, while lost. */
  retryAt: number | null;
  /** Milliseconds: when something came last. */
  lastAt: number | null;
}

/** Whether the filter wants the type: its name, `session.*` for all of a noun, `*` for all. */
export function wants(patterns: readonly string[], type: string): boolean {
  return patterns.some((pattern) => pattern === "*" || pattern === type || (pattern.endsWith(".*") && type.startsWith(pattern.slice(0, -1))));
}
