/** An example session priced by the server: what it costs, why, and what the live version would take. */
import { useState } from "react";
import { Button } from "#shared/button/Button";
import { useFormat } from "#shared/format/useFormat";
import { useLanguage, useText, translate } from "#shared/i18n/i18n";
import { Card, Note } from "#shared/page/Page";
import { Lines } from "#shared/page/States";
import { difference, type Example } from "./example";
import { DAYS, type Document } from "#shared/tariff/model";
import { text, type TextKey } from "./text";
import { usePrice, type Price, type TraceRow } from "./usePreview";
import { unitPrice } from "./WeekCard";
import { words, type Word } from "#shared/tariff/words";
import classes from "./tariff.module.css";

interface ExampleCardProps {
  document: Document;
  /** The live version's document, if it is another one. */
  before: { number: number; document: Document } | null;
  example: Example;
  onExample: (next: Example) => void;
  /** Null while it cannot be read. */
  session: Record<string, unknown> | null;
  /** The week is not there yet, so neither is the session. */
  waiting: boolean;
}

export function ExampleCard({ document, before, example, onExample, session, waiting }: ExampleCardProps) {
  const t = useText(text);
  const f = useFormat();
  const { language } = useLanguage();
  const [more, setMore] = useState(example.power !== "" || example.soc !== "");
  const price = usePrice(document, session);
  const old = usePrice(before?.document ?? null, session);
  const field = (key: keyof Example, label: TextKey, unit?: string) => (
    <label className={classes["field"]}>
      <span>{t(label)}</span>
      <span><input value={example[key]} inputMode={unit ? "decimal" : undefined} onChange={(event) => onExample({ ...example, [key]: event.currentTarget.value })} />{unit ? <small>{unit}</small> : null}</span>
    </label>
  );
  const total = price.data?.rounded["total_cost"];
  const oldTotal = old.data?.rounded["total_cost"];
  const change = total && oldTotal ? difference(total.after_taxes, oldTotal.after_taxes) : null;
  return (
    <Card title={t("example")} actions={<Button kind="quiet" size="sm" aria-expanded={more} onClick={() => setMore(!more)}>{t(more ? "less" : "more")}</Button>}>
      <div className={classes["fields"]}>
        <label className={classes["field"]}>
          <span>{t("pluggedIn")}</span>
          <span>
            <select aria-label={t("pluggedDay")} value={example.day} onChange={(event) => onExample({ ...example, day: event.currentTarget.value })}>
              {DAYS.map((day, index) => <option key={day} value={index}>{translate(words, language, `${day}Short` as Word)}</option>)}
            </select>
            <input aria-label={t("pluggedTime")} value={example.start} size={5} onChange={(event) => onExample({ ...example, start: event.currentTarget.value })} />
          </span>
        </label>
        {field("energy", "energy", "kWh")}
        {field("charging", "chargingTime", "min")}
        {field("idle", "idleTime", "min")}
        {more ? (
          <>
            {field("power", "power", "kW")}
            {field("current", "current", "A")}
            {field("soc", "soc", "%")}
            {field("connector", "connector")}
            {field("audience", "audience")}
            <label className={classes["field"]}>
              <span>{t("reservation")}</span>
              <span>
                <select value={example.reservation} onChange={(event) => onExample({ ...example, reservation: event.currentTarget.value })}>
                  <option value="">{t("reservationNone")}</option>
                  <option value="USED">{t("reservationUsed")}</option>
                  <option value="EXPIRED">{t("reservationExpired")}</option>
                </select>
              </span>
            </label>
            {example.reservation ? field("reserved", "reservedTime", "min") : null}
          </>
        ) : null}
      </div>
      {session === null && !waiting ? <p className={classes["help"]}>{t("exampleUnreadable")}</p> : null}
      {price.error && session !== null ? <Note tone="warn">{t("noPreview", { why: String(price.error.params["what"] ?? price.error.detail) })}</Note> : null}
      {price.data ? (
        <div data-stale={price.isPlaceholderData || undefined} className={classes["priced"]}>
          <table className={classes["trace"]}>
            <caption className="fc-hidden">{t("traceCaption")}</caption>
            <tbody>{price.data.trace.map((row, index) => <Trace key={index} row={row} price={price.data} />)}</tbody>
          </table>
          <div className={classes["total"]} role="status">
            <span>
              <b>{t("total")}</b>
              <small>{taxWords(price.data, t, f)}{price.data.price_limit_applied ? `, ${t(`limit_${price.data.price_limit_applied}` as TextKey)}` : ""}</small>
            </span>
            {before && oldTotal ? <small>{t("beforeTotal", { number: before.number, amount: f.money(oldTotal.after_taxes, price.data.currency) })}</small> : null}
            {change !== null && change !== "0" ? <span className={classes["change"]} data-more={!change.startsWith("-") || undefined}>{f.money(change, price.data.currency, { sign: true })}</span> : null}
            <strong>{f.money(total?.after_taxes, price.data.currency)}</strong>
          </div>
        </div>
      ) : (session === null && !waiting) || price.error ? null : <Lines count={3} />}
    </Card>
  );
}

