/** The audit trail: who changed what, when, from where; old above new. */
import { Modal, useMatches } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useLiveRefetch } from "#console/live/Live";
import { useMay, useMe } from "#shared/api/session";
import { Button } from "#shared/button/Button";
import { Time } from "#shared/format/Time";
import { useFormat } from "#shared/format/useFormat";
import { useLanguage, useText } from "#shared/i18n/i18n";
import { Card, Note, Page, Tag } from "#shared/page/Page";
import { Empty } from "#shared/page/States";
import type { Column } from "#shared/table/columns";
import { DataTable } from "#shared/table/DataTable";
import type { Filter } from "#shared/table/FilterChip";
import { useTableState } from "#shared/table/useTableState";
import { Detail, Who } from "./Detail";
import { changesOf, entriesQuery, exportUrl, FILTERS, PAGE_SIZE, peopleQuery, subjectName, type Entry } from "./rows";
import { text } from "./text";
import { ACTIONS, actionWords, nounWord, SUBJECTS } from "./words";
import classes from "./audit.module.css";

/** Facts that go with a change by a person; the stream's busy ones (readings, states) are none. */
const FACTS = ["user.*", "key.*", "partner.*", "invitation.*", "tariff.*", "token.*", "location.*", "command.created", "station.added", "station.adopted", "station.updated", "station.retired", "station.swapped"];

export function Screen() {
  const t = useText(text);
  const me = useMe();
  const f = useFormat();
  const navigate = useNavigate();
  const { language } = useLanguage();
  const { subject, entry: opened } = useSearch({ strict: false }) as { subject?: string; entry?: string };
  const state = useTableState({ filters: FILTERS, defaultSort: "-at" });
  const query = useQuery(entriesQuery(state.address, subject));
  const filters = useFilters();
  const beside = useMatches({ base: false, md: true });
  const zone = me.time_zone ?? me.operator.time_zone;
  useLiveRefetch(FACTS, ["audit"]);
  const go = (change: Record<string, string | undefined>) => void navigate({ to: ".", search: ((old: object) => ({ ...old, ...change })) as never });
  const columns = useMemo<Column<Entry>[]>(
    () => [
      { id: "at", header: `${t("time")}, ${f.zoneName(zone, new Date())}`, sort: "at", width: 170, phone: "subside", cell: (row) => <Time at={row.at} zone={zone} style="dateTime" /> },
      { id: "who", header: t("who"), width: 220, phone: "sub", cell: (row) => <Who entry={row} /> },
      {
        id: "did", header: t("did"), names: true, phone: "title",
        cell: (row) => (
          <button type="button" className={classes["link"]} aria-pressed={row.id === opened} onClick={() => go({ entry: row.id === opened ? undefined : row.id })}>
            {actionWords(row.action, language)}
          </button>
        ),
      },
      { id: "what", header: t("what"), cell: (row) => <><span className={classes["quiet"]}>{nounWord(row.subject_type, language)}</span> {subjectName(row)}</> },
      { id: "changes", header: t("changes"), width: 120, phone: "side", cell: (row) => <Count entry={row} /> },
      { id: "address", header: t("where"), hidden: true, width: 130, cell: (row) => <span className="fc-mono">{row.address ?? ""}</span> },
    ],
    // `go` navigates from wherever we are; it need not be the newest.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [t, f, zone, language, opened],
  );
  const entry = query.data?.items.find((row) => row.id === opened);
  const detail = entry ? <Detail entry={entry} zone={zone} onAll={() => go({ subject: entry.subject_id ?? undefined, what: entry.subject_type, entry: undefined, cursor: undefined, page: undefined })} /> : null;
  const title = entry ? actionWords(entry.action, language) : "";
  const close = () => go({ entry: undefined });
  return (
    <Page crumbs={[{ label: t("title") }]} fill>
      {subject ? (
        <Note>
          {t("onlyThis")} <Button size="sm" onClick={() => go({ subject: undefined, what: undefined, cursor: undefined, page: undefined })}>{t("showAll")}</Button>
        </Note>
      ) : null}
      <div className={classes["split"]} data-open={(entry && beside) || undefined}>
        <div className={classes["table"]}>
          <DataTable
            name="audit"
            what={t("title")}
            state={state}
            query={query}
            columns={columns}
            filters={filters}
            rowId={(row) => row.id}
            rowName={(row) => actionWords(row.action, language)}
            csv={exportUrl(state.address, subject)}
            pageSize={PAGE_SIZE}
            empty={<Empty icon="log" title={t("empty")}>{t("emptyHelp")}</Empty>}
          />
        </div>
        {entry && beside ? (
          <aside className={classes["panel"]} aria-label={title}>
            <Card title={title} actions={<Button kind="quiet" size="sm" icon="close" aria-label={t("close")} onClick={close} />}>{detail}</Card>
          </aside>
        ) : null}
      </div>
      {entry && !beside ? <Modal opened onClose={close} title={title} fullScreen closeButtonProps={{ "aria-label": t("close") }}>{detail}</Modal> : null}
    </Page>
  );
}

function Count({ entry }: { entry: Entry }) {
  const t = useText(text);
  const count = entry.before && entry.after ? changesOf(entry).length : 0;
  return count > 0 ? <Tag>{t("count", { count })}</Tag> : null;
}

function useFilters(): Filter[] {
  const t = useText(text);
  const may = useMay();
  const { language } = useLanguage();
  const people = useQuery({ ...peopleQuery, enabled: may("users:read") }).data;
  return useMemo(
    () => [
      ...(people ? [{ name: "who", label: t("who"), options: people.items.map((one) => ({ value: one.id, label: one.name })) }] : []),
      { name: "did", label: t("did"), options: ACTIONS.map((value) => ({ value, label: value === "command." ? nounWord("command", language) : actionWords(value, language) })) },
      { name: "what", label: t("area"), options: SUBJECTS.map((value) => ({ value, label: nounWord(value, language) })) },
      { name: "when", label: t("when"), options: (["day", "week", "month"] as const).map((value) => ({ value, label: t(value) })) },
    ],
    [people, t, language],
  );
}
