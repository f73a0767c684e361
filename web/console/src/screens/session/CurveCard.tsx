import { useMemo } from "react";
import type { UseQueryResult } from "@tanstack/react-query";
import { LiveChart, type ChartMark } from "#shared/chart/LiveChart";
import type { Span } from "#shared/chart/gaps";
import { useNow } from "#shared/format/Time";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { Card } from "#shared/page/Page";
import { Lines, QueryState } from "#shared/page/States";
import { priceChanges, type Price } from "./price";
import type { Curve, Row } from "./queries";
import { text } from "./text";
import { perUnit } from "./words";
import classes from "./session.module.css";

interface CurveCardProps {
  row: Row;
  query: UseQueryResult<Curve>;
  price: Price | null | undefined;
  /** What a line of the price is about. */
  highlight: Span | null;
}

/** Power and energy over time, the price below, with the moments at which it changed. */
export function CurveCard({ row, query, price, highlight }: CurveCardProps) {
  const t = useText(text);
  const f = useFormat();
  return (
    <Card
      title={t("curve")}
      note={query.data ? (query.data.power_source === "mean" ? t("mean") : t("curveNote", { count: query.data.readings })) : undefined}
      actions={
        <span className={classes["legend"]} aria-hidden="true">
          <span data-kind="power">{t("power")}</span>
          <span data-kind="energy">{t("energy")}</span>
          {row.currency ? <span data-kind="price">{t("curvePrice")}</span> : null}
          <span data-kind="gap">{t("noData")}</span>
        </span>
      }
    >
      <QueryState query={query} what={t("curve")} skeleton={<div className={classes["chartPlace"]}><Lines count={6} /></div>}>
        {(curve) => (curve.points.length < 2 ? <p className={classes["quiet"]}>{t("curveEmpty")}</p> : <Charts row={row} curve={curve} price={price} highlight={highlight} zoneName={f.zoneName(row.time_zone, new Date(row.opened_at))} />)}
      </QueryState>
    </Card>
  );
}

const second = (at: string) => Date.parse(at) / 1000;
const scaled = (value: string | null, by: number) => (value === null ? null : Number(value) / by);

function Charts({ row, curve, price, highlight, zoneName }: { row: Row; curve: Curve; price: Price | null | undefined; highlight: Span | null; zoneName: string }) {
  const t = useText(text);
  const f = useFormat();
  const now = useNow();
  const open = row.ended_at === null;
  const every = curve.every_s ?? 60;
  const times = useMemo(() => curve.points.map((point) => second(point.at)), [curve.points]);
  const power = useMemo(
    () => [
      { label: t("power"), unit: "kW", decimals: 1, kind: "power" as const, values: curve.points.map((point) => scaled(point.power_w, 1000)) },
      { label: t("energy"), unit: "kWh", decimals: 2, kind: "energy" as const, values: curve.points.map((point) => scaled(point.energy_wh, 1000)) },
    ],
    [curve.points, t],
  );
  const symbol = f.money("0", row.currency).replace(/[\s\d.,]/g, "");
  const cost = useMemo(
    () => [{ label: t("curvePrice"), unit: symbol, decimals: 2, kind: "price" as const, values: curve.points.map((point) => scaled(point.cost, 1)) }],
    [curve.points, symbol, t],
  );
  const last = times.at(-1) ?? 0;
  // Steps of ten seconds: the axis need not move each second.
  const until = open ? Math.max(last, Math.floor(now / 10_000) * 10) : last;
  const gaps = useMemo<Span[]>(() => {
    const known = curve.gaps.map((gap): Span => [second(gap.start), second(gap.end)]);
    return until - last > 2 * every ? [...known, [last, until]] : known;
  }, [curve.gaps, until, last, every]);
  const marks = useMemo<ChartMark[]>(
    () => (price ? priceChanges(price).map((change) => ({ at: second(change.at), label: perUnit(t, f, change.unit_price, change.unit, price.currency) })) : []),
    [price, t, f],
  );
  const common = { times, every, until, gaps, highlight, zone: row.time_zone, sync: `session-${row.id}` };
  return (
    <>
      <LiveChart label={`${t("curve")}, ${zoneName}`} {...common} series={power} marks={marks} height={250} />
      {row.currency && curve.points.some((point) => point.cost !== null) ? <LiveChart label={`${t("curvePrice")}, ${zoneName}`} {...common} series={cost} height={118} reserve /> : null}
    </>
  );
}
