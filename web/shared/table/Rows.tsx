import { Checkbox, Skeleton } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useEffect, useRef, type ReactNode } from "react";
import { useText } from "#shared/i18n/i18n";
import { Icon } from "#shared/icon/Icon";
import type { Column } from "./columns";
import { useDensity } from "./density";
import { text } from "./text";
import type { Selection } from "./useSelection";
import type { TableState } from "./useTableState";
import classes from "./DataTable.module.css";

export type { Selection } from "./useSelection";

interface RowsProps<Row> {
  what: string;
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  state: TableState;
  rowId: (row: Row) => string;
  rowName: (row: Row) => string;
  rowHref?: ((row: Row) => string) | undefined;
  selection?: Selection<Row> | undefined;
  active: number | null;
}

/** The rows on a desktop: a real table, its head stays. */
export function Rows<Row>({ what, rows, columns, state, rowId, rowName, rowHref, selection, active }: RowsProps<Row>) {
  const t = useText(text);
  const [density] = useDensity();
  const body = useRef<HTMLTableSectionElement>(null);
  useEffect(() => {
    if (active !== null) body.current?.rows[active]?.scrollIntoView({ block: "nearest" });
  }, [active]);
  const all = rows.length > 0 && rows.every((row) => selection?.rows.has(rowId(row)));
  const some = !all && rows.some((row) => selection?.rows.has(rowId(row)));
  return (
    <table className={classes["rows"]} data-density={density}>
      <caption className="fc-hidden">{what}</caption>
      <thead>
        <tr>
          {selection ? (
            <th className={classes["check"]}>
              <Checkbox size="xs" aria-label={t("selectAll")} checked={all} indeterminate={some} onChange={() => selection.setPage(rows, !all)} />
            </th>
          ) : null}
          {columns.map((column) => (
            <Head key={column.id} column={column} state={state} />
          ))}
        </tr>
      </thead>
      <tbody ref={body}>
        {rows.map((row, index) => {
          const id = rowId(row);
          return (
            <tr key={id} data-selected={selection?.rows.has(id) || undefined} data-active={index === active || undefined} data-linked={rowHref ? true : undefined}>
              {selection ? (
                <td className={classes["check"]}>
                  <Checkbox size="xs" aria-label={t("selectRow", { name: rowName(row) })} checked={selection.rows.has(id)} onChange={() => selection.toggle(row)} />
                </td>
              ) : null}
              {columns.map((column) => (
                <td key={column.id} data-align={column.align}>
                  {column.names && rowHref ? <Link to={rowHref(row)} className={classes["rowLink"]}>{column.cell(row)}</Link> : column.cell(row)}
                </td>
              ))}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Head<Row>({ column, state }: { column: Column<Row>; state: TableState }): ReactNode {
  const t = useText(text);
  const { sort } = state.address;
  const by = column.sort;
  const on = by !== undefined && (sort === by || sort === `-${by}`);
  const down = sort.startsWith("-");
  const width = column.width === undefined ? undefined : { width: column.width };
  return (
    <th style={width} data-align={column.align} aria-sort={on ? (down ? "descending" : "ascending") : undefined} scope="col">
      {by === undefined ? (
        column.header
      ) : (
        <button type="button" onClick={() => state.sortBy(by)} title={t("sortBy", { name: column.header })} data-on={on || undefined}>
          {column.header}
          {on ? <Icon name={down ? "arrowUp" : "arrowDown"} size={11} /> : null}
        </button>
      )}
    </th>
  );
}

/** Grey rows while the first page loads. */
export function RowsSkeleton<Row>({ columns, phone }: { columns: readonly Column<Row>[]; phone: boolean }) {
  const widths = [70, 55, 80, 60, 75, 50, 65, 58];
  const shown = phone ? columns.slice(0, 2) : columns;
  return (
    <div className={classes["skeleton"]} role="status" aria-busy="true">
      {Array.from({ length: 12 }, (_, line) => (
        <div key={line} style={{ gridTemplateColumns: `repeat(${shown.length}, 1fr)` }}>
          {shown.map((column, index) => (
            <Skeleton key={column.id} height={9} radius={5} width={`${widths[(line + index) % widths.length]}%`} />
          ))}
        </div>
      ))}
    </div>
  );
}
