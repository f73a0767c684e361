/** Imports: bring a file in, see what each row would do, write all or nothing, and take it back. */
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { Time } from "#shared/format/Time";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { Page, Tag } from "#shared/page/Page";
import { Empty } from "#shared/page/States";
import { csvUrl } from "#shared/api/client";
import type { Column } from "#shared/table/columns";
import { DataTable } from "#shared/table/DataTable";
import { useTableState } from "#shared/table/useTableState";
import { KINDS, PAGE_SIZE, runsQuery, type KindName, type Run } from "./api";
import { Counts } from "./Counts";
import { RunView } from "./RunView";
import { keyOf, text } from "./text";
import { Upload } from "./Upload";
import classes from "./imports.module.css";

const STATES = ["checked", "running", "done", "undone"] as const;

export function Screen() {
  const { run } = useSearch({ strict: false }) as { run?: string };
  return run ? <RunView key={run} id={run} /> : <History />;
}

function History() {
  const t = useText(text);
  const f = useFormat();
  const navigate = useNavigate();
  const { for: wanted } = useSearch({ strict: false }) as { for?: string };
  const kind: KindName = KINDS.find((name) => name === wanted) ?? "locations";
  const table = useTableState({ filters: ["kind", "state"], defaultSort: "-created_at" });
  const query = useQuery(runsQuery(table.address));
  const columns = useMemo<Column<Run>[]>(
    () => [
      { id: "file", header: t("file"), names: true, phone: "title", cell: (run) => run.filename ?? t("list") },
      { id: "kind", header: t("kind"), width: 130, phone: "sub", cell: (run) => t(keyOf(run.kind) ?? "kind") },
      { id: "when", header: t("when"), sort: "created_at", width: 150, phone: "subside", cell: (run) => <Time at={run.created_at} style="dateTime" /> },
      { id: "who", header: t("who"), width: 170, cell: (run) => run.created_by },
      { id: "rows", header: t("rows"), sort: "row_count", align: "right", width: 90, cell: (run) => f.number(run.row_count, 0) },
      {
        id: "state", header: t("state"), width: 160, phone: "side",
        cell: (run) => <Tag {...(run.state === "done" ? { tone: "ok" as const } : run.state === "checked" ? { tone: "warn" as const } : {})}>{t(keyOf(run.state) ?? "state")}</Tag>,
      },
      { id: "result", header: t("result"), cell: (run) => <Counts run={run} /> },
    ],
    [t, f],
  );
  const open = (id: string) => void navigate({ to: ".", search: { run: id } as never });
  return (
    <Page crumbs={[{ label: t("title") }]} fill>
      <Upload kind={kind} onKind={(next) => void navigate({ to: ".", search: ((old: object) => ({ ...old, for: next })) as never })} onDone={(run) => open(run.id)} />
      <div className={classes["history"]}>
        <DataTable
          name="imports"
          what={t("title")}
          state={table}
          query={query}
          columns={columns}
          filters={[
            { name: "kind", label: t("kind"), options: KINDS.map((name) => ({ value: name, label: t(name) })) },
            { name: "state", label: t("state"), options: STATES.map((name) => ({ value: name, label: t(name) })) },
          ]}
          rowId={(run) => run.id}
          rowName={(run) => run.filename ?? t("list")}
          rowHref={(run) => `/imports?run=${run.id}`}
          csv={csvUrl("/api/v1/imports", {})}
          pageSize={PAGE_SIZE}
          empty={<Empty icon="export" title={t("emptyTitle")}>{t("emptyHelp")}</Empty>}
        />
      </div>
    </Page>
  );
}
