/** What happened in a session, and why: facts, price changes and missing readings in the order of time. Pure. */
import type { Schema } from "#shared/api/client";
import type { PriceChange } from "./price";

export type Fact = Schema["FactOut"];
export type Gap = Schema["GapOut"];

export type Entry =
  | { at: string; kind: "fact"; fact: Fact }
  | { at: string; kind: "price"; change: PriceChange }
  | { at: string; kind: "gap"; seconds: number }
  | { at: string; kind: "settled"; revision: number | null };

const RANK: Record<Entry["kind"], number> = { fact: 0, price: 1, gap: 2, settled: 3 };

interface StoryParts {
  facts: readonly Fact[];
  changes: readonly PriceChange[];
  gaps: readonly Gap[];
  settledAt: string | null;
  settledRevision: number | null;
}

/** The price that a session began with is no event of its own, and a state that repeats the one before says nothing. */
export function storyOf({ facts, changes, gaps, settledAt, settledRevision }: StoryParts): Entry[] {
  const entries: Entry[] = [
    ...facts.filter((_, index) => !repeats(facts, index)).map((fact) => ({ at: fact.at, kind: "fact" as const, fact })),
    ...changes.filter((change) => !change.first).map((change) => ({ at: change.at, kind: "price" as const, change })),
    ...gaps.map((gap) => ({ at: gap.start, kind: "gap" as const, seconds: (Date.parse(gap.end) - Date.parse(gap.start)) / 1000 })),
    ...(settledAt === null ? [] : [{ at: settledAt, kind: "settled" as const, revision: settledRevision }]),
  ];
  return entries.sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || RANK[a.kind] - RANK[b.kind]);
}

function repeats(facts: readonly Fact[], index: number): boolean {
  const fact = facts[index];
  if (fact?.kind !== "state") return false;
  const before = facts.slice(0, index).findLast((one) => one.kind === "state");
  return before?.state === fact.state;
}

/** The register at the start and at the end, and what lies between, if the station told both. */
export function meterSpan(facts: readonly Fact[]): { start: string | null; end: string | null } {
  const of = (kind: string) => facts.find((fact) => fact.kind === kind && fact.meter_wh !== null)?.meter_wh ?? null;
  return { start: of("started"), end: of("stopped") };
}
