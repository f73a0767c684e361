import { useCallback, useMemo, useState } from "react";

/** Rows that are selected, across pages, by id. */
export interface Selection<Row> {
  rows: ReadonlyMap<string, Row>;
  toggle: (row: Row) => void;
  /** All rows of a page, on or off. */
  setPage: (rows: readonly Row[], on: boolean) => void;
  clear: () => void;
}

/** Keeps a table's selection: `const selection = useSelection(rowId)`; `rowId` must be stable. */
export function useSelection<Row>(rowId: (row: Row) => string): Selection<Row> {
  const [rows, setRows] = useState<ReadonlyMap<string, Row>>(new Map());
  const setPage = useCallback(
    (page: readonly Row[], on: boolean) =>
      setRows((old) => {
        const next = new Map(old);
        for (const row of page) if (on) next.set(rowId(row), row); else next.delete(rowId(row));
        return next;
      }),
    [rowId],
  );
  const toggle = useCallback(
    (row: Row) =>
      setRows((old) => {
        const next = new Map(old);
        if (!next.delete(rowId(row))) next.set(rowId(row), row);
        return next;
      }),
    [rowId],
  );
  const clear = useCallback(() => setRows(new Map()), []);
  return useMemo(() => ({ rows, toggle, setPage, clear }), [rows, toggle, setPage, clear]);
}
