/** What can be added to a rule or to the tariff, with sensible first values. Pure. */
import { usualTax, withValue, type Condition, type Dimension, type Document, type Rule } from "#shared/tariff/model";
import type { TextKey } from "./text";

export interface Addition {
  key: TextKey;
  /** Path of the value that is edited first, once it is there. */
  focus: string;
  make: (document: Document) => Document;
}

const CONDITIONS: { key: TextKey; field: keyof Condition; value: Partial<Condition> }[] = [
  { key: "addTime", field: "start_time", value: { start_time: "22:00", end_time: "06:00" } },
  { key: "addDays", field: "days", value: { days: ["monday", "tuesday", "wednesday", "thursday", "friday"] } },
  { key: "addDatesFrom", field: "start_date", value: {} },
  { key: "addDatesTo", field: "end_date", value: {} },
  { key: "addKwhFrom", field: "min_kwh", value: { min_kwh: "20" } },
  { key: "addKwhTo", field: "max_kwh", value: { max_kwh: "20" } },
  { key: "addDurationFrom", field: "min_duration_s", value: { min_duration_s: 3600 } },
  { key: "addDurationTo", field: "max_duration_s", value: { max_duration_s: 3600 } },
  { key: "addPowerFrom", field: "min_power_kw", value: { min_power_kw: "50" } },
  { key: "addPowerTo", field: "max_power_kw", value: { max_power_kw: "50" } },
  { key: "addCurrentFrom", field: "min_current_a", value: { min_current_a: "32" } },
  { key: "addCurrentTo", field: "max_current_a", value: { max_current_a: "32" } },
  { key: "addSocFrom", field: "min_soc_percent", value: { min_soc_percent: "80" } },
  { key: "addSocTo", field: "max_soc_percent", value: { max_soc_percent: "80" } },
  { key: "addOccupancyFrom", field: "min_site_occupancy_percent", value: { min_site_occupancy_percent: "50" } },
  { key: "addOccupancyTo", field: "max_site_occupancy_percent", value: { max_site_occupancy_percent: "50" } },
  { key: "addConnectors", field: "connector_types", value: { connector_types: ["IEC_62196_T2_COMBO"] } },
  { key: "addAudiences", field: "audiences", value: { audiences: ["staff"] } },
  { key: "addReservation", field: "reservation", value: { reservation: "reservation" } },
];

const PRICES: { key: TextKey; dimension: Dimension; unit?: string; price: string }[] = [
  { key: "addEnergy", dimension: "energy", price: "0.49" },
  { key: "addCharging", dimension: "charging_time", unit: "minute", price: "0.05" },
  { key: "addIdle", dimension: "idle_time", unit: "minute", price: "0.1" },
  { key: "addOccupancy", dimension: "occupancy_time", unit: "minute", price: "0.05" },
  { key: "addFlat", dimension: "flat", price: "1" },
];

/** Conditions that a rule does not have yet. */
export function conditionsFor(document: Document, at: number, today: string): Addition[] {
  const when = document.elements[at]?.when ?? {};
  return CONDITIONS.filter((one) => when[one.field] === undefined).map((one) => ({
    key: one.key,
    focus: `elements.${at}.when.${one.field}`,
    make: (now) => {
      const value = one.field === "start_date" || one.field === "end_date" ? { [one.field]: today } : one.value;
      return withValue(now, `elements.${at}.when`, { ...value, ...now.elements[at]?.when });
    },
  }));
}

/** Prices that a rule does not have yet. */
export function pricesFor(document: Document, at: number): Addition[] {
  const prices = document.elements[at]?.prices ?? [];
  return PRICES.filter((one) => !prices.some((price) => price.dimension === one.dimension)).map((one) => ({
    key: one.key,
    focus: `elements.${at}.prices.${prices.length}.price`,
    make: (now) => withValue(now, `elements.${at}.prices`, [...(now.elements[at]?.prices ?? []), priceOf(now, one)]),
  }));
}

/** More about a price: how it is counted, its name. */
export function detailsFor(document: Document, at: number): Addition[] {
  const rule = document.elements[at];
  if (rule === undefined) return [];
  const found: Addition[] = [];
  if (rule.name === undefined) found.push({ key: "addName", focus: `elements.${at}.name`, make: (now) => withValue(now, `elements.${at}.name`, `${at + 1}`) });
  rule.prices.forEach((price, index) => {
    if (price.step_size !== undefined || price.dimension === "flat") return;
    const path = `elements.${at}.prices.${index}.step_size`;
    found.push({ key: price.dimension === "energy" ? "addStepEnergy" : "addStepTime", focus: path, make: (now) => withValue(now, path, price.dimension === "energy" ? 1000 : 900) });
  });
  return found;
}

