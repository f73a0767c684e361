/** The tariff document as the API has it, and pure changes of it. Decimals are text; what is left out is the default. */

export type Dimension = "energy" | "charging_time" | "idle_time" | "occupancy_time" | "flat";
export const DIMENSIONS: readonly Dimension[] = ["energy", "charging_time", "idle_time", "occupancy_time", "flat"];
export const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;
export const IDLE_STATES = ["idle", "finishing", "suspended_ev"] as const;

export interface Condition {
  start_time?: string;
  end_time?: string;
  days?: string[];
  start_date?: string;
  end_date?: string;
  min_kwh?: string;
  max_kwh?: string;
  min_current_a?: string;
  max_current_a?: string;
  min_power_kw?: string;
  max_power_kw?: string;
  min_duration_s?: number;
  max_duration_s?: number;
  min_soc_percent?: string;
  max_soc_percent?: string;
  min_site_occupancy_percent?: string;
  max_site_occupancy_percent?: string;
  connector_types?: string[];
  audiences?: string[];
  reservation?: "reservation" | "reservation_expires";
}

export interface PriceComponent {
  dimension: Dimension;
  price: string;
  unit?: string;
  tax_percent?: string;
  tax_code?: string;
  step_size?: number;
}

export interface Rule {
  prices: PriceComponent[];
  when?: Condition;
  name?: string;
}

export interface PriceLimit {
  before_taxes?: string;
  after_taxes?: string;
}

export interface Pause {
  start_time: string;
  end_time: string;
  days?: string[];
}

export interface Document {
  currency: string;
  elements: Rule[];
  tax_included?: boolean;
  min_price?: PriceLimit;
  max_price?: PriceLimit;
  idle?: { states?: string[]; grace_s?: number; grace?: "once" | "per_spell"; pauses?: Pause[]; cap?: string; started_minute?: boolean };
  free?: { energy_wh?: string; charging_s?: number; occupancy_s?: number };
  holidays?: string[];
  waive_without_energy?: boolean;
  allow_negative?: boolean;
  id?: string;
  name?: string;
  valid_from?: string;
  valid_until?: string;
}

export type Value = string | number | boolean | string[] | undefined;

/** The value at a path such as `elements.0.when.start_time`. */
export function valueAt(document: Document, path: string): unknown {
  return path.split(".").reduce<unknown>((found, name) => (found as Record<string, unknown> | undefined)?.[name], document);
}

/** Lists that a tariff always has, be they empty. */
const KEPT = new Set(["elements", "prices"]);

/** The document with another value at the path; undefined takes it away, and what is empty then with it. */
export function withValue(document: Document, path: string, value: unknown): Document {
  return changed(document, path.split("."), value) as Document;
}

function changed(node: unknown, [name, ...rest]: string[], value: unknown): unknown {
  if (name === undefined) return value;
  const list = /^\d+$/.test(name);
  const copy = (list ? [...((node as unknown[] | undefined) ?? [])] : { ...((node as object | undefined) ?? {}) }) as Record<string, unknown>;
  const next = changed(copy[name], rest, value);
  const gone = next === undefined || (Array.isArray(next) && next.length === 0 && !KEPT.has(name)) || isEmptyObject(next);
  if (!gone) copy[name] = next;
  else if (list) (copy as unknown as unknown[]).splice(Number(name), 1);
  else delete copy[name];
  return copy;
}

function isEmptyObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;
}

/** The rule at `from` stands at `to` afterwards. */
export function moveRule(document: Document, from: number, to: number): Document {
  const elements = [...document.elements];
  const [rule] = elements.splice(from, 1);
  if (rule === undefined || to < 0 || to > elements.length) return document;
  elements.splice(to, 0, rule);
  return { ...document, elements };
}

/** A new rule: above the first rule that always holds and prices the same, since the base stands last. */
export function addRule(document: Document, rule: Rule): { document: Document; at: number } {
  const priced = new Set(rule.prices.map((price) => price.dimension));
  const base = document.elements.findIndex((one) => one.when === undefined && one.prices.some((price) => priced.has(price.dimension)));
  const at = rule.when === undefined || base < 0 ? document.elements.length : base;
  return { document: { ...document, elements: document.elements.toSpliced(at, 0, rule) }, at };
}

export function removeRule(document: Document, at: number): Document {
  return { ...document, elements: document.elements.toSpliced(at, 1) };
}

export function duplicateRule(document: Document, at: number): Document {
  const rule = document.elements[at];
  return rule === undefined ? document : { ...document, elements: document.elements.toSpliced(at + 1, 0, structuredClone(rule)) };
}

/** The tax of what is there already, for what is added to it. */
export function usualTax(document: Document): { tax_percent?: string } {
  const found = document.elements.flatMap((rule) => rule.prices).find((price) => price.tax_percent !== undefined);
  return found?.tax_percent === undefined ? {} : { tax_percent: found.tax_percent };
}

/** Which rule above always holds and prices the dimension, so that this one never does for it. */
export function coveredBy(document: Document, at: number, dimension: Dimension): number | null {
  const own = document.elements[at]?.when?.reservation;
  const found = document.elements.findIndex(
    (rule, index) => index < at && covers(rule.when, own) && rule.prices.some((price) => price.dimension === dimension),
  );
  return found < 0 ? null : found;
}

function covers(when: Condition | undefined, reservation: string | undefined): boolean {
  const { reservation: theirs, ...rest } = when ?? {};
  return Object.keys(rest).length === 0 && theirs === reservation;
}

/** What the whole document says, for comparing: keys in order, so that equal documents are equal texts. */
export function fingerprint(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
