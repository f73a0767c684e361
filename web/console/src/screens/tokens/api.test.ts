import { describe, expect, it } from "vitest";
import { each, stateOf } from "./api";

const now = Date.parse("2026-06-15T12:00:00Z");
const open = { blocked_at: null, valid_from: null, valid_until: null };

describe("a token", () => {
  it("is what stations take it for", () => {
    expect(stateOf(open, now)).toBe("valid");
    expect(stateOf({ ...open, valid_until: "2026-06-15T12:00:00Z" }, now)).toBe("expired");
    expect(stateOf({ ...open, valid_from: "2026-06-16T00:00:00Z" }, now)).toBe("notYet");
    expect(stateOf({ ...open, valid_until: "2020-01-01T00:00:00Z", blocked_at: "2026-01-01T00:00:00Z" }, now)).toBe("blocked");
  });
});

describe("each", () => {
  it("does all, and counts what failed", async () => {
    const done: number[] = [];
    const failed = await each([1, 2, 3, 4, 5, 6], async (item) => {
      if (item % 3 === 0) throw new Error("no");
      done.push(item);
      return Promise.resolve();
    });
    expect(failed).toBe(2);
    expect(done.toSorted()).toEqual([1, 2, 4, 5]);
  });
});
