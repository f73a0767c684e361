/** Sessions: who is charging, what does it bring, and what waits for a person. */
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useMay, useMe } from "#shared/api/session";
import { Button, ButtonLink } from "#shared/button/Button";
import { Segments } from "#shared/button/Segments";
import { useFormat } from "#shared/format/useFormat";
import { useLanguage, useText } from "#shared/i18n/i18n";
import { Page } from "#shared/page/Page";
import { Empty } from "#shared/page/States";
import { FLAGS, flagWord, OPEN_STATES, sessionLook } from "#shared/session/looks";
import { SessionMark } from "#shared/session/SessionMark";
import { text as sessionText } from "#shared/session/text";
import { LOOKS } from "#shared/state/vocabulary";
import { DataTable } from "#shared/table/DataTable";
import type { Filter } from "#shared/table/FilterChip";
import { useTableState } from "#shared/table/useTableState";
import { useSessionColumns } from "./columns";
import { CostChip, PeriodChip } from "./RangeChips";
import { DEFAULT_SORT, exportUrl, facetsQuery, FILTERS, locationsQuery, PAGE_SIZE, type SessionRow } from "./rows";
import { text } from "./text";
import { useSessions } from "./useSessions";
import { WorkList } from "./WorkList";

const idOf = (row: SessionRow) => row.id;

export function Screen() {
  const t = useText(text);
  const { as, view } = useSearch({ strict: false }) as { as?: string; view?: string };
  // Other screens name the part of the work list that they mean.
  const work = as === "work" || view === "orphans" || view === "findings";
  return (
    <Page crumbs={[{ label: t("title") }]} fill>
      {work ? <WorkList switcher={<Switcher value="work" />} /> : <Table />}
    </Page>
  );
}

/** Between the sessions and what about them waits for a person. */
function Switcher({ value }: { value: "table" | "work" }) {
  const t = useText(text);
  const navigate = useNavigate();
  const facets = useQuery(facetsQuery).data;
  const waiting = facets ? facets.orphans + facets.findings : 0;
  return (
    <Segments
      label={t("show")}
      value={value}
      onChange={(next) => void navigate({ to: ".", search: (next === "work" ? { as: "work" } : {}) as never })}
      options={[{ value: "table", label: t("table") }, { value: "work", label: waiting > 0 ? t("workCount", { count: waiting }) : t("work") }]}
    />
  );
}

function Table() {
  const t = useText(text);
  const f = useFormat();
  const me = useMe();
  const zone = me.operator.time_zone;
  const state = useTableState({ filters: FILTERS, defaultSort: DEFAULT_SORT });
  const { query, fresh, showFresh } = useSessions(state.address, zone);
  const facets = useQuery(facetsQuery).data;
  const rows = query.data?.items ?? [];
  const zones = new Set(rows.map((row) => row.time_zone));
  const only = zones.size === 1 ? [...zones][0] : undefined;
  const columns = useSessionColumns(only ? f.zoneName(only, new Date()) : null);
  return (
    <DataTable
      name="sessions"
      what={t("title")}
      state={state}
      query={query}
      columns={columns}
      filters={useFilters(rows)}
      moreFilters={
        <>
          <PeriodChip state={state} />
          <CostChip state={state} currency={me.operator.currency} />
        </>
      }
      views={[
        { name: t("all") },
        { name: t("open"), filters: { open: ["true"] }, count: facets?.open },
        { name: t("today"), filters: { from: ["today"] } },
        { name: t("held"), filters: { held: ["true"] } },
        { name: t("unpriced"), filters: { flag: ["unpriced"] } },
      ]}
      rowId={idOf}
      rowName={(row) => `${row.station ?? ""} ${f.time(row.opened_at, "dateTime", row.time_zone)}`}
      rowHref={(row) => `/sessions/${row.id}`}
      search={t("search")}
      csv={exportUrl(state.address, zone)}
      pageSize={PAGE_SIZE}
      tools={
        <>
          {fresh > 0 ? <Button size="sm" kind="primary" icon="arrowUp" onClick={showFresh}>{t("fresh", { count: fresh })}</Button> : null}
          <Switcher value="table" />
        </>
      }
      empty={
        <Empty icon="bolt" title={t("emptyTitle")} actions={<ButtonLink kind="primary" to="/stations">{t("toStations")}</ButtonLink>}>
          {t("emptyHelp")}
        </Empty>
      }
    />
  );
}

/** The chips of the table. Station, EVSE and token have one only when the address names them. */
function useFilters(rows: readonly SessionRow[]): Filter[] {
  const t = useText(text);
  const s = useText(sessionText);
  const { language } = useLanguage();
  const may = useMay();
  const facets = useQuery(facetsQuery).data;
  const locations = useQuery({ ...locationsQuery, enabled: may("locations:read") }).data;
  const search = useSearch({ strict: false }) as Record<string, string | undefined>;
  return useMemo(() => {
    const stateWord = (state: string) => {
      const look = sessionLook(state, false);
      return look.word ? s(look.word) : look.connector ? LOOKS[look.connector][language] : state;
    };
    const yesNo = [{ value: "true", label: t("yes") }, { value: "false", label: t("no") }];
    const named = (name: string, label: string, nameOf: (row: SessionRow) => string | null, idOfRow: (row: SessionRow) => string | null): Filter[] => {
      const value = search[name];
      if (!value) return [];
      const options = value.split(",").map((id) => {
        const row = rows.find((one) => idOfRow(one) === id);
        return { value: id, label: (row && nameOf(row)) ?? id };
      });
      return [{ name, label, options }];
    };
    return [
      {
        name: "state",
        label: t("state"),
        options: [...OPEN_STATES, "ended"].map((state) => ({
          value: state, label: stateWord(state), mark: <SessionMark state={state} as="mark" />, count: state === "ended" ? undefined : (facets?.states[state] ?? 0),
        })),
      },
      // Of what the views choose there is a chip once it is chosen.
      ...(search["open"] ? [{ name: "open", label: t("isOpen"), options: yesNo }] : []),
      ...(locations && locations.items.length > 0 ? [{ name: "location", label: t("location"), options: locations.items.map((one) => ({ value: one.id, label: one.name })) }] : []),
      ...named("station", t("station"), (row) => row.station, (row) => row.station_id),
      ...named("evse", t("evse"), (row) => row.evse_uid, (row) => row.evse_id),
      ...named("token", t("token"), (row) => row.token, (row) => row.token_id),
      {
        name: "flag",
        label: t("quality"),
        options: FLAGS.map((flag) => {
          const word = flagWord(flag);
          return { value: flag, label: word ? s(word) : flag };
        }),
      },
      ...(search["held"] ? [{ name: "held", label: t("isHeld"), options: yesNo }] : []),
    ];
  }, [t, s, language, facets, locations, rows, search]);
}
