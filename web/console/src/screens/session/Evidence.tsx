import { useClipboard } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMay } from "#shared/api/session";
import { Button, DownloadLink } from "#shared/button/Button";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { Icon } from "#shared/icon/Icon";
import { Card, Facts, Tag } from "#shared/page/Page";
import { QueryState } from "#shared/page/States";
import type { Schema } from "#shared/api/client";
import { minus } from "./price";
import { signedQuery, type Row } from "./queries";
import { saveJson, saveText } from "./save";
import { meterSpan, type Fact } from "./story";
import { text } from "./text";
import { wordOf } from "./words";
import classes from "./session.module.css";

type Session = Schema["SessionOut"];
type Signed = Schema["SignedValueOut"];

/** What the price rests on: the register at both ends, signed values as they were sent, and the raw data. */
export function Evidence({ row, session, facts }: { row: Row; session: Session | undefined; facts: readonly Fact[] }) {
  const t = useText(text);
  const f = useFormat();
  const may = useMay();
  const signed = useQuery(signedQuery(row.id));
  const { start, end } = meterSpan(facts);
  const between = start !== null && end !== null ? minus(end, start) : null;
  const equal = between !== null && Number(between) === Number(row.energy_wh);
  const span = { station: row.station_id, since: minutesFrom(row.opened_at, -2), until: row.ended_at === null ? undefined : minutesFrom(row.ended_at, 2) };
  return (
    <Card title={t("evidence")} actions={signed.data && signed.data.length > 0 ? <Tag tone="ok">{t("signed")} {signed.data.length}</Tag> : undefined}>
      <Facts
        facts={[
          ...(start === null ? [] : [[t("meterStart"), <span key="s" className="fc-mono">{f.energy(start, 3)}</span>] as [string, React.ReactNode]]),
          ...(end === null ? [] : [[t("meterEnd"), <span key="e" className="fc-mono">{f.energy(end, 3)}</span>] as [string, React.ReactNode]]),
          ...(between === null ? [] : [[t("difference"), <span key="d"><b>{f.energy(between, 3)}</b>, {equal ? t("equalsBilled") : t("notBilled", { energy: f.energy(row.energy_wh, 3) })}</span>] as [string, React.ReactNode]]),
          ...(session?.register_used ? [[t("register"), wordOf(t, `register_${session.register_used}`) ?? session.register_used] as [string, React.ReactNode]] : []),
          ...(Number(row.held_wh) > 0 ? [[t("heldEnergy"), <b key="h" className={classes["warn"]}>{f.energy(row.held_wh, 3)}</b>] as [string, React.ReactNode]] : []),
        ]}
      />
      <QueryState query={signed} what={t("signed")}>
        {(values) => (values.length === 0 ? <p className={classes["quiet"]}>{t("noSigned")}</p> : <SignedValues values={values} row={row} />)}
      </QueryState>
      <div className={classes["buttons"]}>
        {may("messages:read") ? (
          <Link to="/messages" search={span as never} className={classes["asButton"]}><Icon name="code" />{t("rawMessages")}</Link>
        ) : null}
        <DownloadLink href={`/api/v1/sessions/${row.id}/readings?format=csv`}>{t("readingsCsv")}</DownloadLink>
      </div>
    </Card>
  );
}

function minutesFrom(at: string, minutes: number): string {
  return new Date(Date.parse(at) + minutes * 60_000).toISOString();
}

/** Each value verbatim: to look at, copy and keep. */
function SignedValues({ values, row }: { values: readonly Signed[]; row: Row }) {
  const t = useText(text);
  const f = useFormat();
  return (
    <ul className={classes["signed"]}>
      {values.map((value, index) => (
        <li key={index}>
          <details>
            <summary>
              <span>{value.context ?? value.measurand ?? t("signed")}</span>
              <span className={classes["quiet"]}>{f.time(value.measured_at, "seconds", row.time_zone)} · {value.encoding_method ?? ""}</span>
            </summary>
            <pre tabIndex={0}>{value.data}</pre>
            {value.public_key ? <p><span className={classes["quiet"]}>{t("publicKey")}</span> <code>{value.public_key}</code></p> : null}
            <div className={classes["buttons"]}>
              <Copy value={value.data} />
              <Button size="sm" icon="export" onClick={() => saveText(`${row.id}-${index + 1}.txt`, value.data)}>{t("download")}</Button>
              <Button size="sm" kind="quiet" onClick={() => saveJson(`${row.id}-${index + 1}.json`, value)}>JSON</Button>
            </div>
          </details>
        </li>
      ))}
    </ul>
  );
}

function Copy({ value }: { value: string }) {
  const t = useText(text);
  const clipboard = useClipboard({ timeout: 1500 });
  return <Button size="sm" icon={clipboard.copied ? "check" : "copy"} onClick={() => clipboard.copy(value)}>{clipboard.copied ? t("copied") : t("copy")}</Button>;
}
