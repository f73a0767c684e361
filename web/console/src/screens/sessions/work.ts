/** What waits for a person: orphans and findings. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, data, type Schema } from "#shared/api/client";

export type Orphan = Schema["OrphanOut"];
export type Finding = Schema["FindingOut"];
type SessionTable = Schema["SessionTable"];

const PAGE = 30;

export const orphansQuery = infiniteQueryOptions({
  queryKey: ["orphans", "open"],
  queryFn: ({ pageParam }) =>
    data(api.GET("/api/v1/orphans", { params: { query: { matched: false, dismissed: false, limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) } } })),
  initialPageParam: "",
  getNextPageParam: (page) => page.next_cursor ?? undefined,
});

export const findingsQuery = infiniteQueryOptions({
  queryKey: ["findings", "open"],
  queryFn: ({ pageParam }) => data(api.GET("/api/v1/findings", { params: { query: { resolved: false, limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) } } })),
  initialPageParam: "",
  getNextPageParam: (page) => page.next_cursor ?? undefined,
});

const HOUR_MS = 3_600_000;
const WIDE_MS = 48 * HOUR_MS;

/** Sessions of the orphan's station that were opened in the two days before it, or within an hour after it. */
export function candidatesQuery(orphan: Orphan) {
  const at = Date.parse(orphan.at);
  const query = { station: orphan.station_id, from: new Date(at - WIDE_MS).toISOString(), to: new Date(at + HOUR_MS).toISOString(), limit: 50 };
  return queryOptions({
    queryKey: ["sessions", "candidates", orphan.id],
    queryFn: () => data(api.GET("/api/v1/network/sessions", { params: { query } })) as Promise<SessionTable>,
  });
}

/** The candidates, likeliest first: those that lack a stop, then by how near they began before the orphan. */
export function ranked<Row extends Pick<Schema["SessionRow"], "opened_at" | "stopped_at" | "evse_no">>(rows: readonly Row[], orphan: Orphan): Row[] {
  const at = Date.parse(orphan.at);
  const rank = (row: Row) => {
    const open = row.stopped_at === null ? 0 : 1;
    const elsewhere = orphan.evse_no !== null && row.evse_no !== null && row.evse_no !== orphan.evse_no ? 1 : 0;
    return [orphan.kind === "stop" ? open : 0, elsewhere, Math.abs(at - Date.parse(row.opened_at))] as const;
  };
  return [...rows].sort((a, b) => {
    const [x, y] = [rank(a), rank(b)];
    return x[0] - y[0] || x[1] - y[1] || x[2] - y[2];
  });
}

/** A text out of a finding's parameters. */
export function param(finding: Finding, name: string): string | null {
  const value = finding.params[name];
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : null;
}