type T = (key: TextKey, params?: Record<string, string | number>) => string;

function taxWords(price: Price, t: T, f: ReturnType<typeof useFormat>): string {
  const known = price.taxes.filter((tax) => tax.percent !== null && tax.percent !== "0");
  if (known.length === 0) return t(price.notes.includes("tax_unknown") ? "taxUnknown" : "taxNone");
  return known
    .map((tax) => t("taxOf", { percent: f.number(tax.percent, (tax.percent ?? "").split(".")[1]?.length ?? 0), amount: f.money(difference(tax.rounded.after_taxes, tax.rounded.before_taxes), price.currency) }))
    .join(", ");
}

const UNITS: Record<string, string> = { kwh: "kWh", hour: "h", minute: "min" };

function Trace({ row, price }: { row: TraceRow; price: Price }) {
  const t = useText(text);
  const f = useFormat();
  const { language } = useLanguage();
  const free = ["grace", "pause", "free"].includes(row.reason);
  const limit = row.component === "total";
  const name = limit ? t(`limit_${row.reason.replace("_price", "")}` as TextKey) : t(`part_${row.component}` as TextKey);
  const why = row.reason === "priced" || limit ? "" : `, ${t(`reason_${row.reason}` as TextKey)}`;
  const unit = UNITS[row.unit];
  const quantity = unit ? `${f.number(row.quantity, row.unit === "kwh" ? 3 : 2)}\u00a0${unit} × ` : "";
  return (
    <tr data-free={free || undefined}>
      <th scope="row">{name}{row.element === null ? "" : `, ${t("ruleNumber", { number: row.element + 1 })}`}{why}</th>
      <td>{limit || row.reason === "cap" ? "" : free ? quantity.replace(" × ", "") : `${quantity}${unitPrice(row.unit_price, price.currency, language)}`}</td>
      <td>{free ? f.money("0", price.currency) : amountOf(row.amount, price.currency, language)}</td>
    </tr>
  );
}

/** Four decimals: rounded once, at the end. */
function amountOf(amount: string, currency: string, language: "en" | "de"): string {
  const parts = new Intl.NumberFormat(language === "de" ? "de-DE" : "en-GB", { style: "currency", currency, minimumFractionDigits: 4, maximumFractionDigits: 4 }).formatToParts(amount as unknown as number);
  const digits = parts.filter((part) => ["integer", "group", "decimal", "fraction"].includes(part.type)).map((part) => part.value).join("");
  const symbol = parts.find((part) => part.type === "currency")?.value ?? currency;
  const sign = amount.startsWith("-") ? "−\u00a0" : "";
  return language === "de" ? `${sign}${digits}\u00a0${symbol}` : `${sign}${symbol}\u00a0${digits}`;
}
