import { useEffect, useRef, type ReactNode } from "react";
import classes from "./Changed.module.css";

/** Tints its content for 600 ms when `value` changes: `<Changed value={row.power_w}>{f.power(row.power_w)}</Changed>`. */
export function Changed({ value, children }: { value: string | number | null; children: ReactNode }) {
  const place = useRef<HTMLSpanElement>(null);
  const before = useRef(value);
  useEffect(() => {
    if (before.current === value) return;
    before.current = value;
    const element = place.current;
    if (!element) return;
    element.classList.remove(classes["changed"] ?? "");
    // Reading the layout lets the animation begin anew.
    void element.offsetWidth;
    element.classList.add(classes["changed"] ?? "");
  }, [value]);
  return <span ref={place} className={classes["value"]}>{children}</span>;
}
