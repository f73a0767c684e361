import { expect, it } from "vitest";
import * as format from "#shared/format/format";
import type { Format } from "#shared/format/useFormat";
import { translate, type Language } from "#shared/i18n/i18n";
import type { TraceRow } from "./price";
import { text } from "./text";
import { conditionWords, daysInWords, exactMoney, formula, lineTitle, lineWhy, unitMoney, type T } from "./words";

/** Which kind of space stands where is the shared format's business. */
const plain = (text: string) => text.replace(/\s/g, " ");
const NB = " ";
const words = (language: Language): { t: T; f: Format } => ({
  t: (key, params) => translate(text, language, key, params),
  f: {
    number: (value: format.Quantity, places?: number) => format.number(language, value, places),
    quantity: (value: format.Quantity, unit: string, places?: number) => format.quantity(language, value, unit, places),
    money: (amount: format.Quantity, currency: string | null | undefined) => format.money(language, amount, currency),
    duration: (seconds: number | null | undefined) => format.duration(seconds, language),
  } as unknown as Format,
});
const en = words("en");
const de = words("de");
const row = { element: 1, dimension: "energy", reason: "priced", quantity: "26.418", unit: "kwh", unit_price: "0.49" } as TraceRow;
const document = { currency: "EUR", elements: [{ name: "night", when: { start_time: "22:00", end_time: "06:00" }, prices: [] }, { name: "day", prices: [] }] };

it("writes money with the decimals that it has", () => {
  expect(plain(exactMoney(en.f, "12.94482", "EUR", 4))).toBe(`€${NB}12.9448`);
  expect(plain(exactMoney(de.f, "-0.05", "EUR", 4))).toBe(`−${NB}0,0500${NB}€`);
  expect(plain(exactMoney(en.f, "1200", "JPY", 4))).toBe(`JP¥${NB}1,200.0000`);
  expect(plain(unitMoney(en.f, "0.3925", "EUR"))).toBe(`€${NB}0.3925`);
  expect(plain(unitMoney(en.f, "0.5", "EUR"))).toBe(`€${NB}0.50`);
});

it("says how an amount comes about", () => {
  expect(plain(formula(en.t, en.f, row, "EUR"))).toBe(`26.418${NB}kWh × €${NB}0.49 per kWh`);
  expect(plain(formula(de.t, de.f, { ...row, unit: "minute", quantity: "0.139183333333", unit_price: "0.05" }, "EUR"))).toBe(`0,1392${NB}min × 0,05${NB}€ je min`);
  expect(plain(formula(en.t, en.f, { ...row, unit: "session", quantity: "1", unit_price: "0.35" }, "EUR"))).toBe(`€${NB}0.35 per session`);
});

it("says rules in words", () => {
  expect(lineTitle(en.t, row, document)).toBe("Energy, day");
  expect(lineWhy(en.t, en.f, row, document, "en")).toBe("Rule 2 · no rule above prices this");
  expect(lineWhy(en.t, en.f, { ...row, element: 0 }, document, "en")).toBe("Rule 1 · 22:00 to 06:00");
  expect(lineWhy(en.t, en.f, { ...row, reason: "grace" }, document, "en")).toBe("Rule 2 · free: within the grace time");
  expect(lineWhy(en.t, en.f, { ...row, element: null, reason: "max_price" }, document, "en")).toBe("lowered to the maximum price");
  expect(conditionWords(en.t, en.f, { days: ["monday", "tuesday", "wednesday"], min_kwh: "10", max_duration_s: 3600, min_power_kw: "50.5" }, "en").map(plain)).toEqual(["Mon to Wed", "from 10 kWh", "from 50.5 kW", `first 1${NB}h`]);
  expect(daysInWords(["saturday", "sunday", "monday"], "de")).toBe("Mo, Sa, So");
});
