/** Imports: loading them, and taking a file in. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, csvUrl, data, type Schema } from "#shared/api/client";
import type { TableAddress } from "#shared/table/state";

export type Run = Schema["ImportRunOut"];
export type RunRow = Schema["ImportRowOut"];
export type KindName = "locations" | "stations" | "tokens";
export const KINDS: readonly KindName[] = ["locations", "stations", "tokens"];
export const PAGE_SIZE = 50;

const plain = (address: TableAddress) => ({
  ...Object.fromEntries(Object.entries(address.filters).map(([name, values]) => [name, values[0] ?? ""])),
  sort: address.sort,
});

export function runsQuery(address: TableAddress) {
  const query = { ...plain(address), limit: PAGE_SIZE, ...(address.cursor ? { cursor: address.cursor } : {}) };
  return queryOptions({
    queryKey: ["imports", "list", query],
    queryFn: () => data(api.GET("/api/v1/imports", { params: { query } })),
    placeholderData: keepPreviousData,
    refetchInterval: (found) => (found.state.data?.items.some(working) ? 1000 : false),
  });
}

export function runQuery(id: string) {
  return queryOptions({
    queryKey: ["imports", id],
    queryFn: () => data(api.GET("/api/v1/imports/{run}", { params: { path: { run: id } } })),
    refetchInterval: (found) => (found.state.data && working(found.state.data) ? 600 : false),
  });
}

export function rowsQuery(id: string, state: string, address: TableAddress) {
  const query = { ...plain(address), limit: PAGE_SIZE, ...(address.cursor ? { cursor: address.cursor } : {}) };
  return queryOptions({
    queryKey: ["imports", id, "rows", state, query],
    queryFn: () => data(api.GET("/api/v1/imports/{run}/rows", { params: { path: { run: id }, query } })),
    placeholderData: keepPreviousData,
  });
}

export const kindsQuery = queryOptions({
  queryKey: ["import-kinds"],
  queryFn: () => data(api.GET("/api/v1/import-kinds")),
  staleTime: Infinity,
});

export const working = (run: Run) => run.state === "running" || run.state === "undoing";

export const reportUrl = (id: string) => csvUrl(`/api/v1/imports/${id}/rows`, {});

/** Sends a file to be checked. */
export async function upload(kind: KindName, file: File): Promise<Run> {
  const content = toBase64(new Uint8Array(await file.arrayBuffer()));
  return data(api.POST("/api/v1/imports", { body: { kind, filename: file.name, content } })) as Promise<Run>;
}

/** In pieces: `String.fromCharCode` takes only so many arguments. */
export function toBase64(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 0x8000) parts.push(String.fromCharCode(...bytes.subarray(at, at + 0x8000)));
  return btoa(parts.join(""));
}

/** A CSV file out of the browser; cells that a spreadsheet takes for a formula get an apostrophe. */
export function csvOf(rows: readonly (readonly string[])[]): string {
  const cell = (value: string) => {
    const safe = /^ *[=+\-@\t\r]/.test(value) ? `'${value}` : value;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return `\u{feff}${rows.map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}

export function save(name: string, content: string): void {
  const url = URL.createObjectURL(new Blob([content], { type: "text/csv" }));
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  URL.revokeObjectURL(url);
}
