import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { useMay } from "#shared/api/session";
import { api, ApiError, csvUrl, data } from "#shared/api/client";
import { Button } from "#shared/button/Button";
import { useCommands } from "#shared/command/CommandsProvider";
import { Time } from "#shared/format/Time";
import { useText } from "#shared/i18n/i18n";
import { Empty } from "#shared/page/States";
import type { Column } from "#shared/table/columns";
import { DataTable } from "#shared/table/DataTable";
import type { Filter } from "#shared/table/FilterChip";
import { useTableState } from "#shared/table/useTableState";
import { FILTERS, jobsQuery, PAGE_SIZE, type Job } from "./queries";
import { text } from "./text";
import classes from "./system.module.css";

/** Jobs that failed, with why; tried again or discarded here. Others by the filter. */
export function JobTable() {
  const t = useText(text);
  const state = useTableState({ filters: FILTERS, defaultSort: "-id" });
  const query = useQuery(jobsQuery(state.address));
  const columns = useColumns();
  const chosen = state.address.filters["state"]?.[0];
  const single = useMemo(() => ({ ...state, setFilter: (name: string, values: readonly string[]) => state.setFilter(name, values.slice(-1)) }), [state]);
  const filters = useMemo<Filter[]>(
    () => [{ name: "state", label: t("stateOf"), options: [{ value: "failed", label: t("failed") }, { value: "waiting", label: t("waiting") }, { value: "running", label: t("jobsRunning") }] }],
    [t],
  );
  return (
    <section className={classes["jobs"]} id="jobs" aria-label={t("jobList")}>
      <h2>{t(chosen && chosen !== "failed" ? "jobList" : "failedJobs")}</h2>
      <DataTable
        name="jobs"
        what={t("jobList")}
        state={single}
        query={query}
        columns={columns}
        filters={filters}
        rowId={(row) => String(row.id)}
        rowName={(row) => `${row.task} ${row.id}`}
        csv={csvUrl("/api/v1/system/jobs", { state: chosen })}
        pageSize={PAGE_SIZE}
        empty={chosen && chosen !== "failed" ? <Empty icon="clock" title={t("noJobs")} /> : <Empty icon="check" title={t("noFailed")}>{t("noFailedHelp")}</Empty>}
      />
    </section>
  );
}

function useColumns(): Column<Job>[] {
  const t = useText(text);
  return useMemo<Column<Job>[]>(
    () => [
      { id: "id", header: "Id", sort: "id", width: 90, cell: (row) => <span className="fc-mono">{row.id}</span> },
      { id: "task", header: t("task"), names: true, width: 240, phone: "title", cell: (row) => <span className="fc-mono">{row.task}</span> },
      { id: "why", header: t("why"), phone: "sub", cell: (row) => <span className={classes["why"]}>{row.error}</span> },
      { id: "args", header: t("args"), hidden: true, cell: (row) => <code>{JSON.stringify(row.args)}</code> },
      { id: "tries", header: t("tries"), align: "right", width: 80, cell: (row) => row.attempts },
      { id: "when", header: `${t("when")} (${t("yourTime")})`, width: 200, phone: "subside", cell: (row) => <Time at={row.failed_at ?? row.scheduled_at} style="full" /> },
      { id: "do", header: "", width: 230, phone: "side", cell: (row) => (row.state === "failed" ? <Change job={row} /> : null) },
    ],
    [t],
  );
}

function Change({ job }: { job: Job }) {
  const t = useText(text);
  const may = useMay()("system:write");
  const client = useQueryClient();
  const { say, ask, refuse } = useCommands();
  const change = useMutation({
    mutationFn: (to: "retry" | "discard") => {
      const params = { path: { job: job.id } };
      return data(to === "retry" ? api.POST("/api/v1/system/jobs/{job}/retry", { params }) : api.POST("/api/v1/system/jobs/{job}/discard", { params }));
    },
    onSuccess: (after) => say(t(after.state === "waiting" ? "retried" : "discarded"), job.task),
    onError: (error) => (error instanceof ApiError ? refuse(t("notDone"), error) : undefined),
    onSettled: () => void client.invalidateQueries({ queryKey: ["system"] }),
  });
  if (!may) return null;
  const discard = async () => {
    const answer = await ask({
      title: t("discardTitle", { task: job.task }), verb: t("discardVerb"), harms: true,
      consequences: [{ text: t("discardLoses"), harms: true }, { text: t("discardKeeps") }],
    });
    if (answer) change.mutate("discard");
  };
  return (
    <span className={classes["buttons"]}>
      <Button size="sm" busy={change.isPending} onClick={() => change.mutate("retry")}>{t("retry")}</Button>
      <Button size="sm" kind="quiet" disabled={change.isPending} onClick={() => void discard()}>{t("discard")}</Button>
    </span>
  );
}
