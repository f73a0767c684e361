import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ApiError, type Schema } from "#shared/api/client";
import { Button } from "#shared/button/Button";
import { useCommands } from "#shared/command/CommandsProvider";
import { Time } from "#shared/format/Time";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { Card } from "#shared/page/Page";
import { QueryState } from "#shared/page/States";
import { recordQuery, recordsQuery, type Row } from "./queries";
import { saveJson } from "./save";
import { text } from "./text";
import classes from "./session.module.css";

type Cdr = Schema["CdrOut"];

/** The session's immutable records: a correction is one of its own, with what it changed. */
export function Records({ row }: { row: Row }) {
  const t = useText(text);
  const query = useQuery(recordsQuery(row.id));
  return (
    <Card title={t("records")} bare>
      <QueryState query={query} what={t("records")}>
        {(page) => {
          const records = [...page.items].sort((a, b) => b.revision - a.revision);
          if (records.length === 0) return <p className={classes["pad"]}>{row.ended_at === null ? t("noRecords") : t("noRecordsEnded")}</p>;
          return <ul className={classes["records"]}>{records.map((record, index) => <Record key={record.id} record={record} before={records[index + 1]} zone={row.time_zone} />)}</ul>;
        }}
      </QueryState>
    </Card>
  );
}

function Record({ record, before, zone }: { record: Cdr; before: Cdr | undefined; zone: string }) {
  const t = useText(text);
  const f = useFormat();
  const client = useQueryClient();
  const { refuse } = useCommands();
  const save = async (part: "periods" | "whole") => {
    try {
      const whole = await client.fetchQuery(recordQuery(record.id));
      if (part === "whole") saveJson(`${record.id}.json`, whole);
      else saveJson(`${record.id}-charging-periods.json`, whole.charging_periods);
    } catch (thrown) {
      if (!(thrown instanceof ApiError)) throw thrown;
      refuse(t("records"), thrown);
    }
  };
  const change = before && record.total_after_taxes_minor !== null && before.total_after_taxes_minor !== null ? record.total_after_taxes_minor - before.total_after_taxes_minor : null;
  return (
    <li>
      <div>
        <b>{t("revision", { number: String(record.revision) })}</b>{" "}
        <span className={classes["quiet"]}><Time at={record.created_at} zone={zone} style="dateTime" /></span>
        <p className={classes["quiet"]}>
          {f.energy(record.energy_wh, 3)}
          {change === null ? "" : ` · ${t("change", { amount: `${change > 0 ? "+ " : ""}${f.minor(change, record.currency)}` })}`}
        </p>
      </div>
      <b>{f.minor(record.total_after_taxes_minor, record.currency)}</b>
      <div className={classes["buttons"]}>
        <Button size="sm" icon="export" onClick={() => void save("periods")}>{t("periods")}</Button>
        <Button size="sm" kind="quiet" onClick={() => void save("whole")}>{t("wholeRecord")}</Button>
      </div>
    </li>
  );
}
