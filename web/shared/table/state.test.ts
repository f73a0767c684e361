import { describe, expect, it } from "vitest";
import { nextSort, readAddress, sameView, writeAddress } from "./state";

const FILTERS = ["state", "model"];

describe("a table's address", () => {
  it("comes back as it was written", () => {
    const search = { q: "utr", state: "faulted,offline", sort: "-power_w", cursor: "abc", page: "3", columns: "state,power", as: "map" };
    const address = readAddress(search, FILTERS, "state");
    expect(address.filters).toEqual({ state: ["faulted", "offline"] });
    expect(address.page).toBe(3);
    expect(writeAddress(address, FILTERS, "state", { as: "map" })).toEqual(search);
  });
  it("leaves out what is as usual, and keeps what is not the table's", () => {
    const written = writeAddress(readAddress({}, FILTERS, "state"), FILTERS, "state", { as: "map", q: "old" });
    expect(Object.entries(written).filter(([, value]) => value !== undefined)).toEqual([["as", "map"]]);
  });
  it("takes no page without a cursor, and no nonsense", () => {
    expect(readAddress({ page: "7" }, FILTERS, "state").page).toBe(1);
    expect(readAddress({ cursor: "a", page: "-2" }, FILTERS, "state").page).toBe(1);
    expect(readAddress({ unknown: "x" }, FILTERS, "state").filters).toEqual({});
  });
});

describe("order and views", () => {
  it("turns round on the second press", () => {
    expect(nextSort("state", "power_w")).toBe("power_w");
    expect(nextSort("power_w", "power_w")).toBe("-power_w");
    expect(nextSort("-power_w", "power_w")).toBe("power_w");
  });
  it("compares views whatever the order of their values", () => {
    const view = { q: "", sort: "state", columns: null };
    expect(sameView({ ...view, filters: { state: ["a", "b"] } }, { ...view, filters: { state: ["b", "a"] } })).toBe(true);
    expect(sameView({ ...view, filters: {} }, { ...view, filters: { state: ["a"] } })).toBe(false);
  });
});
