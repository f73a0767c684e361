import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, csvUrl, data, type Schema } from "#shared/api/client";
import type { TableAddress } from "#shared/table/state";

export type Entry = Schema["AuditOut"];
export const PAGE_SIZE = 50;
export const FILTERS = ["who", "what", "did", "when"];
/** How far back, in hours. */
export const SPANS = { day: 24, week: 24 * 7, month: 24 * 30 } as const;

/** The API's filters from the address; each takes one value, the one chosen last. `subject` is one thing's id. */
export function filtersOf(address: TableAddress, subject: string | undefined, now: number): Record<string, string | undefined> {
  const last = (name: string) => address.filters[name]?.at(-1);
  const span = SPANS[last("when") as keyof typeof SPANS];
  // Whole minutes, so that the same question is asked by the same words for a while.
  const from = span === undefined ? undefined : new Date(Math.floor(now / 60_000) * 60_000 - span * 3_600_000).toISOString();
  return { actor_id: last("who"), subject_type: last("what"), action: last("did"), subject_id: subject, at_from: from };
}

export const entriesQuery = (address: TableAddress, subject: string | undefined) =>
  queryOptions({
    queryKey: ["audit", "list", address, subject],
    queryFn: () => data(api.GET("/api/v1/audit", { params: { query: { limit: PAGE_SIZE, cursor: address.cursor, sort: address.sort, ...defined(filtersOf(address, subject, Date.now())) } } })),
    placeholderData: keepPreviousData,
    // Signing in and the like is no fact on the live stream.
    refetchInterval: address.cursor === null ? 15_000 : false,
  });

export function exportUrl(address: TableAddress, subject: string | undefined): string {
  return csvUrl("/api/v1/audit", { ...filtersOf(address, subject, Date.now()), sort: address.sort });
}

export const peopleQuery = queryOptions({
  queryKey: ["users", "names"],
  queryFn: () => data(api.GET("/api/v1/users", { params: { query: { limit: 200, sort: "name" } } })),
});

export interface Change {
  field: string;
  /** undefined: there was nothing before, there is nothing after. */
  before?: unknown;
  after?: unknown;
}

/** What differs, field by field, in the order of the names; what stayed the same is not in the trail. */
export function changesOf(entry: Pick<Entry, "before" | "after">): Change[] {
  const before = entry.before ?? {};
  const after = entry.after ?? {};
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].sort().map((field) => ({
    field,
    ...(field in before ? { before: before[field] } : {}),
    ...(field in after ? { after: after[field] } : {}),
  }));
}

/** What the entry is about, by the name it had, or one that its own values hold; else the id's end. */
export function subjectName(entry: Pick<Entry, "before" | "after" | "subject_id" | "subject_name">): string {
  if (entry.subject_name) return entry.subject_name;
  const values = { ...entry.before, ...entry.after };
  for (const key of ["name", "identity", "email", "label", "number", "value", "title"]) {
    const value = values[key];
    if (typeof value === "string" && value !== "") return value;
  }
  return entry.subject_id ? `…${entry.subject_id.slice(-8)}` : "";
}

function defined(filters: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(filters).filter((pair): pair is [string, string] => pair[1] !== undefined));
}
