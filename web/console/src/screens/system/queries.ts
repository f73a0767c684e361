/** What the system screen loads. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, data, type Schema } from "#shared/api/client";
import type { Format } from "#shared/format/useFormat";
import type { Translate } from "#shared/i18n/i18n";
import type { TableAddress } from "#shared/table/state";
import type { SystemWord } from "./text";

export type System = Schema["SystemOut"];
export type Check = Schema["Check"];
export type Job = Schema["JobOut"];

export const FILTERS = ["state"] as const;
export const PAGE_SIZE = 25;

export const systemQuery = queryOptions({
  queryKey: ["system", "health"],
  queryFn: () => data(api.GET("/api/v1/system")),
  refetchInterval: 5000,
});

export function jobsQuery(address: TableAddress) {
  const state = (address.filters["state"]?.[0] ?? "failed") as Job["state"];
  const query = { state, sort: address.sort, limit: PAGE_SIZE, ...(address.cursor ? { cursor: address.cursor } : {}) };
  return queryOptions({
    queryKey: ["system", "jobs", query],
    queryFn: () => data(api.GET("/api/v1/system/jobs", { params: { query } })),
    placeholderData: keepPreviousData,
    refetchInterval: 10_000,
  });
}

/** What is wrong, in words. */
export function faultOf(t: Translate<SystemWord>, f: Pick<Format, "duration">, check: Check): string {
  const { params } = check;
  const list = (name: string) => (Array.isArray(params[name]) ? params[name].join(", ") : "");
  return t(check.code, {
    count: Number(params["count"] ?? 0),
    time: f.duration(Number(params["seconds"] ?? 0)),
    ms: Number(params["ms"] ?? 0),
    settings: list("settings"),
    nodes: list("nodes"),
    tables: list("tables"),
  });
}

const UNITS = ["B", "kB", "MB", "GB", "TB"] as const;

/** A size with a unit that leaves one to three digits before the point: bytes → [12.3, "MB"]. */
export function sizeOf(bytes: number): [number, (typeof UNITS)[number]] {
  let [size, unit] = [bytes, 0];
  while (size >= 1000 && unit < UNITS.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return [size, UNITS[unit] ?? "B"];
}
