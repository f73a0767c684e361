import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { csvUrl } from "#shared/api/client";
import { Time } from "#shared/format/Time";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { Tag } from "#shared/page/Page";
import { Empty } from "#shared/page/States";
import { Marked } from "#shared/state/StateMark";
import type { Column } from "#shared/table/columns";
import { DataTable } from "#shared/table/DataTable";
import type { Filter } from "#shared/table/FilterChip";
import { useTableState } from "#shared/table/useTableState";
import { TONES } from "./OpenIncidents";
import { HISTORY_FILTERS, historyParameters, historyQuery, PAGE_SIZE, type Incident } from "./queries";
import { errorOf, lookOf, sentenceOf } from "./sentences";
import { text, type AlertWord } from "./text";
import classes from "./alerts.module.css";

const STATE_WORDS: Record<string, AlertWord> = { open: "stateOpen", acknowledged: "stateAcknowledged", resolved: "stateResolved" };
const KINDS = ["station_offline", "connector_faulted", "session_without_energy"] as const;

/** All incidents, the latest first. */
export function History({ onOpen }: { onOpen: (id: string) => void }) {
  const t = useText(text);
  const state = useTableState({ filters: HISTORY_FILTERS, defaultSort: "-opened_at" });
  const query = useQuery(historyQuery(state.address));
  const columns = useColumns(onOpen);
  const filters = useMemo<Filter[]>(
    () => [
      { name: "state", label: t("state"), options: Object.entries(STATE_WORDS).map(([value, word]) => ({ value, label: t(word) })) },
      { name: "kind", label: t("kind"), options: KINDS.map((value) => ({ value, label: t(`kind_${value}`) })) },
      { name: "severity", label: t("severity"), options: (["critical", "warning", "info"] as const).map((value) => ({ value, label: t(value) })) },
    ],
    [t],
  );
  // One value each: choosing another replaces it.
  const single = useMemo(() => ({ ...state, setFilter: (name: string, values: readonly string[]) => state.setFilter(name, values.slice(-1)) }), [state]);
  return (
    <DataTable
      name="incidents"
      what={t("incidents")}
      state={single}
      query={query}
      columns={columns}
      filters={filters}
      rowId={(row) => row.id}
      rowName={(row) => sentenceOf(t, row)}
      csv={csvUrl("/api/v1/incidents", historyParameters(state.address))}
      pageSize={PAGE_SIZE}
      empty={<Empty icon="bell" title={t("emptyHistory")}>{t("emptyHistoryHelp")}</Empty>}
    />
  );
}

function useColumns(onOpen: (id: string) => void): Column<Incident>[] {
  const t = useText(text);
  const f = useFormat();
  return useMemo<Column<Incident>[]>(
    () => [
      {
        id: "what", header: t("what"), names: true, phone: "title",
        cell: (row) => {
          const look = lookOf(row.kind);
          return (
            <span className={classes["cell"]}>
              <Marked mark={look.mark} colour={look.colour} word={t(`kind_${row.kind}` as AlertWord)} as="mark" />
              <button type="button" className={classes["name"]} onClick={() => onOpen(row.id)}>{sentenceOf(t, row)}</button>
              {errorOf(row) ? <small>{errorOf(row)}</small> : null}
            </span>
          );
        },
      },
      { id: "severity", header: t("severity"), width: 100, phone: "side", cell: (row) => <Tag tone={TONES[row.severity]}>{t(row.severity as AlertWord)}</Tag> },
      { id: "state", header: t("state"), width: 200, phone: "subside", cell: (row) => [t(STATE_WORDS[row.state] ?? "stateOpen"), row.resolved_by ?? row.acknowledged_by].filter(Boolean).join(", ") },
      { id: "location", header: t("location"), width: 200, cell: (row) => row.location?.name ?? "" },
      { id: "opened", header: `${t("opened")} (${t("zone")})`, sort: "opened_at", width: 190, phone: "sub", cell: (row) => <Time at={row.opened_at} zone={row.location?.time_zone} style="dateTime" /> },
      {
        id: "lasted", header: t("lasted"), align: "right", width: 120,
        cell: (row) => (row.resolved_at ? f.duration(Math.round((Date.parse(row.resolved_at) - Date.parse(row.since)) / 1000)) : t("running")),
      },
    ],
    [t, f, onOpen],
  );
}
