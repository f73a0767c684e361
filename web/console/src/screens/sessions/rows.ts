/** The session table's rows: loading them, and what live events do to them. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { LiveEvent } from "#console/live/events";
import { api, csvUrl, data, type Schema } from "#shared/api/client";
import type { TableAddress } from "#shared/table/state";
import { periodOf } from "./period";

export type SessionRow = Schema["SessionRow"];
export type SessionTable = Schema["SessionTable"];

export const FILTERS = ["state", "open", "held", "location", "station", "evse", "token", "flag", "from", "to", "min_cost", "max_cost"] as const;
export const DEFAULT_SORT = "-opened_at";
export const PAGE_SIZE = 50;

/** The address as the API takes it. Days are those of `zone`. */
export function parameters(address: TableAddress, zone: string, now: number): Record<string, string> {
  const { from, to, ...filters } = address.filters;
  return {
    ...Object.fromEntries(Object.entries(filters).map(([name, values]) => [name, values.join(",")])),
    ...periodOf(from?.[0], to?.[0], zone, now),
    ...(address.q ? { q: address.q } : {}),
    sort: address.sort,
  };
}

export function rowsQuery(address: TableAddress, zone: string) {
  const key = { filters: address.filters, q: address.q, sort: address.sort, cursor: address.cursor };
  return queryOptions({
    queryKey: ["sessions", "table", key],
    queryFn: () => {
      const query = { ...parameters(address, zone, Date.now()), limit: PAGE_SIZE, ...(address.cursor ? { cursor: address.cursor } : {}) };
      return data(api.GET("/api/v1/network/sessions", { params: { query: query as never } })) as Promise<SessionTable>;
    },
    placeholderData: keepPreviousData,
  });
}

/** One row by itself. */
export function rowQuery(id: string) {
  return queryOptions({
    queryKey: ["sessions", "row", id],
    queryFn: () => data(api.GET("/api/v1/network/sessions/{session}", { params: { path: { session: id } } })),
  });
}

export const facetsQuery = queryOptions({
  queryKey: ["sessions", "facets"],
  queryFn: () => data(api.GET("/api/v1/network/session-facets")),
});

export const locationsQuery = queryOptions({
  queryKey: ["locations", "names"],
  queryFn: () => data(api.GET("/api/v1/locations", { params: { query: { limit: 500 } } })),
  staleTime: 5 * 60_000,
});

export function exportUrl(address: TableAddress, zone: string): string {
  return csvUrl("/api/v1/network/sessions", parameters(address, zone, Date.now()));
}

interface LiveFacts {
  session_id: string;
  state: string;
  ended_at: string | null;
  last_at: string | null;
  energy_wh: string;
  power_w: string | null;
  soc_percent: string | null;
  cost: string | null;
}

/** The row after an event; the same object if the event is not about it, or is older than what it shows. */
export function applyEvent(row: SessionRow, event: LiveEvent): SessionRow {
  const facts = event.data as unknown as LiveFacts;
  if (facts.session_id !== row.id || row.final) return row;
  if (event.revision !== null && event.revision < row.revision) return row;
  const over = facts.ended_at !== null;
  return {
    ...row,
    state: facts.state,
    ended_at: facts.ended_at,
    last_at: facts.last_at,
    energy_wh: facts.energy_wh,
    power_w: over ? null : facts.power_w,
    soc_percent: facts.soc_percent,
    cost: facts.cost,
    revision: event.revision ?? row.revision,
  };
}

/** Whether a session that has just begun would be on the page that is shown: the first one, newest first, nothing filtered away. */
export function showsNew(address: TableAddress): boolean {
  const { open, state, ...others } = address.filters;
  const narrowed = Object.keys(others).length > 0 || (state !== undefined && !state.includes("charging"));
  return address.cursor === null && address.sort === DEFAULT_SORT && !narrowed && address.q === "" && open?.[0] !== "false";
}

/** Seconds that a session has lasted, at `now` (milliseconds) if it goes on. A simulated clock may be ahead of ours. */
export function lasted(row: Pick<SessionRow, "opened_at" | "ended_at" | "last_at">, now: number): number {
  const last = row.ended_at ?? row.last_at;
  const known = last === null ? 0 : Date.parse(last);
  const until = row.ended_at === null ? Math.max(now, known) : known;
  return Math.max(0, (until - Date.parse(row.opened_at)) / 1000);
}
