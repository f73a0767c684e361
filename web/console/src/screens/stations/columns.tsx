import { useMemo } from "react";
import { Changed } from "#shared/format/Changed";
import { Age } from "#shared/format/Time";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { StateMark } from "#shared/state/StateMark";
import { connectorState } from "#shared/state/vocabulary";
import type { Column } from "#shared/table/columns";
import type { StationRow } from "./rows";
import { text } from "./text";
import classes from "./stations.module.css";

/** The table's columns. */
export function useStationColumns(): Column<StationRow>[] {
  const t = useText(text);
  const f = useFormat();
  return useMemo<Column<StationRow>[]>(
    () => [
      { id: "state", header: t("state"), sort: "state", width: 170, phone: "side", cell: (row) => <StateMark state={row.state} /> },
      {
        id: "identity", header: t("station"), sort: "identity", names: true, width: 140, phone: "title",
        cell: (row) => <span className={classes["identity"]}>{row.identity}</span>,
      },
      { id: "location", header: t("location"), sort: "location", phone: "sub", cell: (row) => row.location_name ?? "" },
      { id: "model", header: t("model"), sort: "model", cell: (row) => <span className={classes["quiet"]}>{row.model}</span> },
      { id: "vendor", header: t("vendor"), hidden: true, cell: (row) => <span className={classes["quiet"]}>{row.vendor}</span> },
      { id: "protocol", header: t("protocol"), sort: "protocol", width: 70, cell: (row) => <span className={classes["quiet"]}>{row.protocol?.replace("ocpp", "") ?? ""}</span> },
      { id: "firmware", header: t("firmware"), hidden: true, cell: (row) => <span className={classes["quiet"]}>{row.firmware_version}</span> },
      { id: "connectors", header: t("connectors"), width: 110, phone: "lead", cell: (row) => <Connectors row={row} /> },
      {
        id: "power", header: t("power"), sort: "power_w", align: "right", width: 110, phone: "subside",
        cell: (row) => <Changed value={row.power_w}>{row.power_w === null ? <span className={classes["none"]}>{f.power(null)}</span> : f.power(row.power_w)}</Changed>,
      },
      {
        id: "energy", header: t("energy"), sort: "energy_today_wh", align: "right", width: 120,
        cell: (row) => f.energy(row.energy_today_wh),
      },
      { id: "country", header: t("country"), hidden: true, cell: (row) => row.country ?? "" },
      { id: "seen", header: t("seen"), hidden: true, cell: (row) => (row.last_seen_at ? <Age at={row.last_seen_at} /> : "") },
      { id: "note", header: t("note"), cell: (row) => <NoteOf row={row} /> },
    ],
    [t, f],
  );
}

function Connectors({ row }: { row: StationRow }) {
  return (
    <span className={classes["connectors"]}>
      {row.connectors.map((connector) => <StateMark key={connector.id} state={connectorState(row.link, connector)} as="mark" />)}
    </span>
  );
}

/** What an operator should know beside the state. */
function NoteOf({ row }: { row: StationRow }) {
  const t = useText(text);
  const f = useFormat();
  if (row.blocked) return <b className={classes["warn"]}>{t("blocked")}</b>;
  if (row.link !== "online") {
    const at = row.link_since ?? row.last_seen_at;
    return <span className={classes["quiet"]}>{at ? t("lastSeen", { time: f.time(at, "dateTime", row.time_zone) }) : t("neverSeen")}</span>;
  }
  const faulty = row.connectors.find((connector) => connector.error_code !== null && connector.error_code !== "NoError");
  if (!faulty) return null;
  return (
    <span className={classes["quiet"]}>
      {faulty.error_code}, <Age at={faulty.status_since} />
    </span>
  );
}
