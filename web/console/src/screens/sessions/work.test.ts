import { expect, it } from "vitest";
import { ranked, type Orphan } from "./work";

const orphan = { kind: "stop", at: "2026-11-25T12:00:00Z", evse_no: 1 } as Orphan;
const row = (opened_at: string, stopped_at: string | null, evse_no: number) => ({ opened_at, stopped_at, evse_no });

it("proposes for a stop the session at its connector that lacks one, the nearest first", () => {
  const near = row("2026-11-25T11:00:00Z", null, 1);
  const far = row("2026-11-25T08:00:00Z", null, 1);
  const other = row("2026-11-25T11:30:00Z", null, 2);
  const stopped = row("2026-11-25T11:55:00Z", "2026-11-25T11:58:00Z", 1);
  expect(ranked([stopped, other, far, near], orphan)).toEqual([near, far, other, stopped]);
  expect(ranked([far, stopped], { ...orphan, kind: "readings" })[0]).toBe(stopped);
});
