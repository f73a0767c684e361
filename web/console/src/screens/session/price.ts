/** The price of a session as the API tells it, and what its lines mean. Pure; decimals stay text. */

export interface Amount {
  before_taxes: string;
  after_taxes: string;
}

export interface TraceRow {
  from: string;
  to: string;
  /** Of the tariff's elements, counted from 0; null for a limit of the whole. */
  element: number | null;
  component: string;
  dimension: string;
  reason: string;
  quantity: string;
  unit: string;
  unit_price: string;
  amount: string;
  tax: string;
  tax_percent: string | null;
}

const COMPONENTS = ["energy", "time", "parking", "occupancy", "fixed", "reservation"] as const;
export type Component = (typeof COMPONENTS)[number];
type Costs = Record<`total_${Component}_cost`, Amount> & { total_cost: Amount };

export interface Price {
  currency: string;
  tax_included: boolean;
  exact: Costs;
  rounded: Costs;
  billed: { energy_wh: string; time_s: string; parking_s: string; occupancy_s: string; reservation_s: string };
  price_limit_applied: string | null;
  taxes: { percent: string | null; tax_code: string | null; exact: Amount; rounded: Amount }[];
  notes: string[];
  trace: TraceRow[];
}

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
  reservation?: string;
}

export interface TariffDocument {
  currency: string;
  tax_included?: boolean;
  elements: { name?: string; when?: Condition; prices: { dimension: string; price: string; unit?: string; tax_percent?: string; step_size?: number }[] }[];
  idle?: { grace_s?: number; cap?: string; started_minute?: boolean; pauses?: { start_time: string; end_time: string }[] };
}

/** Scales both decimals to whole numbers of the same unit. */
function scaled(a: string, b: string): { x: bigint; y: bigint; places: number } {
  const places = Math.max(decimals(a), decimals(b));
  return { x: whole(a, places), y: whole(b, places), places };
}

/** How many decimals a number has as it is written. */
export function decimals(text: string): number {
  return text.split(".")[1]?.length ?? 0;
}

function whole(text: string, places: number): bigint {
  const negative = text.startsWith("-");
  const [integer = "0", fraction = ""] = text.replace(/^[-+]/, "").split(".");
  const value = BigInt(integer + fraction.padEnd(places, "0"));
  return negative ? -value : value;
}

function written(value: bigint, places: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(places + 1, "0");
  const cut = digits.length - places;
  return `${value < 0n ? "-" : ""}${digits.slice(0, cut)}${places > 0 ? `.${digits.slice(cut)}` : ""}`;
}

/** `a − b`, exactly. */
export function minus(a: string, b: string): string {
  const { x, y, places } = scaled(a, b);
  return written(x - y, places);
}

/** `a + b`, exactly. */
export function plus(a: string, b: string): string {
  const { x, y, places } = scaled(a, b);
  return written(x + y, places);
}

export function isZero(text: string): boolean {
  return /^[-+]?0*(\.0*)?$/.test(text);
}

/** Components that cost something, each rounded once; they add up to the total unless a limit decided it. */
export function parts(price: Price): { component: Component; amount: string }[] {
  return COMPONENTS.map((component) => ({ component, amount: own(price, price.rounded[`total_${component}_cost`]) })).filter((part) => !isZero(part.amount));
}

/** The side of an amount that the tariff's prices are on: with tax, or without. */
export function own(price: Pick<Price, "tax_included">, amount: Amount): string {
  return price.tax_included ? amount.after_taxes : amount.before_taxes;
}

/** Moments at which the price of energy changed, or another price began: for the curve and the story. */
export interface PriceChange {
  at: string;
  kind: "energy" | "idle_time" | "occupancy_time" | "charging_time";
  unit_price: string;
  unit: string;
  /** It is the price that the session began with. */
  first: boolean;
}

export function priceChanges(price: Price): PriceChange[] {
  const changes: PriceChange[] = [];
  const last: Record<string, string> = {};
  for (const row of price.trace) {
    const kind = row.dimension as PriceChange["kind"];
    if (row.reason !== "priced" || !["energy", "idle_time", "occupancy_time", "charging_time"].includes(kind)) continue;
    if (last[kind] === row.unit_price) continue;
    changes.push({ at: row.from, kind, unit_price: row.unit_price, unit: row.unit, first: kind === "energy" && !(kind in last) });
    last[kind] = row.unit_price;
  }
  return changes;
}
