/** What the alerts screen loads. Keys begin with `incidents` or `alerts`. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, data, type Schema } from "#shared/api/client";
import type { TableAddress } from "#shared/table/state";

export type Incident = Schema["IncidentOut"];
export type IncidentDetail = Schema["IncidentDetail"];
export type Rule = Schema["RuleOut"];
export type Channel = Schema["ChannelOut"];
export type Delivery = Schema["DeliveryOut"];

export const HISTORY_FILTERS = ["state", "kind", "severity"] as const;
export const DELIVERY_FILTERS = ["channel", "result"] as const;
export const PAGE_SIZE = 50;
const MOST = 200;

/** The filters as the API takes them: one value each. */
export function historyParameters(address: TableAddress): Record<string, string> {
  const one = Object.entries(address.filters).flatMap(([name, values]) => (values[0] ? [[name, values[0]] as const] : []));
  return { ...Object.fromEntries(one), sort: address.sort };
}

export const openQuery = queryOptions({
  queryKey: ["incidents", "open"],
  queryFn: () => data(api.GET("/api/v1/incidents", { params: { query: { unresolved: true, sort: "since", limit: MOST } } })),
});

export function historyQuery(address: TableAddress) {
  const query = { ...historyParameters(address), limit: PAGE_SIZE, ...(address.cursor ? { cursor: address.cursor } : {}) };
  return queryOptions({
    queryKey: ["incidents", "list", query],
    queryFn: () => data(api.GET("/api/v1/incidents", { params: { query: query as object } })),
    placeholderData: keepPreviousData,
  });
}

export function incidentQuery(id: string) {
  return queryOptions({
    queryKey: ["incidents", id],
    queryFn: () => data(api.GET("/api/v1/incidents/{incident}", { params: { path: { incident: id } } })),
  });
}

export const rulesQuery = queryOptions({
  queryKey: ["alerts", "rules"],
  queryFn: () => data(api.GET("/api/v1/alert-rules", { params: { query: { limit: MOST } } })),
});

export const channelsQuery = queryOptions({
  queryKey: ["alerts", "channels"],
  queryFn: () => data(api.GET("/api/v1/alert-channels", { params: { query: { limit: MOST } } })),
});

export const placesQuery = queryOptions({
  queryKey: ["locations", "names"],
  queryFn: () => data(api.GET("/api/v1/locations", { params: { query: { limit: 500 } } })),
});

export function deliveriesQuery(address: TableAddress) {
  const [channel] = address.filters["channel"] ?? [];
  const [state] = address.filters["result"] ?? [];
  const query = {
    sort: address.sort, limit: PAGE_SIZE, ...(channel ? { channel } : {}), ...(state ? { state } : {}),
    ...(address.cursor ? { cursor: address.cursor } : {}),
  };
  return queryOptions({
    queryKey: ["alerts", "deliveries", query],
    queryFn: () => data(api.GET("/api/v1/alert-deliveries", { params: { query: query as object } })),
    placeholderData: keepPreviousData,
    // What waits is on its way within seconds.
    refetchInterval: (asked) => (asked.state.data?.items.some((row) => row.state === "waiting") ? 2000 : false),
  });
}
