/**
 * A server-side table: views, filters, search, order, cursor pages, column choice, density, CSV, selection with a bulk
 * bar, keyboard (j k x Enter / [ ] r), two-line rows on phones; its state stands in the address.
 *
 *     const table = useTableState({ filters: ["state"], defaultSort: "-opened_at" });
 *     const query = useQuery({ queryKey: ["sessions", "list", table.address], queryFn: …, placeholderData: keepPreviousData });
 *     <DataTable name="sessions" what="Sessions" state={table} query={query} columns={columns} filters={filters}
 *       rowId={(row) => row.id} rowName={(row) => row.number} rowHref={(row) => `/sessions/${row.id}`} empty={<Empty … />} />
 *
 * Query keys begin with the plural noun, so that live events make what is cached stale.
 */
import type { UseQueryResult } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useRef, useState, type ReactNode } from "react";
import { DownloadLink, Button } from "#shared/button/Button";
import { useText } from "#shared/i18n/i18n";
import { useKeys } from "#shared/keys/keys";
import { Failure, NoMatch } from "#shared/page/States";
import { usePhone } from "#shared/theme/useSize";
import { shownColumns, type Column } from "./columns";
import { FilterChip, type Filter } from "./FilterChip";
import { PhoneRows } from "./PhoneRows";
import { Rows, RowsSkeleton, type Selection } from "./Rows";
import { SearchField } from "./SearchField";
import { countFilters } from "./state";
import { TableSettings } from "./TableSettings";
import { text } from "./text";
import type { TableState } from "./useTableState";
import { ViewTabs, type NamedView } from "./views";
import classes from "./DataTable.module.css";

export interface TablePage<Row> {
  items: Row[];
  next_cursor?: string | null;
  /** How many there are in all, if the API says so. */
  total?: number | null;
}

export interface DataTableProps<Row> {
  /** For what is kept in the browser: "stations". */
  name: string;
  /** What the rows are, in the plural, for captions and errors: "Stations". */
  what: string;
  state: TableState;
  query: UseQueryResult<TablePage<Row>>;
  columns: readonly Column<Row>[];
  filters?: readonly Filter[];
  /** After the chips: filters that are no choice of options, e.g. a span of time. */
  moreFilters?: ReactNode;
  views?: readonly NamedView[];
  rowId: (row: Row) => string;
  /** For screen readers: "Select UTR-P3-07". */
  rowName: (row: Row) => string;
  /** Path of the row's own screen. */
  rowHref?: (row: Row) => string;
  /** Nothing is there at all: says the next step. */
  empty: ReactNode;
  /** In the search field: "Id, serial, location". Left out: no search. */
  search?: string;
  /** Address of the CSV export with the present filters. */
  csv?: string;
  /** Rows per page, for "51 to 100". */
  pageSize?: number;
  selection?: Selection<Row>;
  /** Below the table while rows are selected. */
  bulk?: ReactNode;
  /** Beside the export: a switch to a map, a "New …" button. */
  tools?: ReactNode;
  /** In place of the rows: a map of what the filters leave. */
  instead?: ReactNode;
  /** Rows whose values now belong elsewhere in the order; they move only when asked to. */
  moved?: number;
  onResort?: () => void;
  /** Call for `e` and `n`. */
  onEdit?: (row: Row) => void;
  onNew?: () => void;
}

