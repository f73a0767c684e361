/** Where a curve has no data. Pure. */

/** Seconds (Unix). */
export type Span = readonly [number, number];

/** Spans between readings further apart than two intervals, and from the last reading to `now` if it is that old. */
export function gapsOf(times: readonly number[], everySeconds: number, now?: number): Span[] {
  const gaps: Span[] = [];
  const longest = 2 * everySeconds;
  for (let index = 1; index < times.length; index++) {
    const before = times[index - 1] as number;
    const at = times[index] as number;
    if (at - before > longest) gaps.push([before, at]);
  }
  const last = times.at(-1);
  if (now !== undefined && last !== undefined && now - last > longest) gaps.push([last, now]);
  return gaps;
}

/** Times and values with a null inside each gap, so that no line crosses it. */
export function withGaps(times: readonly number[], values: readonly (readonly (number | null)[])[], gaps: readonly Span[]): [number[], (number | null)[][]] {
  const starts = new Set(gaps.map(([from]) => from));
  const outTimes: number[] = [];
  const outValues: (number | null)[][] = values.map(() => []);
  times.forEach((time, index) => {
    outTimes.push(time);
    values.forEach((series, which) => outValues[which]?.push(series[index] ?? null));
    if (starts.has(time) && index < times.length - 1) {
      outTimes.push(time + 0.5);
      outValues.forEach((series) => series.push(null));
    }
  });
  return [outTimes, outValues];
}
