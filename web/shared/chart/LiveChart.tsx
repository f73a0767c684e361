/**
 * A live curve over time (uPlot): y starts at 0, the unit stands on the top tick, missing data is a hatched gap, a
 * crosshair lists every series, and screen readers get a table.
 *
 *     <LiveChart label="Power of connector 1" times={times} every={60} height={180}
 *       series={[{ label: "Power", unit: "kW", decimals: 1, kind: "power", values }]} />
 *
 * `times` are Unix seconds, ascending. Power is blue, energy petrol and dashed (own axis), price amber.
 */
import { lazy, Suspense } from "react";
import { Lines } from "#shared/page/States";
import type { Span } from "./gaps";

export interface LiveSeries {
  label: string;
  unit: string;
  /** Decimals of its numbers. */
  decimals: number;
  /** Chooses colour, dash and axis. `previous` is the dashed grey comparison. */
  kind: "power" | "energy" | "price" | "previous";
  values: readonly (number | null)[];
}

export interface ChartMark {
  /** Unix seconds. */
  at: number;
  label: string;
}

export interface LiveChartProps {
  /** What it shows, for screen readers and the table. */
  label: string;
  times: readonly number[];
  series: readonly LiveSeries[];
  /** Seconds between readings; after two of them a gap is hatched. */
  every: number;
  /** Unix seconds: the axis goes on to here, hatched from the last reading on. */
  until?: number;
  /** Known gaps instead of those found by `every`. */
  gaps?: readonly Span[];
  height?: number;
  /** Of the location; the viewer's own if left out. */
  zone?: string | null;
  /** A span to bring out, e.g. what a line of a price is about. */
  highlight?: Span | null;
  /** Dotted lines with words at their top: price changes. */
  marks?: readonly ChartMark[];
  /** Keeps the room of a second axis at the right, below a chart that has one. */
  reserve?: boolean;
  /** Charts of the same name move their crosshairs together. */
  sync?: string;
  /** No axes, no crosshair: a curve inside a tile. */
  spark?: boolean;
}

const Canvas = lazy(() => import("./LiveCanvas").then((module) => ({ default: module.LiveCanvas })));

export function LiveChart(props: LiveChartProps) {
  return (
    <Suspense fallback={props.spark ? <div style={{ height: props.height ?? 32 }} /> : <Lines count={4} />}>
      <Canvas {...props} />
    </Suspense>
  );
}
