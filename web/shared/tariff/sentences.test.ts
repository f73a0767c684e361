import { describe, expect, it } from "vitest";
import type { Language } from "#shared/i18n/i18n";
import { addRule, coveredBy, DAYS, DIMENSIONS, duplicateRule, fingerprint, IDLE_STATES, moveRule, removeRule, withValue, type Condition, type Document, type PriceComponent, type Rule } from "./model";
import { allSentences, fromSentences, ruleSentence, termSentences } from "./sentences";
import { canonical, read, shift, show, type SlotKind } from "./values";

const LANGUAGES: Language[] = ["en", "de"];
const energy = (price: string, more: Partial<PriceComponent> = {}): PriceComponent => ({ dimension: "energy", price, ...more });

function back(document: Document, language: Language): Document {
  return fromSentences([...document.elements.map((_, at) => ruleSentence(document, at, language)), ...termSentences(document, language).map((one) => one.pieces)]);
}

/** Each feature of a tariff by itself. */
const CASES: Record<string, Document> = {
  "base price": { currency: "EUR", elements: [{ prices: [energy("0.49")] }] },
  "night discount with VAT": { currency: "EUR", tax_included: true, elements: [{ when: { start_time: "22:00", end_time: "06:00" }, prices: [energy("0.39", { tax_percent: "22" })] }, { prices: [energy("0.49", { tax_percent: "22" })] }] },
  "weekdays": { currency: "EUR", elements: [{ when: { days: ["monday", "tuesday", "wednesday", "thursday", "friday"], start_time: "18:00" }, prices: [energy("0.4")] }] },
  "until a time": { currency: "EUR", elements: [{ when: { end_time: "24:00" }, prices: [energy("0.4")] }] },
  "dates": { currency: "EUR", elements: [{ when: { start_date: "2026-12-01", end_date: "2027-01-07" }, prices: [energy("0.3")] }] },
  "by kWh": { currency: "EUR", elements: [{ when: { min_kwh: "20.5", max_kwh: "40" }, prices: [energy("0.3")] }] },
  "by duration": { currency: "EUR", elements: [{ when: { min_duration_s: 5400, max_duration_s: 10801 }, prices: [{ dimension: "occupancy_time", price: "2.4" }] }] },
  "by power": { currency: "EUR", elements: [{ when: { min_power_kw: "11", max_power_kw: "22.5" }, prices: [energy("0.3")] }] },
  "by current": { currency: "EUR", elements: [{ when: { min_current_a: "16", max_current_a: "32" }, prices: [{ dimension: "charging_time", price: "1.2", unit: "hour" }] }] },
  "by state of charge": { currency: "EUR", elements: [{ when: { min_soc_percent: "80", max_soc_percent: "95" }, prices: [{ dimension: "charging_time", price: "0.1", unit: "minute" }] }] },
  "by occupancy of the site": { currency: "EUR", elements: [{ when: { min_site_occupancy_percent: "50", max_site_occupancy_percent: "90" }, prices: [{ dimension: "idle_time", price: "0.5", unit: "minute" }] }] },
  "connector types": { currency: "EUR", elements: [{ when: { connector_types: ["IEC_62196_T2_COMBO", "CHADEMO"] }, prices: [energy("0.6")] }] },
  "audiences": { currency: "EUR", elements: [{ when: { audiences: ["fleet", "staff"] }, prices: [energy("0.2")] }] },
  "reservation": { currency: "EUR", elements: [{ when: { reservation: "reservation" }, prices: [{ dimension: "flat", price: "2" }, { dimension: "charging_time", price: "5" }] }, { when: { reservation: "reservation_expires" }, prices: [{ dimension: "flat", price: "4" }] }, { prices: [energy("0.25")] }] },
  "start fee, unit written out": { currency: "EUR", elements: [{ name: "Start", prices: [{ dimension: "flat", price: "1", unit: "session" }, energy("0.3", { unit: "kwh" })] }] },
  "step sizes and tax codes": { currency: "EUR", elements: [{ prices: [energy("0.2", { step_size: 500, tax_code: "S", tax_percent: "10" }), { dimension: "charging_time", price: "2", step_size: 900 }] }] },
  "a price below zero": { currency: "EUR", allow_negative: true, elements: [{ prices: [energy("-0.05")] }] },
  "limits": { currency: "EUR", min_price: { before_taxes: "0.5", after_taxes: "0.55" }, max_price: { after_taxes: "60" }, elements: [{ prices: [energy("0.25")] }] },
  "idling": { currency: "EUR", elements: [{ prices: [{ dimension: "idle_time", price: "0.1", unit: "minute" }] }], idle: { states: ["idle", "suspended_ev"], grace_s: 600, grace: "per_spell", pauses: [{ start_time: "23:00", end_time: "07:00" }, { start_time: "12:00", end_time: "13:00", days: ["sunday"] }], cap: "12", started_minute: true } },
  "how grace counts, without grace": { currency: "EUR", elements: [{ prices: [energy("0.25")] }], idle: { grace: "per_spell", started_minute: false } },
  "allowances": { currency: "EUR", elements: [{ prices: [energy("0.25")] }], free: { energy_wh: "1500.5", charging_s: 1800, occupancy_s: 3600 } },
  "holidays and a failed start": { currency: "EUR", elements: [{ prices: [energy("0.25")] }], holidays: ["2026-12-25", "2027-01-01"], waive_without_energy: true },
  "defaults written out": { currency: "EUR", tax_included: false, waive_without_energy: false, allow_negative: false, elements: [{ prices: [energy("0.25")] }] },
  "OCPI's own": { currency: "CHF", id: "T-1", name: "Standard", valid_from: "2026-01-01T00:00:00Z", valid_until: "2027-01-01T00:00:00Z", elements: [{ prices: [energy("0.25", { step_size: 1 })] }] },
};

