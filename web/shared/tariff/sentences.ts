/**
 * A tariff in sentences with editable words. Every value of the document is one word ("slot") of one sentence; reading the
 * sentences gives the document back. Pure.
 */
import { translate, type Language, type Params } from "#shared/i18n/i18n";
import { DAYS, IDLE_STATES, valueAt, withValue, type Condition, type Document, type PriceComponent, type Value } from "./model";
import { read, show, type SlotKind } from "./values";
import { words, type Word } from "./words";

/** An editable word. `path` is its place in the document; `text` what is shown. */
export interface Slot {
  path: string;
  kind: SlotKind;
  value: Value;
  text: string;
  /** For screen readers, and for what is asked of it. */
  label: string;
  /** Choices; the empty value is the default. */
  options?: readonly { value: string; label: string }[];
  /** It belongs to the sentence and cannot be changed alone. */
  fixed?: boolean;
  /** Must not be empty. */
  needed?: boolean;
  /** The currency's sign, on the side where the language has it. */
  before?: string;
  after?: string;
}

export type Piece = string | Slot;

export interface Sentence {
  /** Of a term beside the rules: `min_price`; what is taken away when it is removed. */
  id: string;
  pieces: Piece[];
}

type Say = (word: Word, params?: Params) => string;

/** A builder of pieces in one language for one document. */
class Writer {
  readonly say: Say;
  readonly symbol: string;

  constructor(readonly document: Document, readonly language: Language) {
    this.say = (word, params) => translate(words, language, word, params);
    this.symbol = currencySymbol(document.currency, language);
  }

  slot(path: string, kind: SlotKind, label: Word, more: Partial<Slot> = {}): Slot {
    const value = valueAt(this.document, path) as Value;
    return { path, kind, value, text: show(kind, value, this.language), label: this.say(label), ...more };
  }

  price(path: string, label: Word, more: Partial<Slot> = {}): Slot {
    return this.slot(path, "price", label, { ...(this.language === "de" ? { after: this.symbol } : { before: this.symbol }), ...more });
  }

  /** One of some words. A default is the option with the empty value. */
  choice(path: string, label: Word, options: readonly [string, Word][]): Slot {
    const value = valueAt(this.document, path);
    const key = value === undefined ? "" : String(value);
    const list = options.map(([option, word]) => ({ value: option, label: this.say(word) }));
    // A default that is written out stays written out.
    if (!list.some((option) => option.value === key)) list.push({ value: key, label: list[0]?.label ?? key });
    return { path, kind: "choice", value: value as Value, text: list.find((option) => option.value === key)?.label ?? "", label: this.say(label), options: list };
  }

  many(path: string, label: Word, all: readonly string[], text: string): Slot {
    const options = all.map((value) => ({ value, label: this.say(value as Word) }));
    return { path, kind: "many", value: valueAt(this.document, path) as Value, text, label: this.say(label), options };
  }

  /** A template such as "from {a} to {b}" with pieces in its places. */
  fill(word: Word, places: Record<string, Piece>): Piece[] {
    return this.say(word)
      .split(/(\{\w+\})/)
      .filter((part) => part !== "")
      .map((part) => (/^\{\w+\}$/.test(part) ? (places[part.slice(1, -1)] ?? part) : part));
  }
}

export function currencySymbol(currency: string, language: Language): string {
  const parts = new Intl.NumberFormat(language === "de" ? "de-DE" : "en-GB", { style: "currency", currency: /^[A-Z]{3}$/.test(currency) ? currency : "XXX" }).formatToParts(1);
  return parts.find((part) => part.type === "currency")?.value ?? currency;
}

/** `Mon to Fri`, `every day`, `Sat, Sun`. */
export function daysInWords(days: readonly string[] | undefined, language: Language): string {
  const say: Say = (word, params) => translate(words, language, word, params);
  if (days === undefined || days.length === 0 || days.length === 7) return say("everyDay");
  const places = DAYS.map((day, index) => (days.includes(day) ? index : -1)).filter((index) => index >= 0);
  const short = (index: number) => say(`${DAYS[index] ?? "monday"}Short` as Word);
  const first = places[0] ?? 0;
  const last = places.at(-1) ?? 0;
  if (places.length > 2 && last - first + 1 === places.length) return say("daysRange", { from: short(first), to: short(last) });
  return places.map(short).join(", ");
}

