import classes from "./chart.module.css";

interface SparkProps {
  /** Ascending in time, at even distances; the area below is filled. */
  values: readonly number[];
  /** Of the time before, dashed and grey behind it. */
  previous?: readonly number[];
  /** How many values the whole width has; the longer of both if left out. */
  width?: number;
  /** Power is blue, energy petrol. */
  kind?: "power" | "energy";
}

const WIDE = 200;
const HIGH = 26;

/** A small curve inside a tile, without axes; the tile says its figures in words. y starts at 0. */
export function Spark({ values, previous = [], width, kind = "power" }: SparkProps) {
  const steps = Math.max(1, (width ?? Math.max(values.length, previous.length)) - 1);
  const top = Math.max(...values, ...previous, 1e-9) * 1.04;
  const at = (value: number, index: number) => `${((index / steps) * WIDE).toFixed(1)} ${(HIGH - (value / top) * (HIGH - 1)).toFixed(1)}`;
  const line = (all: readonly number[]) => (all.length < 2 ? "" : `M${all.map(at).join("L")}`);
  const end = (((values.length - 1) / steps) * WIDE).toFixed(1);
  return (
    <svg className={classes["spark"]} data-kind={kind} viewBox={`0 0 ${WIDE} ${HIGH}`} preserveAspectRatio="none" aria-hidden="true">
      {previous.length > 1 ? <path d={line(previous)} className={classes["sparkBefore"]} /> : null}
      {values.length > 1 ? (
        <>
          <path d={`${line(values)}L${end} ${HIGH}L0 ${HIGH}Z`} className={classes["sparkArea"]} />
          <path d={line(values)} className={classes["sparkLine"]} />
        </>
      ) : null}
    </svg>
  );
}
