/** Id tokens: loading, saving, blocking. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, csvUrl, data, withEtag, type Schema } from "#shared/api/client";
import type { TableAddress } from "#shared/table/state";

export type Token = Schema["TokenOut"];
export type Group = Schema["GroupOut"];
export type Use = Schema["TokenUse"];
export type Attempt = Schema["AuthorisationOut"];
export const TYPES = ["rfid", "emaid", "app", "mac", "central", "key_code", "local", "evccid", "vin"] as const;
export const OFFLINE = ["allowed", "always", "allowed_offline", "never"] as const;
export const REASONS = ["lost", "stolen", "unpaid", "operator"] as const;
export const PAGE_SIZE = 50;

function parameters(address: TableAddress): Record<string, string> {
  const filters = Object.fromEntries(Object.entries(address.filters).map(([name, values]) => [name, values[0] ?? ""]));
  return { ...filters, ...(address.q ? { q: address.q } : {}), sort: address.sort };
}

export function tokensQuery(address: TableAddress) {
  const query = { ...parameters(address), limit: PAGE_SIZE, ...(address.cursor ? { cursor: address.cursor } : {}) };
  return queryOptions({
    queryKey: ["tokens", "list", query],
    queryFn: () => data(api.GET("/api/v1/tokens", { params: { query: query as never } })),
    placeholderData: keepPreviousData,
  });
}

export const exportUrl = (address: TableAddress) => csvUrl("/api/v1/tokens", parameters(address));

export function usesQuery(ids: readonly string[]) {
  return queryOptions({
    queryKey: ["tokens", "uses", ids.join()],
    queryFn: () => data(api.GET("/api/v1/token-uses", { params: { query: { tokens: ids.join() } } })),
    enabled: ids.length > 0,
    placeholderData: keepPreviousData,
  });
}

export const groupsQuery = queryOptions({
  queryKey: ["tokens", "groups"],
  queryFn: () => data(api.GET("/api/v1/token-groups", { params: { query: { limit: 500 } } })),
});

export function tokenQuery(id: string) {
  return queryOptions({
    queryKey: ["tokens", id],
    queryFn: () => withEtag(api.GET("/api/v1/tokens/{token}", { params: { path: { token: id } } })),
  });
}

export function attemptsQuery(id: string) {
  return queryOptions({
    queryKey: ["tokens", id, "attempts"],
    queryFn: () => data(api.GET("/api/v1/authorisations", { params: { query: { token: id, limit: 10 } } })),
  });
}

export function sessionsQuery(id: string) {
  return queryOptions({
    queryKey: ["sessions", "of-token", id],
    queryFn: () => data(api.GET("/api/v1/sessions", { params: { query: { token: id, limit: 10 } } })),
  });
}

export function stationQuery(id: string) {
  return queryOptions({
    queryKey: ["stations", id],
    queryFn: () => data(api.GET("/api/v1/stations/{station}", { params: { path: { station: id } } })),
  });
}

export type TokenState = "valid" | "blocked" | "expired" | "notYet";

/** Whether stations accept it now. */
export function stateOf(token: Pick<Token, "blocked_at" | "valid_from" | "valid_until">, now: number): TokenState {
  if (token.blocked_at) return "blocked";
  if (token.valid_until && Date.parse(token.valid_until) <= now) return "expired";
  if (token.valid_from && Date.parse(token.valid_from) > now) return "notYet";
  return "valid";
}

/** Does something to each, a few at a time; tells how many were not done. */
export async function each<T>(items: readonly T[], run: (item: T) => Promise<unknown>): Promise<number> {
  const waiting = [...items];
  let failed = 0;
  const work = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await run(item).catch(() => (failed += 1));
  };
  await Promise.all(Array.from({ length: 4 }, work));
  return failed;
}