type Clause = (w: Writer, path: string, when: Condition) => Piece[] | null;

const range = (min: keyof Condition, max: keyof Condition, kind: SlotKind, from: Word, below: Word, label: Word): Clause => (w, path, when) => {
  const parts: Piece[] = [];
  if (when[min] !== undefined) parts.push(...w.fill(from, { value: w.slot(`${path}.${min}`, kind, label) }));
  if (when[max] !== undefined) parts.push(...(parts.length ? [w.say("and")] : []), ...w.fill(below, { value: w.slot(`${path}.${max}`, kind, label) }));
  return parts.length ? parts : null;
};

/** The clauses of a condition, in the order in which they are said. */
export const CLAUSES: Record<string, Clause> = {
  reservation: (w, path, when) =>
    when.reservation === undefined ? null : [w.choice(`${path}.reservation`, "reservation", [["reservation", "whileReserved"], ["reservation_expires", "whenExpired"]])],
  days: (w, path, when) => (when.days === undefined ? null : w.fill("onDays", { value: w.many(`${path}.days`, "days", DAYS, daysInWords(when.days, w.language)) })),
  time: (w, path, when) => {
    const start = w.slot(`${path}.start_time`, "time", "startTime");
    const end = w.slot(`${path}.end_time`, "time", "endTime");
    if (when.start_time !== undefined && when.end_time !== undefined) return w.fill("fromTo", { from: start, to: end });
    if (when.start_time !== undefined) return w.fill("fromTime", { from: start });
    return when.end_time === undefined ? null : w.fill("untilTime", { to: end });
  },
  dates: range("start_date", "end_date", "date", "sinceDate", "beforeDate", "date"),
  kwh: range("min_kwh", "max_kwh", "decimal", "fromKwh", "belowKwh", "kwh"),
  duration: range("min_duration_s", "max_duration_s", "duration", "afterDuration", "withinDuration", "duration"),
  power: range("min_power_kw", "max_power_kw", "decimal", "fromPower", "belowPower", "power"),
  current: range("min_current_a", "max_current_a", "decimal", "fromCurrent", "belowCurrent", "current"),
  soc: range("min_soc_percent", "max_soc_percent", "decimal", "fromSoc", "belowSoc", "soc"),
  occupancy: range("min_site_occupancy_percent", "max_site_occupancy_percent", "decimal", "fromOccupancy", "belowOccupancy", "occupancy"),
  connectors: (w, path, when) => (when.connector_types === undefined ? null : w.fill("atConnectors", { value: w.slot(`${path}.connector_types`, "labels", "connectorTypes") })),
  audiences: (w, path, when) => (when.audiences === undefined ? null : w.fill("forAudiences", { value: w.slot(`${path}.audiences`, "labels", "audiences") })),
};

const COSTS: Record<PriceComponent["dimension"], Word> = {
  energy: "energyCosts", charging_time: "chargingCosts", idle_time: "idlingCosts", occupancy_time: "occupancyCosts", flat: "flatCosts",
};

function priceClause(w: Writer, path: string, price: PriceComponent): Piece[] {
  const dimension: Slot = { path: `${path}.dimension`, kind: "text", value: price.dimension, text: price.dimension, label: "", fixed: true };
  const amount = w.price(`${path}.price`, COSTS[price.dimension], { needed: true });
  const timed = price.dimension.endsWith("_time");
  const unit: Piece = timed
    ? w.choice(`${path}.unit`, "unit", [["", "hour"], ["minute", "minute"]])
    : { path: `${path}.unit`, kind: "text", value: price.unit, text: "", label: "", fixed: true };
  const pieces: Piece[] = [dimension, ...w.fill(COSTS[price.dimension], { price: amount, unit })];
  if (!timed) pieces.push(unit);
  pieces.push(...w.fill(w.document.tax_included ? "inclTax" : "plusTax", { value: w.slot(`${path}.tax_percent`, "decimal", "tax") }));
  if (price.tax_code !== undefined) pieces.push(...w.fill("taxCode", { value: w.slot(`${path}.tax_code`, "text", "taxCodeLabel") }));
  if (price.step_size !== undefined) {
    const energy = price.dimension === "energy";
    pieces.push(...w.fill(energy ? "stepEnergy" : "stepTime", { value: w.slot(`${path}.step_size`, energy ? "integer" : "duration", "step") }));
  }
  return pieces;
}

