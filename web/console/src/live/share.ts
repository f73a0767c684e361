/**
 * One event stream for all tabs of a browser that look at the same operator: the tab that holds the lock reads the
 * stream and tells the others; when it goes, the next one takes over and resumes after what it has heard.
 *
 * Without Web Locks (a page that came over plain http from another machine) each tab has a stream of its own.
 */
import { Connection } from "./connection";
import type { LinkStatus, Notice } from "./events";

type Wire =
  | { kind: "notice"; notice: Notice }
  | { kind: "status"; status: LinkStatus }
  | { kind: "hello" }
  | { kind: "retry" };

export interface Shared {
  retry: () => void;
  stop: () => void;
}

/** Follow the operator's stream. `onNotice` and `onStatus` are called in every tab. */
export function follow(operatorId: string, onNotice: (notice: Notice) => void, onStatus: (status: LinkStatus) => void): Shared {
  const name = `forecourt-live-${operatorId}`;
  const channel = new BroadcastChannel(name);
  const released = new AbortController();
  let connection: Connection | null = null;
  let position: string | null = null;
  let last: LinkStatus | null = null;

  const say = (wire: Wire) => channel.postMessage(wire);
  const heard = (notice: Notice) => {
    if (notice.kind === "event" && notice.event.position !== undefined) position = String(notice.event.position);
    onNotice(notice);
  };

  channel.onmessage = ({ data }: MessageEvent<Wire>) => {
    if (data.kind === "notice" && connection === null) heard(data.notice);
    else if (data.kind === "status" && connection === null) onStatus(data.status);
    else if (data.kind === "hello" && connection !== null && last !== null) say({ kind: "status", status: last });
    else if (data.kind === "retry") connection?.retry();
  };

  const lead = async () => {
    connection = new Connection(
      (notice) => {
        heard(notice);
        say({ kind: "notice", notice });
      },
      (status) => {
        last = status;
        onStatus(status);
        say({ kind: "status", status });
      },
      position,
    );
    await connection.run();
  };

  const locks: LockManager | undefined = navigator.locks;
  if (locks === undefined) {
    void lead();
  } else {
    say({ kind: "hello" });
    locks.request(name, { signal: released.signal }, lead).catch((error: unknown) => {
      if (!(error instanceof DOMException && error.name === "AbortError")) throw error;
    });
  }

  return {
    retry: () => (connection === null ? say({ kind: "retry" }) : connection.retry()),
    stop: () => {
      connection?.stop();
      released.abort();
      channel.close();
    },
  };
}