describe("sentences", () => {
  for (const [name, document] of Object.entries(CASES)) {
    it(`lose nothing: ${name}`, () => {
      for (const language of LANGUAGES) expect(fingerprint(back(document, language))).toBe(fingerprint(document));
    });
  }

  it("lose nothing of any mixture of them", () => {
    const random = generator(20261125);
    for (let round = 0; round < 150; round += 1) {
      const document = anyDocument(random);
      for (const language of LANGUAGES) expect(fingerprint(back(document, language))).toBe(fingerprint(document));
    }
  });

  it("read as one would say them", () => {
    const document: Document = {
      currency: "EUR", tax_included: true,
      elements: [{ when: { days: ["monday", "tuesday", "wednesday", "thursday", "friday"], start_time: "18:00", end_time: "08:00" }, prices: [energy("0.39", { tax_percent: "22" })] }, { prices: [energy("0.49", { tax_percent: "22" }), { dimension: "flat", price: "1" }] }],
      min_price: { after_taxes: "2" },
    };
    const plain = (text: string) => text.replaceAll("\u00a0", " ");
    expect(allSentences(document, "en").rules.map(plain)).toEqual([
      "On Mon to Fri from 18:00 to 08:00, energy costs € 0.39 per kWh incl. 22 % VAT.",
      "Always, energy costs € 0.49 per kWh incl. 22 % VAT and the start costs € 1.00 incl. – % VAT.",
    ]);
    expect(allSentences(document, "de").rules.map(plain)[0]).toBe("An Mo bis Fr von 18:00 bis 08:00: Energie kostet 0,39 € je kWh inkl. 22 % USt.");
    expect(allSentences(document, "en").terms.map(plain)).toEqual(["Prices are in EUR and include VAT.", "A session costs at least € 2.00 with VAT."]);
  });
});

describe("words", () => {
  it("take what people type", () => {
    const typed: [SlotKind, string, unknown][] = [
      ["price", "0,39", "0.39"], ["price", "1.50", "1.5"], ["price", "a", null], ["price", "", undefined], ["energy", "1.5", "1500"], ["duration", "10", 600], ["duration", "1 h 30 min", 5400], ["duration", "90s", 90],
      ["duration", "a while", null], ["time", "8", "08:00"], ["time", "18.30", "18:30"], ["time", "24:00", "24:00"], ["time", "25:00", null], ["date", "2026-02-30", null], ["labels", "a, b,", ["a", "b"]],
    ];
    for (const [kind, text, value] of typed) expect(read(kind, text)).toEqual(value);
  });

  it("move the point exactly", () => {
    expect([shift("1500", -3), shift("0.0005", 3), shift("7", -3), shift("-12.5", 3), shift("0", -3), canonical("007.100")]).toEqual(["1.5", "0.5", "0.007", "-12500", "0", "7.1"]);
    expect(show("energy", "115.2", "de")).toBe("0,1152");
  });
});

describe("rules", () => {
  const base: Document = { currency: "EUR", elements: [{ prices: [energy("0.5")] }] };
  it("with a condition go above the base, which stands last", () => {
    const { document, at } = addRule(base, { when: { start_time: "22:00", end_time: "06:00" }, prices: [energy("0.4")] });
    expect(at).toBe(0);
    expect(coveredBy(document, 0, "energy")).toBeNull();
    expect(coveredBy(moveRule(document, 0, 1), 1, "energy")).toBe(0);
    expect(removeRule(duplicateRule(document, 0), 1)).toEqual(document);
  });

  it("forget conditions that are emptied", () => {
    const { document } = addRule(base, { when: { min_kwh: "3" }, prices: [energy("0.4")] });
    expect(withValue(document, "elements.0.when.min_kwh", undefined).elements[0]).toEqual({ prices: [energy("0.4")] });
    const paused: Document = { ...base, idle: { pauses: [{ start_time: "22:00", end_time: "06:00" }] } };
    expect(withValue(paused, "idle.pauses.0", undefined)).toEqual(base);
  });
});