export function DataTable<Row>(props: DataTableProps<Row>) {
  const { name, what, state, query, columns, filters = [], views, rowId, rowHref, empty, csv, selection, pageSize = 50 } = props;
  const t = useText(text);
  const navigate = useNavigate();
  const phone = usePhone();
  const [active, setActive] = useState<number | null>(null);
  const searchField = useRef<HTMLInputElement>(null);
  const { address } = state;
  const rows = query.data?.items ?? [];
  const total = useTotal(query.data?.total ?? null, JSON.stringify([address.q, address.filters]));
  const next = query.data?.next_cursor ?? null;
  const shown = shownColumns(columns, address.columns);
  const filtered = countFilters(address);

  const move = (step: number) => setActive((at) => (rows.length === 0 ? null : Math.min(rows.length - 1, Math.max(0, (at ?? (step > 0 ? -1 : rows.length)) + step))));
  const withActive = (run: (row: Row) => void) => () => {
    const row = active === null ? undefined : rows[active];
    if (row !== undefined) run(row);
  };
  useKeys(
    {
      j: () => move(1),
      k: () => move(-1),
      "/": () => searchField.current?.focus(),
      r: () => void query.refetch(),
      ...(next ? { "]": () => state.next(next) } : {}),
      ...(address.cursor ? { "[": () => state.previous() } : {}),
      ...(selection ? { x: withActive((row) => selection.toggle(row)) } : {}),
      ...(active !== null && rowHref ? { Enter: withActive((row) => void navigate({ to: rowHref(row) })) } : {}),
      ...(props.onEdit ? { e: withActive(props.onEdit) } : {}),
      ...(props.onNew ? { n: props.onNew } : {}),
      ...(active !== null || selection?.rows.size ? { Escape: () => (selection?.rows.size ? selection.clear() : setActive(null)) } : {}),
    },
    !props.instead,
  );

  const list = phone ? (
    <PhoneRows rows={rows} columns={shown} rowId={rowId} rowName={props.rowName} rowHref={rowHref} selection={selection} />
  ) : (
    <Rows what={what} rows={rows} columns={shown} state={state} rowId={rowId} rowName={props.rowName} rowHref={rowHref} selection={selection} active={active} />
  );
  let content: ReactNode;
  if (props.instead) content = props.instead;
  else if (query.data === undefined) {
    content = query.error ? <Failure error={query.error} what={what} onRetry={() => void query.refetch()} /> : <RowsSkeleton columns={shown} phone={phone} />;
  } else if (rows.length === 0) content = filtered > 0 ? <NoMatch filters={filtered} onClear={state.clear} /> : empty;
  else content = list;

  return (
    <div className={classes["table"]}>
      {views ? <ViewTabs table={name} state={state} views={views} /> : null}
      <div className={classes["tools"]}>
        <div className={classes["filters"]}>
          {props.search ? <SearchField ref={searchField} label={props.search} value={address.q} onChange={(q) => state.change({ q })} /> : null}
          {filters.map((filter) => (
            <FilterChip key={filter.name} filter={filter} values={address.filters[filter.name] ?? []} onChange={(values) => state.setFilter(filter.name, values)} />
          ))}
          {props.moreFilters}
          {filtered > 1 ? <Button size="sm" kind="quiet" onClick={state.clear}>{t("clearAll")}</Button> : null}
        </div>
        <div className={classes["actions"]}>
          {props.tools}
          {phone ? null : <TableSettings columns={columns} state={state} />}
          {csv ? <DownloadLink href={csv}>{t("exportCsv")}</DownloadLink> : null}
        </div>
      </div>
      <section className={classes["card"]} aria-busy={query.isFetching}>
        <div className={classes["scroll"]} data-stale={query.isPlaceholderData || undefined}>{content}</div>
        {props.instead || rows.length === 0 ? null : (
          <footer className={classes["foot"]}>
            <span>{range(t, address.page, pageSize, rows.length, total)}</span>
            {props.moved && props.onResort ? (
              <Button size="sm" onClick={props.onResort}>{t("changed", { count: props.moved })}. {t("apply")}</Button>
            ) : null}
            <span className={classes["space"]} />
            <Button size="sm" icon="left" aria-label={t("previous")} disabled={!address.cursor} onClick={state.previous} />
            <Button size="sm" icon="right" aria-label={t("next")} disabled={!next} onClick={() => next && state.next(next)} />
          </footer>
        )}
      </section>
      {selection && selection.rows.size > 0 ? props.bulk : null}
    </div>
  );
}

function range(t: ReturnType<typeof useText<keyof (typeof text)["en"]>>, page: number, size: number, count: number, total: number | null): string {
  const from = (page - 1) * size + 1;
  const to = from + count - 1;
  return total === null ? t("range", { from, to }) : t("rangeOf", { from, to, total });
}

/** The total comes with the first page; the other pages of the same filters keep it. */
function useTotal(told: number | null, filters: string): number | null {
  const kept = useRef<{ filters: string; total: number | null }>({ filters, total: null });
  if (kept.current.filters !== filters) kept.current = { filters, total: null };
  if (told !== null) kept.current.total = told;
  return kept.current.total;
}
