import type { UseQueryResult } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Span } from "#shared/chart/gaps";
import { useMay } from "#shared/api/session";
import { useFormat } from "#shared/format/useFormat";
import { useLanguage, useText } from "#shared/i18n/i18n";
import { Icon } from "#shared/icon/Icon";
import { Card, Note, Tag } from "#shared/page/Page";
import { Lines, QueryState } from "#shared/page/States";
import { isZero, minus, own, parts, type Price, type TraceRow } from "./price";
import type { PriceAnswer, Row, TariffUsed } from "./queries";
import { text, type SessionWord } from "./text";
import { exactMoney, formula, lineTitle, lineWhy, wordOf } from "./words";
import classes from "./session.module.css";

interface WhyPriceProps {
  row: Row;
  query: UseQueryResult<PriceAnswer>;
  /** Brings out the time that a line is about in the curve. */
  onPoint: (span: Span | null) => void;
}

/** The price line by line: what, how much, by which rule, and how it adds up to the total that is shown. */
export function WhyPrice({ row, query, onPoint }: WhyPriceProps) {
  const t = useText(text);
  const final = query.data?.final ?? false;
  return (
    <Card
      title={final ? t("why") : t("whyNow")}
      bare
      actions={query.data?.price ? <Tag {...(final ? { tone: "ok" as const } : { tone: "accent" as const })}>{final ? <Icon name="check" size={12} /> : null}{final ? t("equal") : t("running")}</Tag> : undefined}
    >
      <QueryState query={query} what={t("why")} skeleton={<div className={classes["pad"]}><Lines count={6} /></div>}>
        {(answer) => (
          <>
            {answer.price === null ? <p className={classes["pad"]}>{t("noPrice")}</p> : <Trace price={answer.price} tariff={answer.tariff} zone={row.time_zone} onPoint={onPoint} />}
            {answer.price !== null ? <Origin tariff={answer.tariff} zone={row.time_zone} /> : null}
          </>
        )}
      </QueryState>
    </Card>
  );
}

function Trace({ price, tariff, zone, onPoint }: { price: Price; tariff: TariffUsed | null; zone: string; onPoint: (span: Span | null) => void }) {
  const t = useText(text);
  const f = useFormat();
  const { language } = useLanguage();
  const document = tariff?.document;
  const total = price.rounded.total_cost;
  const costs = parts(price);
  const span = (row: TraceRow): Span => [Date.parse(row.from) / 1000, Date.parse(row.to) / 1000];
  const when = (row: TraceRow) => {
    const [from, to] = [f.time(row.from, "seconds", zone), f.time(row.to, "seconds", zone)];
    return from === to ? t("at", { time: from }) : t("from_to", { from, to });
  };
  return (
    <>
      {price.trace.length === 0 ? <p className={classes["pad"]}>{t("noTrace")}</p> : null}
      <ol className={classes["trace"]}>
        {price.trace.map((row, index) => (
          <li key={index}>
            <button type="button" onMouseEnter={() => onPoint(span(row))} onMouseLeave={() => onPoint(null)} onFocus={() => onPoint(span(row))} onBlur={() => onPoint(null)}>
              <span>{lineTitle(t, row, document)}</span>
              <b>{exactMoney(f, row.amount, price.currency, 4)}</b>
              <span className={classes["formula"]}>{formula(t, f, row, price.currency)}</span>
              <small>{[when(row), lineWhy(t, f, row, document, language)].filter(Boolean).join(" · ")}</small>
            </button>
          </li>
        ))}
      </ol>
      <dl className={classes["sum"]}>
        {costs.length > 1 ? (
          <>
            <div className={classes["sumHead"]}><dt>{t("roundedParts")}</dt><dd /></div>
            {costs.map((part) => (
              <div key={part.component}><dt>{wordOf(t, `part_${part.component}`)}</dt><dd>{f.money(part.amount, price.currency)}</dd></div>
            ))}
          </>
        ) : null}
        {price.price_limit_applied ? (
          <div><dt>{t(`reason_${price.price_limit_applied === "floor" ? "floor" : `${price.price_limit_applied}_price`}` as SessionWord)}</dt><dd>{f.money(own(price, total), price.currency)}</dd></div>
        ) : null}
        {price.tax_included ? null : (
          <>
            <div><dt>{t("net")}</dt><dd>{f.money(total.before_taxes, price.currency)}</dd></div>
            <Taxes price={price} />
          </>
        )}
        <div className={classes["total"]}><dt>{t("total")}</dt><dd>{f.money(total.after_taxes, price.currency)}</dd></div>
        {price.tax_included ? <Taxes price={price} /> : null}
      </dl>
      {price.notes.length > 0 ? (
        <div className={classes["pad"]}>{price.notes.map((note) => <Note key={note}>{wordOf(t, `note_${note}`) ?? note}</Note>)}</div>
      ) : null}
    </>
  );
}

/** Tax by rate: beside the total if prices include it, before it if they do not. */
function Taxes({ price }: { price: Price }) {
  const t = useText(text);
  const f = useFormat();
  return price.taxes.map((group, index) => {
    const tax = minus(group.rounded.after_taxes, group.rounded.before_taxes);
    if (group.percent === null) return <div key={index}><dt>{t("taxUnknown")}</dt><dd>{isZero(tax) ? "" : f.money(tax, price.currency)}</dd></div>;
    const percent = [f.quantity(group.percent, "%", group.percent.includes(".") ? 1 : 0), group.tax_code].filter(Boolean).join(" ");
    return <div key={index}><dt>{t(price.tax_included ? "ofTax" : "tax", { percent })}</dt><dd>{f.money(tax, price.currency)}</dd></div>;
  });
}

/** Which version of which tariff, and how it came to price this session. */
function Origin({ tariff, zone }: { tariff: TariffUsed | null; zone: string }) {
  const t = useText(text);
  const f = useFormat();
  const may = useMay();
  if (tariff === null) return <p className={classes["origin"]}>{t("tariffHidden")}</p>;
  const name = t("tariffLine", { name: tariff.name, number: String(tariff.number) });
  const place = tariff.place === null ? t("place_gone") : t(`place_${tariff.place}`, { name: tariff.place_name ?? "" });
  return (
    <p className={classes["origin"]}>
      {may("tariffs:read") ? <Link className="fc-link" to={`/tariffs/${tariff.tariff_id}`} search={{ version: String(tariff.number) } as never}>{name}</Link> : <b>{name}</b>}
      {`, ${t("fixed")}. `}
      {`${place.charAt(0).toLocaleUpperCase()}${place.slice(1)}`}
      {tariff.assigned_from ? ` ${t("assignedFrom", { time: f.time(tariff.assigned_from, "dateTime", zone) })}` : ""}
      {". "}
      {t(tariff.document.tax_included ? "gross" : "netPrices")}.
    </p>
  );
}
