import { useMemo } from "react";
import { useNow } from "#shared/format/Time";
import { useFormat } from "#shared/format/useFormat";
import { useLanguage, useText } from "#shared/i18n/i18n";
import { isOpen, readHours } from "#shared/place/hours";
import { StateMark } from "#shared/state/StateMark";
import type { ConnectorState } from "#shared/state/vocabulary";
import type { Column } from "#shared/table/columns";
import { countedStates, type LocationRow } from "./rows";
import { text } from "./text";
import classes from "./locations.module.css";

export function useLocationColumns(): Column<LocationRow>[] {
  const t = useText(text);
  const f = useFormat();
  const { language } = useLanguage();
  const minute = Math.floor(useNow() / 60_000);
  return useMemo<Column<LocationRow>[]>(() => {
    const countries = new Intl.DisplayNames(language, { type: "region" });
    const hours = (row: LocationRow) => {
      const open = isOpen(readHours(row.opening_hours), row.time_zone, minute * 60_000);
      return open === null ? "" : <span className={open ? undefined : classes["quiet"]}>{open ? t("open") : t("closed")}</span>;
    };
    return [
      { id: "name", header: t("name"), sort: "name", names: true, phone: "title", cell: (row) => <span className={classes["name"]}>{row.name}</span> },
      { id: "state", header: t("state"), sort: "state", width: 170, phone: "side", cell: (row) => (row.state ? <StateMark state={row.state as ConnectorState} /> : <span className={classes["quiet"]}>{t("noStations")}</span>) },
      { id: "city", header: t("city"), sort: "city", width: 150, phone: "sub", cell: (row) => row.city ?? "" },
      { id: "country", header: t("country"), sort: "country", width: 120, cell: (row) => countryName(countries, row.country) },
      { id: "address", header: t("address"), hidden: true, cell: (row) => row.address ?? "" },
      { id: "stations", header: t("stations"), sort: "stations", align: "right", width: 90, cell: (row) => f.number(row.stations, 0) },
      { id: "connectors", header: t("connectors"), width: 200, phone: "lead", cell: (row) => <States row={row} /> },
      { id: "power", header: t("power"), sort: "power_w", align: "right", width: 120, phone: "subside", cell: (row) => f.power(row.power_w) },
      { id: "energy", header: t("energy"), sort: "energy_today_wh", align: "right", width: 130, cell: (row) => f.energy(row.energy_today_wh) },
      { id: "hours", header: t("hours"), width: 110, cell: hours },
      { id: "zone", header: t("zone"), hidden: true, cell: (row) => row.time_zone },
    ];
  }, [t, f, language, minute]);
}

/** The country's name; a code that the browser does not know stays as it is. */
export function countryName(names: Intl.DisplayNames, code: string): string {
  try {
    return names.of(code) ?? code;
  } catch {
    return code;
  }
}

function States({ row }: { row: LocationRow }) {
  return (
    <span className={classes["states"]}>
      {countedStates(row).map(([state, count]) => (
        <span key={state}><StateMark state={state} as="mark" />{count}</span>
      ))}
    </span>
  );
}
