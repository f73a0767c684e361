import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useMemo, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useFormat, type Format } from "#shared/format/useFormat";
import { token } from "#shared/theme/tokens";
import { ChartTable } from "./ChartTable";
import { gapsOf, withGaps, type Span } from "./gaps";
import { hatch } from "./hatch";
import type { ChartMark, LiveChartProps, LiveSeries } from "./LiveChart";
import { drawHighlight, drawMarks } from "./overlay";
import { useWidth } from "./useWidth";
import classes from "./chart.module.css";

const COLOUR = { power: "c-power", energy: "c-energy", price: "c-price", previous: "c-prev" } as const;
const DASH: Record<LiveSeries["kind"], number[] | undefined> = { power: undefined, energy: [6, 4], price: [2, 3], previous: [3, 3] };

/** Width of a vertical axis, in px. */
const SIDE_PX = 54;
const NO_MARKS: readonly ChartMark[] = [];

export function LiveCanvas({ label, times, series, every, until, gaps, height = 180, zone, spark = false, highlight = null, marks = NO_MARKS, sync, reserve = false }: LiveChartProps) {
  const f = useFormat();
  const scheme = useComputedColorScheme("light");
  const ref = useRef<HTMLDivElement>(null);
  const width = useWidth(ref);
  const legend = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const found = useMemo(() => gaps ?? gapsOf(times, every, until), [gaps, times, every, until]);
  const table = useMemo<uPlot.AlignedData>(() => {
    const [xs, ys] = withGaps(times, series.map((one) => one.values), found);
    return [xs, ...ys] as uPlot.AlignedData;
  }, [times, series, found]);
  const shownGaps = useRef<readonly Span[]>(found);
  shownGaps.current = found;
  const over = useRef({ highlight, marks });
  over.current = { highlight, marks };
  const shape = series.map((one) => `${one.label}|${one.unit}|${one.kind}|${one.decimals}`).join();

  useEffect(() => {
    if (!ref.current || width === 0) return;
    const made = new uPlot(options({ series, width, height, spark, zone, f, gaps: () => shownGaps.current, until, legend: legend.current, over: () => over.current, sync, reserve }), table, ref.current);
    plot.current = made;
    return () => {
      made.destroy();
      plot.current = null;
    };
    // Data comes in below; only the shape, size and colours make a new plot.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [shape, width, height, spark, zone, f, scheme, sync, reserve]);

  useEffect(() => {
    plot.current?.setData(table);
  }, [table]);

  useEffect(() => {
    plot.current?.redraw(false);
  }, [highlight, marks]);

  return (
    <figure className={classes["figure"]} aria-label={label}>
      <div ref={ref} className={classes["canvas"]} style={{ height }} aria-hidden="true" />
      {spark ? null : <div ref={legend} className={classes["legend"]} aria-hidden="true" />}
      <ChartTable
        caption={label}
        columns={["", ...series.map((one) => `${one.label} (${one.unit})`)]}
        rows={() => times.map((time, index) => [f.time(new Date(time * 1000), "seconds", zone), ...series.map((one) => f.number(one.values[index] ?? null, one.decimals))])}
      />
    </figure>
  );
}

interface Parts {
  series: readonly LiveSeries[];
  width: number;
  height: number;
  spark: boolean;
  zone: string | null | undefined;
  f: Format;
  gaps: () => readonly Span[];
  until: number | undefined;
  legend: HTMLDivElement | null;
  over: () => { highlight: Span | null; marks: readonly ChartMark[] };
  sync: string | undefined;
  reserve: boolean;
}

function options({ series, width, height, spark, zone, f, gaps, until, legend, over, sync, reserve }: Parts): uPlot.Options {
  const font = "11px Inter Variable, sans-serif";
  const axis = { stroke: token("text-3"), font, grid: { stroke: token("grid"), width: 1 }, ticks: { show: false } };
  const units = [...new Set(series.map((one) => one.unit))];
  return {
    width,
    height,
    legend: { show: false },
    cursor: spark ? { show: false } : { y: false, points: { size: 6 }, drag: { x: false, y: false }, ...(sync ? { sync: { key: sync } } : {}) },
    padding: spark ? [2, 0, 2, 0] : [10, reserve ? SIDE_PX + 8 : 8, 0, 0],
    scales: {
      x: { time: true, range: (_plot, from, to) => [from, Math.max(to, until ?? to)] },
      ...Object.fromEntries(units.map((unit) => [unit, { range: (_plot: uPlot, _from: number, to: number) => [0, to > 0 ? to * 1.1 : 1] as [number, number] }])),
    },
    axes: spark
      ? [{ show: false }, { show: false }]
      : [
          { ...axis, size: 28, space: 70, values: (_plot, ticks) => ticks.map((tick) => f.time(new Date(tick * 1000), "time", zone)) },
          ...units.slice(0, 2).map((unit, index) => ({
            ...axis,
            scale: unit,
            side: index === 0 ? 3 : 1,
            size: SIDE_PX,
            grid: index === 0 ? axis.grid : { show: false },
            splits: (_plot: uPlot, _axis: number, from: number, to: number) => splits(from, to, height < 140 ? 2 : 4),
            // The unit stands on the top tick.
            values: (_plot: uPlot, ticks: number[]) => ticks.map((tick, at) => (at === ticks.length - 1 ? `${f.number(tick)} ${unit}` : f.number(tick))),
          })),
        ],
    series: [
      {},
      ...series.map((one) => ({
        label: one.label,
        scale: one.unit,
        stroke: token(COLOUR[one.kind]),
        width: 1.6,
        spanGaps: false,
        points: { show: false },
        ...(DASH[one.kind] ? { dash: DASH[one.kind] } : {}),
        ...(one.kind === "power" ? { fill: `color-mix(in srgb, ${token("c-power")} 12%, transparent)` } : {}),
      })),
    ],
    hooks: {
      drawClear: [(plot) => drawHighlight(plot, over().highlight), (plot) => hatch(plot, gaps())],
      draw: [(plot) => drawMarks(plot, over().marks)],
      setCursor: [(plot) => tell(plot, series, f, zone, legend)],
    },
  };
}

/** Ticks at round numbers, at most one more than `steps`. */
function splits(from: number, to: number, steps: number): number[] {
  const rough = (to - from) / steps;
  const power = 10 ** Math.floor(Math.log10(rough || 1));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((value) => value >= rough) ?? rough;
  const ticks: number[] = [];
  for (let tick = 0; tick <= to + step / 1000; tick += step) ticks.push(tick);
  return ticks;
}

/** What stands under the crosshair. */
function tell(plot: uPlot, series: readonly LiveSeries[], f: Format, zone: string | null | undefined, legend: HTMLDivElement | null): void {
  if (!legend) return;
  const at = plot.cursor.idx;
  const time = at === null || at === undefined ? undefined : plot.data[0][at];
  const parts = time === undefined ? series.map((one) => one.label) : [
    f.time(new Date(time * 1000), "seconds", zone),
    ...series.map((one, index) => `${one.label} ${f.quantity(plot.data[index + 1]?.[at as number] ?? null, one.unit, one.decimals)}`),
  ];
  legend.textContent = parts.join("  ·  ");
}
