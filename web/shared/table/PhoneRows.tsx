import { Checkbox } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useText } from "#shared/i18n/i18n";
import type { Column } from "./columns";
import { text } from "./text";
import type { Selection } from "./useSelection";
import classes from "./DataTable.module.css";

interface PhoneRowsProps<Row> {
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  rowId: (row: Row) => string;
  rowName: (row: Row) => string;
  rowHref?: ((row: Row) => string) | undefined;
  selection?: Selection<Row> | undefined;
}

/** The rows on a phone: two lines each, by the columns' `phone` places. */
export function PhoneRows<Row>({ rows, columns, rowId, rowName, rowHref, selection }: PhoneRowsProps<Row>) {
  const t = useText(text);
  const at = (row: Row, place: Column<Row>["phone"]): ReactNode[] =>
    columns.filter((column) => column.phone === place).map((column) => <span key={column.id}>{column.cell(row)}</span>);
  return (
    <ul className={classes["phoneRows"]}>
      {rows.map((row) => {
        const body = (
          <>
            <span className={classes["first"]}>
              <b>{at(row, "title")}</b>
              <span>{at(row, "side")}</span>
            </span>
            <span className={classes["second"]}>
              <span>{at(row, "sub")}</span>
              <span>{at(row, "subside")}</span>
            </span>
          </>
        );
        return (
          <li key={rowId(row)} data-selected={selection?.rows.has(rowId(row)) || undefined}>
            {selection ? (
              <Checkbox aria-label={t("selectRow", { name: rowName(row) })} checked={selection.rows.has(rowId(row))} onChange={() => selection.toggle(row)} />
            ) : null}
            <span className={classes["lead"]}>{at(row, "lead")}</span>
            {rowHref ? <Link to={rowHref(row)} className={classes["lines"]}>{body}</Link> : <span className={classes["lines"]}>{body}</span>}
          </li>
        );
      })}
    </ul>
  );
}
