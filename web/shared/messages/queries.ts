import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, csvUrl, data } from "#shared/api/client";

/** What the log is filtered by, as it stands in the address. */
export interface LogFilter {
  station: string | null;
  action: string;
  direction: "" | "in" | "out";
  /** A command (`cmd_…`) or a message id. */
  correlation: string;
  errors: boolean;
  /** ISO times. */
  since: string | null;
  until: string | null;
}

export const PAGE = 100;

function parameters(filter: LogFilter) {
  return {
    exchanges: true,
    ...(filter.station ? { station: filter.station } : {}),
    ...(filter.action ? { action: filter.action } : {}),
    ...(filter.direction ? { direction: filter.direction } : {}),
    ...(filter.correlation ? { correlation: filter.correlation } : {}),
    ...(filter.errors ? { error: true } : {}),
    ...(filter.since ? { since: filter.since } : {}),
    ...(filter.until ? { until: filter.until } : {}),
  };
}

/** The log from the newest on, page by page. */
export function logQuery(filter: LogFilter) {
  const query = parameters(filter);
  return infiniteQueryOptions({
    queryKey: ["messages", "log", query],
    queryFn: ({ pageParam }) => data(api.GET("/api/v1/messages", { params: { query: { ...query, limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) } } })),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? null,
  });
}

/** The newest page, to be asked for again and again. */
export function tailQuery(filter: LogFilter) {
  const query = parameters(filter);
  return queryOptions({
    queryKey: ["messages", "tail", query],
    queryFn: () => data(api.GET("/api/v1/messages", { params: { query: { ...query, limit: PAGE } } })),
  });
}

export function exportUrl(filter: LogFilter): string {
  return csvUrl("/api/v1/messages", Object.fromEntries(Object.entries(parameters(filter)).map(([name, value]) => [name, String(value)])));
}

/** A station by its id or identity, for its name and protocol. */
export function stationFactsQuery(station: string) {
  return queryOptions({
    queryKey: ["stations", "one", station],
    queryFn: () => data(api.GET("/api/v1/stations/{station}", { params: { path: { station } } })),
  });
}