function priceOf(document: Document, one: (typeof PRICES)[number]): Rule["prices"][number] {
  return { dimension: one.dimension, price: one.price, ...(one.unit ? { unit: one.unit } : {}), ...usualTax(document) };
}

/** New rules; each says which of its words is edited first, within the rule. */
export const NEW_RULES: { key: TextKey; focus: string; rule: (document: Document) => Rule }[] = [
  { key: "newNight", focus: "when.start_time", rule: (now) => ({ when: { start_time: "22:00", end_time: "06:00" }, prices: [priceOf(now, { key: "addEnergy", dimension: "energy", price: "0.39" })] }) },
  ...PRICES.map((one) => ({ key: one.key, focus: "prices.0.price", rule: (now: Document): Rule => ({ prices: [priceOf(now, one)] }) })),
  { key: "newReservation", focus: "prices.0.price", rule: (now) => ({ when: { reservation: "reservation" }, prices: [priceOf(now, { key: "addFlat", dimension: "flat", price: "2" })] }) },
  { key: "newExpired", focus: "prices.0.price", rule: (now) => ({ when: { reservation: "reservation_expires" }, prices: [priceOf(now, { key: "addFlat", dimension: "flat", price: "5" })] }) },
];

/** What holds for every session and is not said yet. */
export function termsFor(document: Document, today: string): Addition[] {
  const pauses = document.idle?.pauses?.length ?? 0;
  const all: (Addition & { there?: boolean })[] = [
    { key: "termMin", focus: "min_price.after_taxes", there: document.min_price?.after_taxes !== undefined, make: (now) => withValue(now, "min_price.after_taxes", "1") },
    { key: "termMinNet", focus: "min_price.before_taxes", there: document.min_price?.before_taxes !== undefined, make: (now) => withValue(now, "min_price.before_taxes", "1") },
    { key: "termMax", focus: "max_price.after_taxes", there: document.max_price?.after_taxes !== undefined, make: (now) => withValue(now, "max_price.after_taxes", "60") },
    { key: "termMaxNet", focus: "max_price.before_taxes", there: document.max_price?.before_taxes !== undefined, make: (now) => withValue(now, "max_price.before_taxes", "50") },
    { key: "termGrace", focus: "idle.grace_s", there: document.idle?.grace_s !== undefined, make: (now) => withValue(now, "idle.grace_s", 600) },
    { key: "termPause", focus: `idle.pauses.${pauses}.start_time`, make: (now) => withValue(now, `idle.pauses.${pauses}`, { start_time: "22:00", end_time: "07:00" }) },
    { key: "termCap", focus: "idle.cap", there: document.idle?.cap !== undefined, make: (now) => withValue(now, "idle.cap", "12") },
    { key: "termStarted", focus: "idle.started_minute", there: document.idle?.started_minute !== undefined, make: (now) => withValue(now, "idle.started_minute", true) },
    { key: "termStates", focus: "idle.states", there: document.idle?.states !== undefined, make: (now) => withValue(now, "idle.states", ["idle", "finishing", "suspended_ev"]) },
    { key: "termFreeEnergy", focus: "free.energy_wh", there: document.free?.energy_wh !== undefined, make: (now) => withValue(now, "free.energy_wh", "5000") },
    { key: "termFreeCharging", focus: "free.charging_s", there: document.free?.charging_s !== undefined, make: (now) => withValue(now, "free.charging_s", 1800) },
    { key: "termFreeOccupancy", focus: "free.occupancy_s", there: document.free?.occupancy_s !== undefined, make: (now) => withValue(now, "free.occupancy_s", 3600) },
    { key: "termHolidays", focus: "holidays", there: document.holidays !== undefined, make: (now) => withValue(now, "holidays", [today]) },
    { key: "termFailed", focus: "waive_without_energy", there: document.waive_without_energy !== undefined, make: (now) => withValue(now, "waive_without_energy", true) },
    { key: "termNegative", focus: "allow_negative", there: document.allow_negative !== undefined, make: (now) => withValue(now, "allow_negative", true) },
  ];
  return all.filter((one) => !one.there);
}
