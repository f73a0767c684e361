import type { Format } from "#shared/format/useFormat";

/** Milliseconds below ten seconds, then as a duration. */
export function latency(f: Format, ms: number): string {
  return ms < 10_000 ? f.quantity(ms, "ms") : f.duration(ms / 1000);
}