type Random = { chance: (share: number) => boolean; of: <T>(list: readonly T[]) => T; int: (most: number) => number };

/** Numbers that look random and are the same in each run (mulberry32). */
function generator(seed: number): Random {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const int = (most: number) => Math.floor(next() * most);
  return { chance: (share) => next() < share, int, of: (list) => list[int(list.length)] as (typeof list)[number] };
}

function anyDocument(random: Random): Document {
  const decimal = () => canonical(`${random.int(500)}.${random.int(10_000)}`);
  const clock = () => `${String(random.int(24)).padStart(2, "0")}:${random.of(["00", "15", "30", "45", "59"])}`;
  const some = <T,>(list: readonly T[]) => list.filter(() => random.chance(0.5));
  const maybe = <K extends string, T>(key: K, make: () => T) => (random.chance(0.3) ? ({ [key]: make() } as Record<K, T>) : {});
  const filled = (key: string, list: string[]) => (list.length > 0 ? { [key]: list } : {});
  const condition = (): Condition => ({
    ...maybe("start_time", clock), ...maybe("end_time", clock), ...filled("days", some(DAYS)), ...maybe("start_date", () => "2026-03-29"), ...maybe("end_date", () => "2027-03-28"),
    ...maybe("min_kwh", decimal), ...maybe("max_kwh", decimal), ...maybe("min_current_a", decimal), ...maybe("max_current_a", decimal), ...maybe("min_power_kw", decimal), ...maybe("max_power_kw", decimal),
    ...maybe("min_duration_s", () => random.int(100_000)), ...maybe("max_duration_s", () => random.int(100_000)), ...maybe("min_soc_percent", decimal), ...maybe("max_soc_percent", decimal),
    ...maybe("min_site_occupancy_percent", decimal), ...maybe("max_site_occupancy_percent", decimal), ...filled("connector_types", some(["CHADEMO", "DOMESTIC_F"])), ...filled("audiences", some(["fleet", "guests"])),
    ...maybe("reservation", () => random.of(["reservation", "reservation_expires"] as const)),
  });
  const price = (dimension: PriceComponent["dimension"]): PriceComponent => ({
    dimension, price: decimal(), ...(dimension.endsWith("_time") ? maybe("unit", () => random.of(["hour", "minute"])) : {}),
    ...maybe("tax_percent", decimal), ...maybe("tax_code", () => "S"), ...maybe("step_size", () => random.int(4000)),
  });
  const rule = (): Rule => {
    const when = condition();
    const chosen = some(DIMENSIONS);
    return { prices: (chosen.length > 0 ? chosen : (["energy"] as const)).map(price), ...(Object.keys(when).length > 0 ? { when } : {}), ...maybe("name", () => "Night") };
  };
  const idle = {
    ...filled("states", some(IDLE_STATES)), ...maybe("grace_s", () => random.int(9000)), ...maybe("grace", () => random.of(["once", "per_spell"] as const)), ...maybe("cap", decimal), ...maybe("started_minute", () => random.chance(0.5)),
    ...(random.chance(0.4) ? { pauses: Array.from({ length: 1 + random.int(3) }, () => ({ start_time: clock(), end_time: clock(), ...filled("days", some(DAYS)) })) } : {}),
  };
  const limits = () => random.of([{ before_taxes: decimal() }, { after_taxes: decimal() }, { before_taxes: decimal(), after_taxes: decimal() }]);
  return {
    currency: random.of(["EUR", "CHF", "JPY", "KWD"]), elements: Array.from({ length: 1 + random.int(5) }, rule), ...maybe("tax_included", () => random.chance(0.5)), ...maybe("min_price", limits), ...maybe("max_price", limits),
    ...(Object.keys(idle).length > 0 ? { idle } : {}), ...maybe("free", () => ({ energy_wh: decimal(), charging_s: random.int(9000) })), ...maybe("holidays", () => ["2026-12-25"]),
    ...maybe("waive_without_energy", () => random.chance(0.5)), ...maybe("allow_negative", () => random.chance(0.5)), ...maybe("id", () => "T"), ...maybe("name", () => "N"),
  };
}
