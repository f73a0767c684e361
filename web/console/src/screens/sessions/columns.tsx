import { useMemo } from "react";
import { Tooltip } from "@mantine/core";
import { Changed } from "#shared/format/Changed";
import { Time, useNow } from "#shared/format/Time";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { Tag } from "#shared/page/Page";
import { Flags, maskToken } from "#shared/session/Flags";
import { SessionMark } from "#shared/session/SessionMark";
import { StateMark } from "#shared/state/StateMark";
import type { Column } from "#shared/table/columns";
import { lasted, type SessionRow } from "./rows";
import { text } from "./text";
import classes from "./sessions.module.css";

/** The table's columns. `zone` names the zone of the times, if it is one for all rows. */
export function useSessionColumns(zone: string | null): Column<SessionRow>[] {
  const t = useText(text);
  const f = useFormat();
  return useMemo<Column<SessionRow>[]>(
    () => [
      { id: "state", header: t("state"), sort: "state", width: 168, phone: "side", cell: (row) => <State row={row} /> },
      {
        id: "station", header: t("station"), sort: "station", names: true, width: 150, phone: "title",
        cell: (row) => <span className={classes["identity"]}>{row.station ?? t("hidden")}{row.evse_no === null ? "" : ` · ${row.evse_no}`}</span>,
      },
      { id: "location", header: t("location"), sort: "location", phone: "sub", cell: (row) => <span className={classes["place"]}>{row.location ?? row.evse_uid ?? ""}</span> },
      { id: "evse", header: t("evse"), hidden: true, cell: (row) => <span className="fc-mono">{row.evse_uid}</span> },
      { id: "token", header: t("token"), width: 92, cell: (row) => <Token row={row} /> },
      {
        id: "started", header: zone === null ? t("started") : t("startedIn", { zone }), sort: "opened_at", width: 128,
        cell: (row) => <Time at={row.started_at ?? row.opened_at} zone={row.time_zone} style="dateTime" />,
      },
      { id: "ended", header: t("ended"), sort: "ended_at", hidden: true, cell: (row) => (row.ended_at ? <Time at={row.ended_at} zone={row.time_zone} style="dateTime" /> : "") },
      { id: "duration", header: t("duration"), sort: "duration", align: "right", width: 104, cell: (row) => <Duration row={row} /> },
      {
        id: "energy", header: t("energy"), sort: "energy_wh", align: "right", width: 100,
        cell: (row) => <Changed value={row.energy_wh}>{f.energy(row.energy_wh, 2)}</Changed>,
      },
      { id: "power", header: t("power"), sort: "power_w", align: "right", width: 90, cell: (row) => <Power row={row} /> },
      { id: "soc", header: t("soc"), align: "right", hidden: true, cell: (row) => (row.soc_percent === null ? "" : f.quantity(row.soc_percent, "%")) },
      {
        id: "cost", header: t("cost"), sort: "cost", align: "right", width: 112, phone: "subside",
        cell: (row) => <Cost row={row} />,
      },
      { id: "quality", header: t("quality"), cell: (row) => <Flags flags={row.quality} /> },
      { id: "end", header: t("end"), hidden: true, cell: (row) => <Cause cause={row.end_cause} /> },
      { id: "transaction", header: t("transaction"), hidden: true, cell: (row) => <span className="fc-mono">{row.transaction}</span> },
      { id: "protocol", header: t("protocol"), hidden: true, cell: (row) => row.protocol.replace("ocpp", "") },
    ],
    [t, f, zone],
  );
}

function State({ row }: { row: SessionRow }) {
  const away = row.ended_at === null && row.link !== null && row.link !== "online";
  return (
    <span className={classes["state"]}>
      <SessionMark state={row.state} settled={row.settled_at !== null} />
      {away ? <StateMark state="offline" as="mark" /> : null}
    </span>
  );
}

function Token({ row }: { row: SessionRow }) {
  const t = useText(text);
  const masked = maskToken(row.token);
  if (masked === null) return <span className={classes["quiet"]}>{row.token_status === null ? "" : t("hidden")}</span>;
  return <span className="fc-mono" title={row.token_label ?? undefined}>{masked}</span>;
}

function Duration({ row }: { row: SessionRow }) {
  const f = useFormat();
  const now = useNow();
  return <>{f.duration(lasted(row, now))}</>;
}

/** Power of an open session; while its station is away the last value is grey and says its age. */
function Power({ row }: { row: SessionRow }) {
  const t = useText(text);
  const f = useFormat();
  const now = useNow();
  if (row.ended_at !== null) return null;
  if (row.power_w === null) return <span className={classes["none"]}>{f.power(null)}</span>;
  if (row.link !== null && row.link !== "online") {
    return (
      <Tooltip label={t("stale", { age: f.age(row.last_at, now) })}>
        <span className={classes["none"]}>{f.power(row.power_w)}</span>
      </Tooltip>
    );
  }
  return <Changed value={row.power_w}>{f.power(row.power_w)}</Changed>;
}

function Cost({ row }: { row: SessionRow }) {
  const t = useText(text);
  const f = useFormat();
  if (row.cost === null) return row.currency === null ? <Tag tone="warn">{t("unpriced")}</Tag> : <span className={classes["none"]}>{f.money(null, null)}</span>;
  return <Changed value={row.cost}>{f.money(row.cost, row.currency)}</Changed>;
}

function Cause({ cause }: { cause: string | null }) {
  const t = useText(text);
  if (cause === null) return null;
  const key = `cause_${cause}`;
  return <>{key in text.en ? t(key as keyof (typeof text)["en"]) : cause}</>;
}
