import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import type { LogFilter } from "./queries";

export type Range = "" | "hour" | "day" | "week" | "custom";
const SPAN_MS: Record<"hour" | "day" | "week", number> = { hour: 3_600_000, day: 86_400_000, week: 604_800_000 };
type Search = Readonly<Record<string, string | undefined>>;

export interface LogState {
  filter: LogFilter;
  range: Range;
  chosen: string | null;
  tail: boolean;
  /** How many filters are set. */
  filters: number;
  set: (change: Search) => void;
  choose: (id: string | null) => void;
  setTail: (on: boolean) => void;
  clear: () => void;
}

/** The log's filters in the address; `fixed` is the station whose page it is. */
export function useLogState(fixed: string | null): LogState {
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  return useMemo(() => {
    const range = rangeOf(search);
    // To the minute, so that the same question is asked again and can be answered from the cache.
    const now = Math.floor(Date.now() / 60_000) * 60_000;
    const since = range === "hour" || range === "day" || range === "week" ? new Date(now - SPAN_MS[range]).toISOString() : (search["since"] ?? null);
    const filter: LogFilter = {
      station: fixed ?? search["station"] ?? null,
      action: search["action"] ?? "",
      direction: search["direction"] === "in" || search["direction"] === "out" ? search["direction"] : "",
      correlation: search["correlation"] ?? "",
      errors: search["errors"] === "1",
      since,
      until: range === "custom" ? (search["until"] ?? null) : null,
    };
    const go = (change: Search, replace: boolean) => void navigate({ to: ".", search: ((old: Search) => ({ ...old, ...change })) as never, replace });
    const names = fixed ? ["action", "direction", "correlation", "errors", "range", "since"] : ["station", "action", "direction", "correlation", "errors", "range", "since"];
    return {
      filter,
      range,
      chosen: search["message"] ?? null,
      tail: search["tail"] === "1",
      filters: names.filter((name) => search[name]).length,
      set: (change) => go({ ...change, message: undefined }, false),
      choose: (id) => go({ message: id ?? undefined }, true),
      setTail: (on) => go({ tail: on ? "1" : undefined }, true),
      clear: () => go({ ...Object.fromEntries(names.map((name) => [name, undefined])), until: undefined, message: undefined }, false),
    };
  }, [search, navigate, fixed]);
}

function rangeOf(search: Search): Range {
  const range = search["range"];
  if (range === "hour" || range === "day" || range === "week") return range;
  return search["since"] || search["until"] ? "custom" : "";
}
