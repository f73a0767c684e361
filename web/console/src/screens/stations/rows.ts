/** The station table's rows: loading them, and what live events do to them. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { LiveEvent } from "#console/live/events";
import { api, csvUrl, data, type Schema } from "#shared/api/client";
import { connectorState, worstState } from "#shared/state/vocabulary";
import type { TableAddress } from "#shared/table/state";

export type StationRow = Schema["StationRow"];
export type StationTable = Schema["StationTable"];

export const FILTERS = ["state", "country", "model", "protocol"] as const;
export const PAGE_SIZE = 50;
/** How many stations the map asks for at once. */
export const MAP_SIZE = 500;

function parameters(address: TableAddress) {
  const filters = Object.fromEntries(Object.entries(address.filters).map(([name, values]) => [name, values.join(",")]));
  return { ...filters, ...(address.q ? { q: address.q } : {}), sort: address.sort };
}

/** One page of the table; with `map` the first 500, whatever the page. */
export function rowsQuery(address: TableAddress, map: boolean) {
  const query = { ...parameters(address), limit: map ? MAP_SIZE : PAGE_SIZE, ...(address.cursor && !map ? { cursor: address.cursor } : {}) };
  return queryOptions({
    queryKey: ["stations", "table", query],
    queryFn: () => data(api.GET("/api/v1/network/stations", { params: { query } })) as Promise<StationTable>,
    placeholderData: keepPreviousData,
  });
}

export const facetsQuery = queryOptions({
  queryKey: ["stations", "facets"],
  queryFn: () => data(api.GET("/api/v1/network/station-facets")),
});

export const addressesQuery = queryOptions({
  queryKey: ["inbox", "addresses"],
  queryFn: () => data(api.GET("/api/v1/inbox/addresses")),
  staleTime: Infinity,
});

export function exportUrl(address: TableAddress): string {
  return csvUrl("/api/v1/network/stations", parameters(address));
}

/** The row after an event; the same object if the event is not about it. */
export function applyEvent(row: StationRow, event: LiveEvent): StationRow {
  if (event.type === "station.connected" || event.type === "station.disconnected") {
    if (event.subject_id !== row.id) return row;
    const link = event.type === "station.connected" ? "online" : "offline";
    return settle({ ...row, link, link_since: event.at ?? row.link_since });
  }
  if (event.data["station_id"] !== row.id) return row;
  if (event.type === "connector.status_changed") {
    const index = row.connectors.findIndex((one) => one.id === event.data["connector_id"]);
    const connector = row.connectors[index];
    if (!connector) return row;
    const changed = {
      ...connector,
      status: event.data["status"] as string,
      status_since: event.data["since"] as string,
      error_code: (event.data["error_code"] as string | null) ?? null,
    };
    return settle({ ...row, connectors: row.connectors.with(index, changed) });
  }
  if (event.type === "session.updated") return applySession(row, event);
  return row;
}

function applySession(row: StationRow, event: LiveEvent): StationRow {
  const facts = event.data as { session_id: string; evse_id: string | null; state: string; ended_at: string | null; power_w: string | null; energy_wh: string; last_at: string | null };
  const index = row.connectors.findIndex((one) => one.session_id === facts.session_id);
  const free = row.connectors.findIndex((one) => one.evse_id === facts.evse_id && one.session_id === null);
  const at = index >= 0 ? index : free;
  const connector = row.connectors[at];
  if (!connector) return row;
  const grown = Number(facts.energy_wh) - Number(index >= 0 ? connector.energy_wh : 0);
  const over = facts.ended_at !== null;
  const changed = {
    ...connector,
    session_id: over ? null : facts.session_id,
    session_state: over ? null : facts.state,
    power_w: over ? null : facts.power_w,
    energy_wh: over ? null : facts.energy_wh,
    measured_at: facts.last_at,
  };
  return settle({
    ...row,
    energy_today_wh: String(Number(row.energy_today_wh) + Math.max(0, grown)),
    connectors: row.connectors.with(at, changed),
  });
}

/** Works out anew what follows from the connectors. */
function settle(row: StationRow): StationRow {
  const open = row.connectors.filter((one) => one.session_id !== null);
  return {
    ...row,
    state: row.link === "online" ? worstState(row.connectors.map((one) => connectorState(row.link, one))) : "offline",
    open_sessions: open.length,
    power_w: row.link === "online" ? String(open.reduce((sum, one) => sum + Number(one.power_w ?? 0), 0)) : null,
  };
}

/** A row's changes that move it in the order "worst first". */
export function movedRows(before: readonly StationRow[], now: readonly StationRow[]): number {
  const old = new Map(before.map((row) => [row.id, row.state]));
  return now.filter((row) => old.has(row.id) && old.get(row.id) !== row.state).length;
}
