import { Tooltip } from "@mantine/core";
import { useSyncExternalStore } from "react";
import { useFormat } from "./useFormat";
import type { TimeStyle } from "./format";

/** A moment in its location's zone, with the viewer's own time on hover. Name the zone once, in the column's head. */
export function Time({ at, zone, style = "time" }: { at: string | null | undefined; zone?: string | null; style?: TimeStyle }) {
  const f = useFormat();
  const text = f.time(at, style, zone);
  if (!at) return <span>{text}</span>;
  return (
    <Tooltip label={f.time(at, "full")}>
      <time dateTime={at}>{text}</time>
    </Tooltip>
  );
}

/** How long ago, kept up to date: `<Age at={row.last_seen_at} />`. */
export function Age({ at }: { at: string | null | undefined }) {
  const f = useFormat();
  const now = useNow();
  if (!at) return <span>{f.age(at, now)}</span>;
  return (
    <Tooltip label={f.time(at, "full")}>
      <time dateTime={at}>{f.age(at, now)}</time>
    </Tooltip>
  );
}

const listeners = new Set<() => void>();
let second = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    second = Date.now();
    listeners.forEach((tell) => tell());
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** The time in milliseconds, to the second; one clock for the whole page. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => second);
}
