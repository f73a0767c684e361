/** Lists that stay still under the pointer. */
import { useCallback, useRef, useState } from "react";

/** The rows of `now` in the order of `before`; rows that are new stay out and are counted. Pure. */
export function hold<Row>(before: readonly Row[], now: readonly Row[], key: (row: Row) => string): { shown: Row[]; fresh: number } {
  const current = new Map(now.map((row) => [key(row), row]));
  const known = new Set(before.map(key));
  const shown = before.flatMap((row) => current.get(key(row)) ?? []);
  return { shown, fresh: now.filter((row) => !known.has(key(row))).length };
}

/** Spread `bind` on the list: while the pointer is over it, or the focus inside, rows neither move nor come. */
export function useHeld<Row>(rows: readonly Row[], key: (row: Row) => string) {
  const [held, setHeld] = useState<readonly Row[] | null>(null);
  const latest = useRef(rows);
  latest.current = rows;
  const begin = useCallback(() => setHeld((already) => already ?? latest.current), []);
  const end = useCallback(() => setHeld(null), []);
  const { shown, fresh } = held === null ? { shown: rows, fresh: 0 } : hold(held, rows, key);
  return {
    shown,
    fresh,
    /** Show what is new, in its order. */
    release: end,
    bind: { onPointerEnter: begin, onPointerLeave: end, onFocus: begin, onBlur: end },
  };
}
