/**
 * One connection to `GET /api/v1/events` that keeps itself alive: it resumes after what it has, waits longer after
 * each failure, and takes 40 s of silence (the server says something every 15) for a loss.
 */
import type { LinkStatus, LiveEvent, Notice } from "./events";
import { SseParser } from "./sse";

export const SILENCE_MS = 40_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

export interface ConnectionPorts {
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  now: () => number;
  /** Between 0 and 1, spreads the tries of many browsers after a restart. */
  random: () => number;
}

const BROWSER: ConnectionPorts = {
  fetch: (url, init) => fetch(url, init),
  now: () => Date.now(),
  random: () => Math.random(),
};

/** How long to wait before the nth try (from 1), in milliseconds. */
export function waitBefore(attempt: number, random: number): number {
  const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1));
  return Math.round(longest * (0.5 + random / 2));
}

export class Connection {
  private readonly stopped = new AbortController();
  private wake: (() => void) | null = null;
  private status: LinkStatus;
  private attempt = 0;

  constructor(
    private readonly onNotice: (notice: Notice) => void,
    private readonly onStatus: (status: LinkStatus) => void,
    private position: string | null = null,
    private readonly ports: ConnectionPorts = BROWSER,
  ) {
    this.status = { state: "connecting", since: ports.now(), retryAt: null, lastAt: null };
  }

  /** Runs until `stop`, or until the session has ended. */
  async run(): Promise<void> {
    this.onStatus(this.status);
    let first = this.position === null;
    while (!this.stopped.signal.aborted) {
      const ended = await this.read(first).catch(() => false);
      if (ended || this.stopped.signal.aborted) return;
      first = false;
      this.attempt += 1;
      const wait = waitBefore(this.attempt, this.ports.random());
      this.tell("lost", this.ports.now() + wait);
      await this.sleep(wait);
    }
  }

  /** Try again now. */
  retry(): void {
    this.attempt = 0;
    this.wake?.();
  }

  stop(): void {
    this.stopped.abort();
    this.wake?.();
  }

  private async read(first: boolean): Promise<boolean> {
    const attempt = new AbortController();
    const abort = () => attempt.abort();
    this.stopped.signal.addEventListener("abort", abort, { once: true });
    let silence = setTimeout(abort, SILENCE_MS);
    try {
      const headers: Record<string, string> = { Accept: "text/event-stream" };
      if (this.position !== null) headers["Last-Event-ID"] = this.position;
      const response = await this.ports.fetch("/api/v1/events", { headers, signal: attempt.signal, cache: "no-store" });
      if (response.status === 401 || response.status === 403) {
        this.onNotice({ kind: "ended", code: String(response.status) });
        return true;
      }
      if (!response.ok || response.body === null) return false;
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      const parser = new SseParser();
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return false;
        clearTimeout(silence);
        silence = setTimeout(abort, SILENCE_MS);
        this.status = { ...this.status, lastAt: this.ports.now() };
        for (const frame of parser.push(value)) {
          if (frame.event === "ready" || frame.event === "resync") {
            // What is live only (no position) is missed while away: so a return is a gap, even if facts resume.
            if (frame.event === "resync" || !first) this.onNotice({ kind: "gap" });
            this.attempt = 0;
            this.tell("live", null);
          } else if (frame.event === "closed") {
            this.onNotice({ kind: "ended", code: (JSON.parse(frame.data) as { code: string }).code });
            return true;
          } else {
            this.onNotice({ kind: "event", event: JSON.parse(frame.data) as LiveEvent });
          }
        }
        this.position = parser.lastId ?? this.position;
      }
    } finally {
      clearTimeout(silence);
      this.stopped.signal.removeEventListener("abort", abort);
      attempt.abort();
    }
  }

  private tell(state: LinkStatus["state"], retryAt: number | null): void {
    const now = this.ports.now();
    this.status = { ...this.status, state, retryAt, since: this.status.state === state ? this.status.since : now };
    this.onStatus(this.status);
  }

  private sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, milliseconds);
      const wake = () => done();
      this.wake = wake;
      function done() {
        clearTimeout(timer);
        resolve();
      }
    });
  }
}
