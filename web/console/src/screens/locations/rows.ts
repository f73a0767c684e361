/** The location table's rows. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, csvUrl, data, type Schema } from "#shared/api/client";
import type { MapPoint } from "#shared/map/StationMap";
import { STATES, type ConnectorState } from "#shared/state/vocabulary";
import type { TableAddress } from "#shared/table/state";

export type LocationRow = Schema["LocationRow"];

export const FILTERS = ["state", "country", "retired"] as const;
export const PAGE_SIZE = 50;
/** How many locations the map asks for at once. */
export const MAP_SIZE = 500;

function parameters(address: TableAddress): Record<string, string> {
  const filters = Object.fromEntries(Object.entries(address.filters).map(([name, values]) => [name, values.join(",")]));
  return { ...filters, ...(address.q ? { q: address.q } : {}), sort: address.sort };
}

export function rowsQuery(address: TableAddress, map: boolean) {
  const query = { ...parameters(address), limit: map ? MAP_SIZE : PAGE_SIZE, ...(address.cursor && !map ? { cursor: address.cursor } : {}) };
  return queryOptions({
    queryKey: ["locations", "table", query],
    queryFn: () => data(api.GET("/api/v1/network/locations", { params: { query: query as never } })),
    placeholderData: keepPreviousData,
  });
}

export const facetsQuery = queryOptions({
  queryKey: ["locations", "facets"],
  queryFn: () => data(api.GET("/api/v1/network/location-facets")),
});

export const exportUrl = (address: TableAddress) => csvUrl("/api/v1/network/locations", parameters(address));

/** A location's connector states, worst first, with how many are in each. */
export function countedStates(row: Pick<LocationRow, "connector_states">): [ConnectorState | "unknown", number][] {
  return [...STATES, "unknown" as const].flatMap((state) => (row.connector_states[state] ? [[state, row.connector_states[state]] as [ConnectorState | "unknown", number]] : []));
}

/** Points of the map, a state for each connector; and how many locations have no place. */
export function mapPoints(rows: readonly LocationRow[]): { points: MapPoint[]; placeless: number } {
  const placed = rows.filter((row) => row.latitude !== null && row.longitude !== null);
  const points = placed.map((row) => ({
    id: row.id,
    name: row.name,
    latitude: Number(row.latitude),
    longitude: Number(row.longitude),
    states: countedStates(row).flatMap(([state, count]) => Array<typeof state>(count).fill(state)),
  }));
  return { points, placeless: rows.length - placed.length };
}
