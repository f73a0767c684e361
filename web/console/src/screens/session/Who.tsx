import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Schema } from "#shared/api/client";
import { useMay } from "#shared/api/session";
import { useCommandOutcome } from "#shared/command/useCommand";
import { useOutcomeWords } from "#shared/command/useOutcomeWords";
import { useNow } from "#shared/format/Time";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { Card, Facts } from "#shared/page/Page";
import { authorisationsQuery, type Row } from "./queries";
import { text } from "./text";
import { wordOf } from "./words";
import classes from "./session.module.css";

/** Whose session it is, why it was let in, and what began and ended it. */
export function Who({ row, session }: { row: Row; session: Schema["SessionOut"] | undefined }) {
  const t = useText(text);
  const f = useFormat();
  const now = useNow();
  const may = useMay();
  const words = useOutcomeWords();
  const tokens = may("tokens:read");
  const tries = useQuery({ ...authorisationsQuery(row.id), enabled: tokens }).data?.items;
  const command = useCommandOutcome(may("stations:read") ? (session?.command_id ?? null) : null).data;
  const facts: [ReactNode, ReactNode][] = [];
  if (row.token !== null) {
    const token = <span className="fc-mono">{row.token}</span>;
    facts.push([t("token"), row.token_id ? <Link className="fc-link" to="/tokens" search={{ q: row.token } as never}>{token}</Link> : token]);
  }
  if (row.token_type) facts.push([t("tokenType"), row.token_type]);
  for (const one of tries ?? []) {
    const answer = wordOf(t, `answer_${one.status}`) ?? one.status;
    const details = [answer, one.reason_code ? t("reasonIs", { reason: one.reason_code }) : null, one.took_ms === null ? null : t("took", { ms: String(one.took_ms) })];
    facts.push([`${t("authorisation")} ${f.time(one.at, "seconds", row.time_zone)}`, details.filter(Boolean).join(", ")]);
    if (one.contract_id) facts.push([t("contract"), <span key={one.id} className="fc-mono">{one.contract_id}</span>]);
  }
  if (!tokens) facts.push([t("authorisation"), <span key="none" className={classes["quiet"]}>{t("noRight", { permission: "tokens:read" })}</span>]);
  if (command) facts.push([t("command"), words.of(command, now, f)]);
  if (row.stop_reason) facts.push([t("endedBy"), t("stopReason", { reason: row.stop_reason })]);
  if (row.transaction) facts.push([t("transaction"), <span key="t" className="fc-mono">{row.transaction}</span>]);
  if (row.evse_uid) facts.push([t("evse"), <span key="e" className="fc-mono">{row.evse_uid}</span>]);
  facts.push([t("protocol"), row.protocol.replace("ocpp", "")]);
  facts.push([t("sessionId"), <span key="i" className="fc-mono">{row.id}</span>]);
  return <Card title={t("who")}><Facts facts={facts} /></Card>;
}