/** A rule: its condition, then its prices. */
export function ruleSentence(document: Document, at: number, language: Language): Piece[] {
  const rule = document.elements[at];
  if (rule === undefined) return [];
  const w = new Writer(document, language);
  const path = `elements.${at}`;
  const pieces: Piece[] = [];
  if (rule.name !== undefined) pieces.push(w.slot(`${path}.name`, "text", "ruleName"), ": ");
  const clauses = Object.values(CLAUSES)
    .map((clause) => clause(w, `${path}.when`, rule.when ?? {}))
    .filter((clause) => clause !== null);
  clauses.forEach((clause, index) => pieces.push(...(index > 0 ? [" "] : []), ...clause));
  pieces.push(w.say(clauses.length > 0 ? "then" : "always"));
  rule.prices.forEach((price, index) => {
    if (index > 0) pieces.push(index === rule.prices.length - 1 ? w.say("andPrice") : ", ");
    pieces.push(...priceClause(w, `${path}.prices.${index}`, price));
  });
  pieces.push(".");
  return capitalised(pieces);
}

function capitalised(pieces: Piece[]): Piece[] {
  const first = pieces.findIndex((piece) => typeof piece !== "string" || piece.trim() !== "");
  const at = pieces.findIndex((piece, index) => index >= first && typeof piece === "string");
  const found = pieces[at];
  const lead = pieces.slice(0, at).every((piece) => typeof piece !== "string" && piece.fixed);
  if (typeof found !== "string" || !lead) return pieces;
  return pieces.with(at, found.charAt(0).toUpperCase() + found.slice(1));
}

function limit(w: Writer, name: "min_price" | "max_price"): Sentence[] {
  const value = w.document[name];
  if (value === undefined) return [];
  const parts: Piece[] = [];
  if (value.after_taxes !== undefined) parts.push(...w.fill("withTax", { value: w.price(`${name}.after_taxes`, name === "min_price" ? "atLeast" : "atMost") }));
  if (value.before_taxes !== undefined) parts.push(...(parts.length ? [w.say("andPrice")] : []), ...w.fill("withoutTax", { value: w.price(`${name}.before_taxes`, name === "min_price" ? "atLeast" : "atMost") }));
  return [{ id: name, pieces: [w.say(name === "min_price" ? "minimum" : "maximum"), ...parts, "."] }];
}

