/** The tariff table's rows. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, csvUrl, data, type Schema } from "#shared/api/client";
import type { TableAddress } from "#shared/table/state";

export type TariffRow = Schema["TariffListed"];

export const FILTERS = ["state", "currency"] as const;
export const PAGE_SIZE = 50;

function parameters(address: TableAddress) {
  const filters = Object.fromEntries(Object.entries(address.filters).map(([name, values]) => [name, values.join(",")]));
  return { ...filters, ...(address.q ? { q: address.q } : {}), sort: address.sort };
}

export function rowsQuery(address: TableAddress) {
  const query = { ...parameters(address), limit: PAGE_SIZE, ...(address.cursor ? { cursor: address.cursor } : {}) };
  return queryOptions({
    queryKey: ["tariffs", "list", query],
    queryFn: () => data(api.GET("/api/v1/tariffs", { params: { query } })),
    placeholderData: keepPreviousData,
  });
}

export function exportUrl(address: TableAddress): string {
  return csvUrl("/api/v1/tariffs", parameters(address));
}

/** The currencies that are in use, for the filter. */
export const currenciesQuery = queryOptions({
  queryKey: ["tariffs", "currencies"],
  queryFn: () => data(api.GET("/api/v1/tariffs", { params: { query: { limit: 500, sort: "currency" } } })).then((page) => [...new Set(page.items.map((row) => row.currency))]),
  staleTime: 60_000,
});
