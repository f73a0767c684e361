/** Stations: which ones, and do this to all of them. */
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { ButtonLink } from "#shared/button/Button";
import { Segments } from "#shared/button/Segments";
import { useLanguage, useText } from "#shared/i18n/i18n";
import { StationMap } from "#shared/map/StationMap";
import { Page } from "#shared/page/Page";
import { CopyText, Empty } from "#shared/page/States";
import { StateMark } from "#shared/state/StateMark";
import { LOOKS, STATES } from "#shared/state/vocabulary";
import { DataTable } from "#shared/table/DataTable";
import type { Filter } from "#shared/table/FilterChip";
import { useSelection } from "#shared/table/useSelection";
import { useTableState } from "#shared/table/useTableState";
import { useMay } from "#shared/api/session";
import { BulkBar } from "./BulkBar";
import { useStationColumns } from "./columns";
import { mapPoints } from "./points";
import { addressesQuery, exportUrl, facetsQuery, FILTERS, MAP_SIZE, PAGE_SIZE, type StationRow } from "./rows";
import { text } from "./text";
import { useStations } from "./useStations";
import classes from "./stations.module.css";

const idOf = (row: StationRow) => row.id;

export function Screen() {
  const t = useText(text);
  const navigate = useNavigate();
  const { as } = useSearch({ strict: false }) as { as?: string };
  const state = useTableState({ filters: FILTERS, defaultSort: "state" });
  const asMap = as === "map";
  const { query, moved, resort } = useStations(state.address, asMap);
  const facets = useQuery(facetsQuery).data;
  const filters = useFilters(facets);
  const columns = useStationColumns();
  const selection = useSelection(idOf);
  const [mapRows, setMapRows] = useState<readonly string[]>([]);

  const rows = useMemo(() => query.data?.items ?? [], [query.data]);
  const { points, placeless } = useMemo(() => mapPoints(rows), [rows]);
  const show = (next: string) => void navigate({ to: ".", search: ((old: object) => ({ ...old, as: next === "map" ? "map" : undefined })) as never });

  const map = asMap ? (
    <div className={classes["map"]}>
      <StationMap
        points={points}
        onOpen={(point) => void navigate({ to: `/stations/${point.id}` })}
        onList={(list) => setMapRows(list.map((point) => point.id))}
      />
      {mapRows.length > 0 ? (
        <ul className={classes["mapList"]}>
          {rows.filter((row) => mapRows.includes(row.id)).map((row) => (
            <li key={row.id}>
              <ButtonLink kind="quiet" size="sm" to={`/stations/${row.id}`}>
                <StateMark state={row.state} as="mark" /> <span className="fc-mono">{row.identity}</span>
              </ButtonLink>
            </li>
          ))}
        </ul>
      ) : null}
      {placeless > 0 ? <p className={classes["remark"]}>{t("withoutPlace", { count: placeless })}</p> : null}
      {query.data?.next_cursor ? <p className={classes["remark"]}>{t("mapLimit", { count: MAP_SIZE })}</p> : null}
    </div>
  ) : undefined;

  return (
    <Page crumbs={[{ label: t("title") }]} fill>
      <DataTable
        name="stations"
        what={t("title")}
        state={state}
        query={query}
        columns={columns}
        filters={filters}
        views={[
          { name: t("all"), count: facets?.total },
          { name: t("faulted"), filters: { state: ["faulted"] }, count: facets?.states["faulted"] ?? (facets ? 0 : undefined) },
          { name: t("offline"), filters: { state: ["offline"] }, count: facets?.states["offline"] ?? (facets ? 0 : undefined) },
          { name: t("charging"), filters: { state: ["charging"] }, sort: "-power_w", count: facets?.states["charging"] ?? (facets ? 0 : undefined) },
        ]}
        rowId={idOf}
        rowName={(row) => row.identity}
        rowHref={(row) => `/stations/${row.id}`}
        search={t("search")}
        csv={exportUrl(state.address)}
        pageSize={PAGE_SIZE}
        selection={selection}
        bulk={<BulkBar selection={selection} />}
        moved={moved}
        onResort={resort}
        instead={map}
        tools={
          <Segments
            label={t("show")}
            value={asMap ? "map" : "table"}
            onChange={show}
            options={[{ value: "table", label: t("table") }, { value: "map", label: t("map") }]}
          />
        }
        empty={
          <Empty icon="station" title={t("emptyTitle")} actions={<ButtonLink kind="primary" to="/inbox">{t("toInbox")}</ButtonLink>}>
            <p>{t("emptyHelp")}</p>
            <Address />
          </Empty>
        }
      />
    </Page>
  );
}

/** What to enter in the charger. */
function Address() {
  const may = useMay();
  const first = useQuery({ ...addressesQuery, enabled: may("inbox:read") }).data?.[0];
  return first ? <CopyText value={`${first.url}STATION`} /> : null;
}

/** The filters' options, with how many stations each has. */
function useFilters(facets: { states: Record<string, number>; countries: Record<string, number>; models: Record<string, number>; protocols: Record<string, number> } | undefined): Filter[] {
  const t = useText(text);
  const { language } = useLanguage();
  return useMemo(() => {
    const plain = (counts: Record<string, number> | undefined, label = (value: string) => value) =>
      Object.entries(counts ?? {}).map(([value, count]) => ({ value, label: label(value), count }));
    const countries = new Intl.DisplayNames(language, { type: "region" });
    return [
      {
        name: "state",
        label: t("state"),
        options: STATES.map((state) => ({ value: state, label: LOOKS[state][language], count: facets?.states[state] ?? 0, mark: <StateMark state={state} as="mark" /> })),
      },
      { name: "country", label: t("country"), options: plain(facets?.countries, (code) => countries.of(code) ?? code) },
      { name: "model", label: t("model"), options: plain(facets?.models) },
      { name: "protocol", label: t("protocol"), options: plain(facets?.protocols, (name) => name.replace("ocpp", "")) },
    ];
  }, [facets, language, t]);
}
