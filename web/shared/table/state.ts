/** The state of a table, as it stands in the address. Pure; `useTableState` binds it to the router. */

export interface TableView {
  /** Words of the search field. */
  q: string;
  /** `column`, `-column` descending. */
  sort: string;
  /** Chosen values by the filter's name. */
  filters: Readonly<Record<string, readonly string[]>>;
  /** Columns shown; null: the usual ones. */
  columns: readonly string[] | null;
}

export interface TableAddress extends TableView {
  cursor: string | null;
  /** From 1; for "51 to 100". */
  page: number;
}

export type Search = Readonly<Record<string, string | undefined>>;

/** Reads the address; only filters that the table has, and unknown parameters stay out. */
export function readAddress(search: Search, filterNames: readonly string[], defaultSort: string): TableAddress {
  const filters: Record<string, string[]> = {};
  for (const name of filterNames) {
    const values = (search[name] ?? "").split(",").filter(Boolean);
    if (values.length > 0) filters[name] = values;
  }
  const page = Number(search["page"] ?? 1);
  return {
    q: search["q"] ?? "",
    sort: search["sort"] || defaultSort,
    filters,
    columns: search["columns"] ? search["columns"].split(",") : null,
    cursor: search["cursor"] || null,
    page: Number.isInteger(page) && page > 0 && search["cursor"] ? page : 1,
  };
}

/** Writes it; what is as usual stays out of the address. `others` are parameters that are not the table's. */
export function writeAddress(address: TableAddress, filterNames: readonly string[], defaultSort: string, others: Search): Search {
  const search: Record<string, string | undefined> = { ...others };
  for (const name of [...filterNames, "q", "sort", "columns", "cursor", "page"]) search[name] = undefined;
  if (address.q) search["q"] = address.q;
  if (address.sort !== defaultSort) search["sort"] = address.sort;
  if (address.columns) search["columns"] = address.columns.join(",");
  if (address.cursor) {
    search["cursor"] = address.cursor;
    search["page"] = String(address.page);
  }
  for (const [name, values] of Object.entries(address.filters)) if (values.length > 0) search[name] = values.join(",");
  return search;
}

/** The next order after a press on a head: up, then down, then up. */
export function nextSort(sort: string, column: string): string {
  return sort === column ? `-${column}` : column;
}

/** How many filters are set; the search words count as one. */
export function countFilters(view: TableView): number {
  return Object.keys(view.filters).length + (view.q ? 1 : 0);
}

/** Whether two views show the same. */
export function sameView(a: TableView, b: TableView): boolean {
  const key = (view: TableView) =>
    JSON.stringify([view.q, view.sort, Object.entries(view.filters).map(([name, values]) => [name, [...values].sort()]).sort(), view.columns]);
  return key(a) === key(b);
}
