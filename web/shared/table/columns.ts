import type { ReactNode } from "react";

/** A column of a `DataTable`. */
export interface Column<Row> {
  /** In the address and in saved views. */
  id: string;
  header: string;
  cell: (row: Row) => ReactNode;
  /** Name of the order in the API, if the list can be sorted by it. */
  sort?: string;
  /** Numbers stand right, with fixed decimals. */
  align?: "right";
  /** In px; columns without one share the rest. */
  width?: number;
  /** Not shown until chosen. */
  hidden?: boolean;
  /** Names the row: carries its link, cannot be hidden. */
  names?: boolean;
  /** Where it stands in the phone's two-line row: before, first line, right of it, second line, right of that. */
  phone?: "lead" | "title" | "side" | "sub" | "subside";
}

/** The columns that are shown: those chosen, in the table's order; else the usual ones. */
export function shownColumns<Row>(columns: readonly Column<Row>[], chosen: readonly string[] | null): Column<Row>[] {
  return columns.filter((column) => column.names || (chosen === null ? !column.hidden : chosen.includes(column.id)));
}
