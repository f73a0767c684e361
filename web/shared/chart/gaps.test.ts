import { expect, it } from "vitest";
import { gapsOf, withGaps } from "./gaps";

it("takes two missed readings for a gap, also at the end", () => {
  expect(gapsOf([0, 60, 120, 400, 460], 60)).toEqual([[120, 400]]);
  expect(gapsOf([0, 60], 60, 500)).toEqual([[60, 500]]);
  expect(gapsOf([0, 60, 175], 60, 200)).toEqual([]);
});

it("breaks the line inside a gap", () => {
  const [times, values] = withGaps([0, 60, 400], [[1, 2, 3]], [[60, 400]]);
  expect(times).toEqual([0, 60, 60.5, 400]);
  expect(values).toEqual([[1, 2, null, 3]]);
});
