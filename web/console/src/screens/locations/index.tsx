/** Locations: where the network is, and which site needs somebody. */
import { Drawer } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useLiveRefetch } from "#console/live/Live";
import { useMay } from "#shared/api/session";
import { Button, ButtonLink } from "#shared/button/Button";
import { Segments } from "#shared/button/Segments";
import { useCommands } from "#shared/command/CommandsProvider";
import { useLanguage, useText } from "#shared/i18n/i18n";
import { StationMap } from "#shared/map/StationMap";
import { Page } from "#shared/page/Page";
import { Empty } from "#shared/page/States";
import { LocationForm } from "#shared/place/LocationForm";
import { StateMark } from "#shared/state/StateMark";
import { LOOKS, STATES } from "#shared/state/vocabulary";
import { DataTable } from "#shared/table/DataTable";
import { useTableState } from "#shared/table/useTableState";
import { usePhone } from "#shared/theme/useSize";
import { countryName, useLocationColumns } from "./columns";
import { exportUrl, facetsQuery, FILTERS, MAP_SIZE, mapPoints, PAGE_SIZE, rowsQuery, type LocationRow } from "./rows";
import { text } from "./text";
import classes from "./locations.module.css";

export function Screen() {
  const t = useText(text);
  const may = useMay();
  const { say } = useCommands();
  const { language } = useLanguage();
  const navigate = useNavigate();
  const phone = usePhone();
  const { as, new: making } = useSearch({ strict: false }) as { as?: string; new?: string };
  const asMap = as === "map";
  const table = useTableState({ filters: FILTERS, defaultSort: "name" });
  const query = useQuery(rowsQuery(table.address, asMap));
  const facets = useQuery(facetsQuery).data;
  const columns = useLocationColumns();
  useLiveRefetch(["location.*", "station.connected", "station.disconnected", "connector.status_changed", "session.updated"], ["locations"]);
  const [listed, setListed] = useState<readonly string[]>([]);
  const rows = useMemo(() => query.data?.items ?? [], [query.data]);
  const { points, placeless } = useMemo(() => mapPoints(rows), [rows]);
  const go = (change: Record<string, string | undefined>) => void navigate({ to: ".", search: ((old: object) => ({ ...old, ...change })) as never });

  const writes = may("locations:write");
  const add = <Button kind="primary" icon="plus" disabled={!writes} title={writes ? undefined : t("notAllowed", { permission: "locations:write" })} onClick={() => go({ new: "1" })}>{t("newLocation")}</Button>;
  const importing = <ButtonLink to="/imports?for=locations">{t("import")}</ButtonLink>;
  const countries = new Intl.DisplayNames(language, { type: "region" });

  const map = asMap ? (
    <div className={classes["map"]}>
      <StationMap points={points} onOpen={(point) => void navigate({ to: `/locations/${point.id}` })} onList={(list) => setListed(list.map((point) => point.id))} />
      {listed.length > 0 ? (
        <div className={classes["list"]}>
          {rows.filter((row) => listed.includes(row.id)).map((row) => <ButtonLink key={row.id} kind="quiet" size="sm" to={`/locations/${row.id}`}>{row.name}</ButtonLink>)}
        </div>
      ) : null}
      {placeless > 0 ? <p className={classes["remark"]}>{t("withoutPlace", { count: placeless })}</p> : null}
      {query.data?.next_cursor ? <p className={classes["remark"]}>{t("mapLimit", { count: MAP_SIZE })}</p> : null}
    </div>
  ) : undefined;

  return (
    <Page crumbs={[{ label: t("title") }]} fill>
      <DataTable<LocationRow>
        name="locations"
        what={t("title")}
        state={table}
        query={query}
        columns={columns}
        filters={[
          {
            name: "state",
            label: t("state"),
            options: STATES.map((state) => ({ value: state, label: LOOKS[state][language], count: facets?.states[state] ?? 0, mark: <StateMark state={state} as="mark" /> })),
          },
          { name: "country", label: t("country"), options: Object.entries(facets?.countries ?? {}).map(([code, count]) => ({ value: code, label: countryName(countries, code), count })) },
        ]}
        views={[{ name: t("all"), count: facets?.total }, { name: t("retired"), filters: { retired: ["true"] } }]}
        rowId={(row) => row.id}
        rowName={(row) => row.name}
        rowHref={(row) => `/locations/${row.id}`}
        search={t("search")}
        csv={exportUrl(table.address)}
        pageSize={PAGE_SIZE}
        instead={map}
        onNew={() => (writes ? go({ new: "1" }) : undefined)}
        tools={
          <>
            <Segments label={t("show")} value={asMap ? "map" : "table"} onChange={(next) => go({ as: next === "map" ? "map" : undefined })} options={[{ value: "table", label: t("table") }, { value: "map", label: t("map") }]} />
            {phone ? null : importing}
            {add}
          </>
        }
        empty={<Empty icon="pin" title={t("emptyTitle")} actions={<>{add}{importing}</>}>{t("emptyHelp")}</Empty>}
      />
      {making && writes ? (
        <Drawer opened onClose={() => go({ new: undefined })} position="right" size={phone ? "100%" : 640} title={t("newLocation")} closeButtonProps={{ "aria-label": t("close") }}>
          <LocationForm
            onDone={(location) => {
              say(t("made"), location.name);
              void navigate({ to: `/locations/${location.id}` });
            }}
            onCancel={() => go({ new: undefined })}
          />
        </Drawer>
      ) : null}
    </Page>
  );
}
