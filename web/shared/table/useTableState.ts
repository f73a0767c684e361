/**
 * A table's filters, order, page and columns, all in the address:
 *
 *     const table = useTableState({ filters: ["state", "model"], defaultSort: "state" });
 *     const query = useQuery(rowsQuery(table.address));
 *     <DataTable table={table} … />
 */
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { nextSort, readAddress, writeAddress, type Search, type TableAddress, type TableView } from "./state";

interface TableStateOptions {
  /** Names of the filters, which are parameters of the address. */
  filters: readonly string[];
  defaultSort: string;
}

export interface TableState {
  address: TableAddress;
  defaultSort: string;
  /** Change the view; goes back to the first page. */
  change: (change: Partial<TableView>) => void;
  setFilter: (name: string, values: readonly string[]) => void;
  sortBy: (column: string) => void;
  clear: () => void;
  /** To the next page, by the `next_cursor` of this one. */
  next: (cursor: string) => void;
  previous: () => void;
}

/** Where a page was reached from: cursors lead forward only. */
const before = new Map<string, string | null>();

export function useTableState({ filters, defaultSort }: TableStateOptions): TableState {
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const names = filters.join();
  const address = useMemo(() => readAddress(search, names ? names.split(",") : [], defaultSort), [search, names, defaultSort]);
  const go = useCallback(
    (next: TableAddress, replace: boolean) => {
      const list = names ? names.split(",") : [];
      void navigate({ to: ".", search: ((old: Search) => writeAddress(next, list, defaultSort, old)) as never, replace });
    },
    [navigate, names, defaultSort],
  );
  return useMemo(() => {
    const change = (part: Partial<TableView>) => go({ ...address, ...part, cursor: null, page: 1 }, "q" in part);
    return {
      address,
      defaultSort,
      change,
      setFilter: (name, values) => {
        const rest = Object.fromEntries(Object.entries(address.filters).filter(([key]) => key !== name));
        change({ filters: values.length > 0 ? { ...rest, [name]: values } : rest });
      },
      sortBy: (column) => change({ sort: nextSort(address.sort, column) }),
      clear: () => change({ q: "", filters: {} }),
      next: (cursor) => {
        before.set(cursor, address.cursor);
        go({ ...address, cursor, page: address.page + 1 }, false);
      },
      previous: () => {
        const cursor = address.cursor === null ? null : (before.get(address.cursor) ?? null);
        go({ ...address, cursor, page: cursor === null ? 1 : address.page - 1 }, false);
      },
    };
  }, [address, defaultSort, go]);
}
