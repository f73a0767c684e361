/** One import: what each row would do, writing it, what became of it, and the way back. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import { api, data, type ApiError } from "#shared/api/client";
import { useMay } from "#shared/api/session";
import { Button, ButtonLink, DownloadLink } from "#shared/button/Button";
import { useCommands } from "#shared/command/CommandsProvider";
import { Time } from "#shared/format/Time";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { Note, Page, Tag } from "#shared/page/Page";
import { Empty, QueryState } from "#shared/page/States";
import type { Column } from "#shared/table/columns";
import { DataTable } from "#shared/table/DataTable";
import { useTableState } from "#shared/table/useTableState";
import { reportUrl, rowsQuery, runQuery, working, type Run, type RunRow } from "./api";
import { Counts } from "./Counts";
import { Mapping } from "./Mapping";
import { Passwords } from "./Passwords";
import { keyOf, text } from "./text";
import { useWords } from "./useWords";
import classes from "./imports.module.css";

export function RunView({ id }: { id: string }) {
  const t = useText(text);
  const query = useQuery(runQuery(id));
  return (
    <Page crumbs={[{ label: t("title"), to: "/imports" }, { label: query.data?.filename ?? t("list") }]}>
      <QueryState query={query} what={t("title")}>{(run) => <Shown run={run} />}</QueryState>
    </Page>
  );
}

function Shown({ run }: { run: Run }) {
  const t = useText(text);
  const words = useWords();
  const client = useQueryClient();
  const before = useRef(run.state);
  useEffect(() => {
    if (before.current === run.state) return;
    before.current = run.state;
    // What the import wrote is shown elsewhere too.
    for (const key of ["imports", "locations", "stations", "tokens", "inbox"]) void client.invalidateQueries({ queryKey: [key] });
  }, [run.state, client]);
  const delimiter = { ",": t("comma"), ";": t("semicolon"), "\t": t("tab"), "|": t("bar") }[run.delimiter ?? ""] ?? "";
  return (
    <div className={classes["stack"]}>
      <div className={classes["head"]}>
        <b>{run.filename ?? t("list")}</b>
        <Tag tone={run.state === "done" ? "ok" : run.state === "checked" ? "warn" : "accent"}>{t(keyOf(run.state) ?? "state")}</Tag>
        <Counts run={run} />
        <span className={classes["space"]} />
        <DownloadLink size="md" href={reportUrl(run.id)}>{t("report")}</DownloadLink>
        <Actions run={run} />
      </div>
      <p className={classes["quiet"]}>
        {t(keyOf(run.kind) ?? "kind")} · <Time at={run.created_at} style="dateTime" /> · {run.created_by}
        {run.encoding ? ` · ${t("readAs", { encoding: run.encoding, delimiter })}` : ""}
      </p>
      {run.error ? <Note tone="bad"><b>{t("startAgain")}.</b> {words.of(run.error.code, run.error.params as Record<string, string>)}</Note> : null}
      {run.same_file && run.state === "checked" ? <Note tone="warn">{t("sameFile")} <ButtonLink size="sm" kind="quiet" to={`/imports?run=${run.same_file}`}>{t("showIt")}</ButtonLink></Note> : null}
      {run.state === "checked" && (run.counts["error"] ?? 0) > 0 ? <Note tone="bad">{t("fixFirst")} <ButtonLink size="sm" kind="quiet" to={`/imports?for=${run.kind}`}>{t("anotherFile")}</ButtonLink></Note> : null}
      {working(run) ? <Progress run={run} /> : null}
      <Passwords run={run} />
      {run.state === "checked" && run.source === "file" ? <Mapping run={run} /> : null}
      <Rows run={run} />
    </div>
  );
}

function Progress({ run }: { run: Run }) {
  const t = useText(text);
  const share = run.row_count > 0 ? (100 * run.progress) / run.row_count : 0;
  return (
    <div className={classes["head"]} role="status">
      <span>{t(keyOf(run.state) ?? "state")}</span>
      <span className={classes["bar"]}><i style={{ width: `${share}%` }} /></span>
      <span>{t("progress", { done: run.progress, total: run.row_count })}</span>
    </div>
  );
}

/** Write, or undo. */
function Actions({ run }: { run: Run }) {
  const t = useText(text);
  const may = useMay();
  const client = useQueryClient();
  const { ask, refuse } = useCommands();
  const path = { params: { path: { run: run.id } } };
  const ordered = { onSuccess: (next: Run) => client.setQueryData(runQuery(run.id).queryKey, next) };
  const commit = useMutation({ mutationFn: () => data(api.POST("/api/v1/imports/{run}/commit", path)), ...ordered, onError: (error) => refuse(t("verb"), error as ApiError) });
  const undo = useMutation({ mutationFn: () => data(api.POST("/api/v1/imports/{run}/undo", path)), ...ordered, onError: (error) => refuse(t("undoVerb"), error as ApiError) });
  const needed = ["imports:write", `${run.kind}:write`].find((permission) => !may(permission));
  const title = needed ? t("notAllowed", { permission: needed }) : undefined;
  const create = run.counts["create"] ?? 0;
  const update = run.counts["update"] ?? 0;
  const count = create + update;
  if (run.state === "checked") {
    const start = async () => {
      const answer = await ask({
        title: t("commitTitle", { count }),
        consequences: [{ text: [create > 0 ? t("nCreate", { count: create }) : "", update > 0 ? t("nUpdate", { count: update }) : ""].filter(Boolean).join(", ") }, { text: t("allOrNone") }, { text: t("canUndo") }],
        verb: t("verb"),
      });
      if (answer) commit.mutate();
    };
    const blocked = needed !== undefined || count === 0 || (run.counts["error"] ?? 0) > 0;
    return <Button kind="primary" busy={commit.isPending} disabled={blocked} title={title} onClick={() => void start()}>{count === 0 ? t("nothing") : t("commitRows", { count })}</Button>;
  }
  if (run.state !== "done" || count === 0) return null;
  const back = async () => {
    const answer = await ask({
      title: t("undoTitle", { name: run.filename ?? t("list") }),
      consequences: [
        ...(create > 0 ? [{ text: t("undoRemoves", { count: create }), harms: true }] : []),
        ...(update > 0 ? [{ text: t("undoRestores", { count: update }), harms: true }] : []),
      ],
      verb: t("undoVerb"),
      harms: true,
      ...(count > 20 ? { typeNumber: count } : {}),
    });
    if (answer) undo.mutate();
  };
  return <Button busy={undo.isPending} disabled={needed !== undefined} title={title} onClick={() => void back()}>{t("undo")}</Button>;
}

