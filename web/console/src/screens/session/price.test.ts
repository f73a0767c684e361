import { expect, it } from "vitest";
import { isZero, minus, parts, plus, priceChanges, type Price, type TraceRow } from "./price";

const row = (from: string, dimension: string, unit_price: string, reason = "priced") => ({ from, dimension, unit_price, unit: "kwh", reason }) as TraceRow;

it("adds and takes away money exactly", () => {
  expect(minus("2.00", "1.68")).toBe("0.32");
  expect(minus("1.5", "2.25")).toBe("-0.75");
  expect(plus("0.1", "0.2")).toBe("0.3");
  expect(plus("-0.05", "0.05")).toBe("0.00");
  expect(minus("1200", "1")).toBe("1199");
  expect(plus("99999999999999999.01", "0.02")).toBe("99999999999999999.03");
});

it("knows zero however it is written", () => {
  expect(["0", "0.00", "-0.0"].every(isZero)).toBe(true);
  expect(isZero("0.01")).toBe(false);
});

it("tells the parts of a total on the tariff's own side", () => {
  const none = { before_taxes: "0.00", after_taxes: "0.00" };
  const price = { tax_included: false, rounded: { total_energy_cost: { before_taxes: "1.38", after_taxes: "1.64" }, total_time_cost: none, total_parking_cost: none, total_occupancy_cost: none, total_fixed_cost: { before_taxes: "0.29", after_taxes: "0.35" }, total_reservation_cost: none } } as unknown as Price;
  expect(parts(price)).toEqual([{ component: "energy", amount: "1.38" }, { component: "fixed", amount: "0.29" }]);
  expect(parts({ ...price, tax_included: true }).map((part) => part.amount)).toEqual(["1.64", "0.35"]);
});

it("finds where the price changed, once each", () => {
  const trace = [row("t1", "flat", "0.35"), row("t1", "energy", "0.49"), row("t2", "energy", "0.49"), row("t3", "energy", "0.57"), row("t4", "idle_time", "0", "grace"), row("t5", "idle_time", "0.10")];
  expect(priceChanges({ trace } as Price)).toMatchObject([
    { at: "t1", kind: "energy", unit_price: "0.49", first: true },
    { at: "t3", kind: "energy", unit_price: "0.57", first: false },
    { at: "t5", kind: "idle_time", first: false },
  ]);
});
