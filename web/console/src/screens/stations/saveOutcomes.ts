import type { BulkOrder, BulkOutcome } from "./bulk";

/** Saves the outcomes as a CSV file: identity, status, reason and sentence. */
export function saveOutcomes(order: BulkOrder, outcomes: readonly BulkOutcome[], words: (outcome: BulkOutcome) => string): void {
  const lines = [
    ["station", "command", "status", "reason", "outcome"],
    ...outcomes.map((outcome) => [
      outcome.station.identity,
      order.kind,
      outcome.error ? "refused" : (outcome.command?.status ?? "pending"),
      outcome.error?.code ?? outcome.command?.reason ?? "",
      words(outcome),
    ]),
  ];
  const text = lines.map((cells) => cells.map(csvCell).join(",")).join("\r\n");
  const url = URL.createObjectURL(new Blob([`﻿${text}`], { type: "text/csv" }));
  const link = Object.assign(document.createElement("a"), { href: url, download: `${order.kind}.csv` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/** Quoted where needed; what a spreadsheet would take for a formula gets an apostrophe. */
export function csvCell(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