function Rows({ run }: { run: Run }) {
  const t = useText(text);
  const f = useFormat();
  const words = useWords();
  const table = useTableState({ filters: ["plan", "undone"], defaultSort: "line" });
  const query = useQuery(rowsQuery(run.id, `${run.state}/${JSON.stringify(run.counts)}`, table.address));
  const written = ["done", "undoing", "undone"].includes(run.state);
  const columns = useMemo<Column<RunRow>[]>(() => {
    const result = (row: RunRow) => {
      if (row.undone) return <Tag tone={row.undone === "kept" ? "warn" : "ok"}>{row.undone === "kept" ? t("keptOnly") : t("undone")}</Tag>;
      const done = written ? ({ create: t("created"), update: t("updated") } as Record<string, string>)[row.plan ?? ""] : undefined;
      return <Tag {...(row.plan === "error" ? { tone: "bad" as const } : row.plan === "unchanged" ? {} : { tone: "accent" as const })}>{done ?? words.of(row.plan ?? "")}</Tag>;
    };
    const changes = (row: RunRow) => {
      const said = words.remark(row);
      if (said.length > 0) return <span className={row.undone ? undefined : classes["bad"]}>{said.join("; ")}</span>;
      if (row.plan !== "update") return null;
      return Object.keys(row.after)
        .map((field) => t("change", { field: words.field(field), before: row.before[field] || t("nothingThere"), after: row.after[field] || t("nothingThere") }))
        .join("; ");
    };
    return [
      { id: "line", header: t("lineHead"), sort: "line", align: "right", width: 80, phone: "lead", cell: (row) => f.number(row.line, 0) },
      { id: "name", header: t("name"), names: true, width: 240, phone: "title", cell: (row) => row.name || row.cells.filter(Boolean).slice(0, 2).join(", ") },
      { id: "plan", header: written ? t("became") : t("plan"), width: 190, phone: "side", cell: result },
      { id: "remark", header: t("remark"), phone: "sub", cell: (row) => <span className={classes["remark"]}>{changes(row)}</span> },
    ];
  }, [t, f, words, written]);
  const options = (["error", "create", "update", "unchanged"] as const).map((name) => ({ value: name, label: t(name), count: run.counts[name] ?? 0 }));
  return (
    <div className={classes["rows"]}>
      <DataTable
        name="import-rows"
        what={t("rows")}
        state={table}
        query={query}
        columns={columns}
        filters={[
          { name: "plan", label: t("plan"), options },
          ...(run.state === "undone" ? [{ name: "undone", label: t("undone"), options: [{ value: "kept", label: t("keptOnly"), count: run.counts["kept"] ?? 0 }] }] : []),
        ]}
        rowId={(row) => String(row.line)}
        rowName={(row) => row.name}
        empty={<Empty icon="search" title={t("noRows")} />}
      />
    </div>
  );
}