/** What holds for every session, beside the rules. */
export function termSentences(document: Document, language: Language): Sentence[] {
  const w = new Writer(document, language);
  const { idle, free } = document;
  const found: Sentence[] = [
    {
      id: "currency",
      pieces: w.fill("currencyAndTax", {
        currency: { ...w.slot("currency", "text", "currency"), fixed: true, text: document.currency },
        tax: w.choice("tax_included", "taxMode", [["", "excludeTax"], ["true", "includeTax"]]),
      }),
    },
    ...limit(w, "min_price"),
    ...limit(w, "max_price"),
  ];
  const add = (id: string, present: unknown, pieces: () => Piece[]) => {
    if (present !== undefined) found.push({ id, pieces: pieces() });
  };
  add("idle.grace_s", idle?.grace_s, () => w.fill("grace", { value: w.slot("idle.grace_s", "duration", "graceLabel"), how: w.choice("idle.grace", "graceHow", [["", "once"], ["per_spell", "perSpell"]]) }));
  if (idle?.grace_s === undefined) add("idle.grace", idle?.grace, () => w.fill("graceOnly", { how: w.choice("idle.grace", "graceHow", [["", "once"], ["per_spell", "perSpell"]]) }));
  (idle?.pauses ?? []).forEach((pause, index) => {
    const path = `idle.pauses.${index}`;
    const days = w.many(`${path}.days`, "days", DAYS, daysInWords(pause.days, language));
    add(path, pause, () => w.fill("pause", { from: w.slot(`${path}.start_time`, "time", "startTime", { needed: true }), to: w.slot(`${path}.end_time`, "time", "endTime", { needed: true }), days }));
  });
  add("idle.cap", idle?.cap, () => w.fill("cap", { value: w.price("idle.cap", "capLabel") }));
  add("idle.started_minute", idle?.started_minute, () => w.fill("startedMinute", { value: w.choice("idle.started_minute", "startedLabel", [["", "perSecond"], ["true", "perStarted"]]) }));
  add("idle.states", idle?.states, () => w.fill("idleStates", { value: w.many("idle.states", "idleStatesLabel", IDLE_STATES, (idle?.states ?? []).map((state) => w.say(state as Word)).join(", ")) }));
  add("free.energy_wh", free?.energy_wh, () => w.fill("freeEnergy", { value: w.slot("free.energy_wh", "energy", "freeEnergyLabel") }));
  add("free.charging_s", free?.charging_s, () => w.fill("freeCharging", { value: w.slot("free.charging_s", "duration", "freeTimeLabel") }));
  add("free.occupancy_s", free?.occupancy_s, () => w.fill("freeOccupancy", { value: w.slot("free.occupancy_s", "duration", "freeTimeLabel") }));
  add("holidays", document.holidays, () => w.fill("holidays", { value: w.slot("holidays", "dates", "holidaysLabel") }));
  add("waive_without_energy", document.waive_without_energy, () => w.fill("failedStart", { value: w.choice("waive_without_energy", "failedStartLabel", [["true", "waived"], ["", "notWaived"]]) }));
  add("allow_negative", document.allow_negative, () => w.fill("negative", { value: w.choice("allow_negative", "negativeLabel", [["true", "negativePaid"], ["", "negativeZero"]]) }));
  add("valid_from", document.valid_from, () => w.fill("validFrom", { value: w.slot("valid_from", "moment", "validLabel") }));
  add("valid_until", document.valid_until, () => w.fill("validUntil", { value: w.slot("valid_until", "moment", "validLabel") }));
  add("id", document.id, () => w.fill("ownId", { value: w.slot("id", "text", "ownIdLabel") }));
  add("name", document.name, () => w.fill("ownName", { value: w.slot("name", "text", "ownNameLabel") }));
  return found;
}

/** A condition in words, without its prices; empty: always. */
export function conditionText(when: Condition, currency: string, language: Language): string {
  const document: Document = { currency, elements: [{ when, prices: [] }] };
  const w = new Writer(document, language);
  return Object.values(CLAUSES)
    .map((clause) => clause(w, "elements.0.when", when))
    .filter((pieces) => pieces !== null)
    .map(plainText)
    .join(" ");
}

/** The value that a slot's text stands for, as it was typed or chosen; null if it cannot be read. */
export function valueOf(slot: Slot, text: string): Value | null {
  if (slot.kind === "choice") {
    const value = slot.options?.find((option) => option.label === text && (option.value === String(slot.value ?? "") || option.label !== slot.text))?.value ?? "";
    return value === "" ? undefined : value === "true" ? true : value === "false" ? false : value;
  }
  return slot.kind === "many" || slot.fixed ? slot.value : read(slot.kind, text);
}

/** The document that sentences say: the inverse of `ruleSentence` and `termSentences`. */
export function fromSentences(sentences: readonly (readonly Piece[])[]): Document {
  let document = { elements: [] } as unknown as Document;
  for (const piece of sentences.flat()) {
    if (typeof piece === "string") continue;
    const value = valueOf(piece, piece.text);
    if (value !== undefined && value !== null) document = withValue(document, piece.path, value);
  }
  return document;
}

/** Sentences as plain text, for comparing and for screen readers. */
export function plainText(pieces: readonly Piece[]): string {
  return pieces
    .map((piece) => (typeof piece === "string" ? piece : piece.fixed && piece.path !== "currency" ? "" : [piece.before, piece.text || "–", piece.after].filter(Boolean).join("\u00a0")))
    .join("");
}

/** All that a tariff says: its rules, then its terms. */
export function allSentences(document: Document, language: Language): { rules: string[]; terms: string[] } {
  return {
    rules: document.elements.map((_, at) => plainText(ruleSentence(document, at, language))),
    terms: termSentences(document, language).map((sentence) => plainText(sentence.pieces)),
  };
}
