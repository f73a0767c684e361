import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { csvUrl } from "#shared/api/client";
import { Time } from "#shared/format/Time";
import { useText } from "#shared/i18n/i18n";
import { Empty } from "#shared/page/States";
import { Marked } from "#shared/state/StateMark";
import type { Column } from "#shared/table/columns";
import { DataTable } from "#shared/table/DataTable";
import type { Filter } from "#shared/table/FilterChip";
import { useTableState } from "#shared/table/useTableState";
import { deliveriesQuery, DELIVERY_FILTERS, PAGE_SIZE, type Channel, type Delivery } from "./queries";
import { resultOf } from "./sentences";
import { text, type AlertWord } from "./text";
import classes from "./alerts.module.css";

/** What was told through the channels, and what came of it. */
export function Deliveries({ channels }: { channels: readonly Channel[] }) {
  const t = useText(text);
  const state = useTableState({ filters: DELIVERY_FILTERS, defaultSort: "-created_at" });
  const query = useQuery(deliveriesQuery(state.address));
  const single = useMemo(() => ({ ...state, setFilter: (name: string, values: readonly string[]) => state.setFilter(name, values.slice(-1)) }), [state]);
  const columns = useColumns(channels);
  const filters = useMemo<Filter[]>(
    () => [
      { name: "channel", label: t("channel"), options: channels.map((one) => ({ value: one.id, label: one.name })) },
      { name: "result", label: t("result"), options: (["sent", "waiting", "failed", "not_sent"] as const).map((value) => ({ value, label: resultOf(t, { state: value } as Delivery).word })) },
    ],
    [t, channels],
  );
  return (
    <section className={classes["log"]} aria-label={t("log")}>
      <h2>{t("log")}</h2>
      <DataTable
        name="deliveries"
        what={t("deliveries")}
        state={single}
        query={query}
        columns={columns}
        filters={filters}
        rowId={(row) => row.id}
        rowName={(row) => row.receiver}
        csv={csvUrl("/api/v1/alert-deliveries", {})}
        pageSize={PAGE_SIZE}
        empty={<Empty icon="bell" title={t("noDeliveries")}>{t("noDeliveriesHelp")}</Empty>}
      />
    </section>
  );
}

function useColumns(channels: readonly Channel[]): Column<Delivery>[] {
  const t = useText(text);
  return useMemo<Column<Delivery>[]>(
    () => [
      { id: "at", header: `${t("at")} (${t("yourTime")})`, sort: "created_at", width: 190, phone: "sub", cell: (row) => <Time at={row.created_at} style="full" /> },
      { id: "channel", header: t("channel"), width: 160, cell: (row) => channels.find((one) => one.id === row.channel_id)?.name ?? t(row.channel_kind as AlertWord) },
      { id: "receiver", header: t("receiver"), names: true, phone: "title", cell: (row) => <span className={classes["receiver"]}>{row.receiver}</span> },
      { id: "event", header: t("event"), width: 130, phone: "subside", cell: (row) => t(`event_${row.event}` as AlertWord) },
      {
        id: "result", header: t("result"), width: 340, phone: "side",
        cell: (row) => (
          <span className={classes["cell"]}>
            <Marked {...resultOf(t, row)} />
            {row.response_code !== null ? <small>{t("answered", { code: String(row.response_code) })}</small> : row.error && row.state !== "not_sent" ? <small>{row.error}</small> : null}
          </span>
        ),
      },
      { id: "tries", header: t("tries"), align: "right", width: 80, cell: (row) => row.attempts },
    ],
    [t, channels],
  );
}
