import { useState } from "react";
import { defineText, useText } from "#shared/i18n/i18n";
import classes from "./chart.module.css";

const text = defineText({ show: "Show as table", hide: "Hide the table" }, { show: "Als Tabelle zeigen", hide: "Tabelle schließen" });

/** The same numbers as a table: reachable by keyboard and screen reader, shown on demand. */
export function ChartTable({ caption, columns, rows }: { caption: string; columns: readonly string[]; rows: () => readonly (readonly string[])[] }) {
  const t = useText(text);
  const [shown, setShown] = useState(false);
  return (
    <div className={classes["tableView"]} data-shown={shown || undefined}>
      <button type="button" aria-expanded={shown} onClick={() => setShown(!shown)}>{shown ? t("hide") : t("show")}</button>
      {shown ? (
        <div className={classes["tableScroll"]} tabIndex={0} role="group" aria-label={caption}>
          <table>
            <caption className="fc-hidden">{caption}</caption>
            <thead>
              <tr>{columns.map((column, index) => <th key={index} scope="col">{column}</th>)}</tr>
            </thead>
            <tbody>
              {rows().map((cells, line) => (
                <tr key={line}>{cells.map((cell, index) => <td key={index}>{cell}</td>)}</tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
    </div>
  );
}
