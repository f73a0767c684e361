/** A row of the message log as an exchange: who asked, what was answered, how long it took, what was odd. Pure. */
import type { Schema } from "#shared/api/client";

export type MessageRow = Schema["MessageOut"];

export interface Quirk {
  code: string;
  /** JSONPath into the payload. */
  path: string;
  raw: unknown;
}

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

export interface Exchange {
  id: string;
  stationId: string;
  at: string;
  /** Who asked: the station (`in`), or we (`out`). */
  direction: "in" | "out";
  action: string;
  messageId: string;
  correlation: string | null;
  /** The frames as text. */
  request: string;
  answer: string | null;
  answerType: number | null;
  answerAt: string | null;
  latencyMs: number | null;
  /** Null for what is no call: an answer that came late, an unreadable frame. */
  requestPayload: Json | undefined;
  answerPayload: Json | undefined;
  error: string | null;
  quirks: Quirk[];
  /** A call of ours that nobody has answered. */
  unanswered: boolean;
}

/**
 * The rows as exchanges, in their order. A row of the station's answer that came by itself (a list without
 * `exchanges`) goes into our call's exchange; one whose call is not there stays alone.
 */
export function exchangesOf(rows: readonly MessageRow[]): Exchange[] {
  const key = (row: MessageRow) => `${row.station_id} ${row.message_id}`;
  const calls = new Set(rows.filter((row) => row.direction === "out" && row.type === 2).map(key));
  const answers = new Map<string, MessageRow>();
  for (const row of rows) if (isAnswer(row) && calls.has(key(row))) answers.set(key(row), row);
  return rows
    .filter((row) => answers.get(key(row)) !== row)
    .map((row) => {
      const apart = row.direction === "out" && row.type === 2 ? answers.get(key(row)) : undefined;
      return exchangeOf(row, apart);
    });
}

function isAnswer(row: MessageRow): boolean {
  return row.direction === "in" && (row.type === 3 || row.type === 4) && row.error !== "late_reply";
}

function exchangeOf(row: MessageRow, apart: MessageRow | undefined): Exchange {
  const reply = apart ? { at: apart.at, type: apart.type, payload: apart.payload } : row.reply;
  const request = frame(row.payload);
  const answer = reply ? frame(reply.payload) : undefined;
  return {
    id: row.id,
    stationId: row.station_id,
    at: row.at,
    direction: row.direction === "out" ? "out" : "in",
    action: row.action || "?",
    messageId: row.message_id,
    correlation: row.correlation,
    request: row.payload,
    answer: reply?.payload ?? null,
    answerType: reply?.type ?? null,
    answerAt: reply?.at ?? null,
    latencyMs: reply ? Math.max(0, new Date(reply.at).getTime() - new Date(row.at).getTime()) : null,
    requestPayload: request?.[row.type === 2 || row.type === 6 ? 3 : 2],
    answerPayload: answer?.[reply?.type === 4 ? 4 : 2],
    error: row.error ?? apart?.error ?? null,
    quirks: [...quirksOf(row.quirks), ...quirksOf(apart?.quirks ?? null)],
    unanswered: row.direction === "out" && row.type === 2 && !reply,
  };
}

function quirksOf(found: MessageRow["quirks"]): Quirk[] {
  return (found ?? []).map((one) => {
    const { code, path, raw } = one as { code?: string; path?: string; raw?: unknown };
    return { code: code ?? String(one), path: path ?? "$", raw };
  });
}

function frame(text: string): Json[] | undefined {
  try {
    const value = JSON.parse(text) as Json;
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The code of a CALLERROR, if that is what the answer is. */
export function errorCode(exchange: Exchange): string | null {
  if (exchange.answerType !== 4 || exchange.answer === null) return null;
  const code = frame(exchange.answer)?.[2];
  return typeof code === "string" ? code : null;
}

/** Where a quirk's path of the payload stands in the frame: `$.status` of a call → `$[3].status`. */
export function inFrame(path: string, place: number): string {
  return path === "$" ? `$[${place}]` : path.replace(/^\$/, `$[${place}]`);
}

const FACTS: Record<string, readonly string[]> = {
  StatusNotification: ["connectorId", "evseId", "status", "connectorStatus", "errorCode"],
  BootNotification: ["chargePointVendor", "chargePointModel", "firmwareVersion", "reason", "chargingStation"],
  Authorize: ["idTag", "idToken"],
  StartTransaction: ["connectorId", "idTag", "meterStart"],
  StopTransaction: ["transactionId", "meterStop", "reason"],
  MeterValues: ["connectorId", "evseId", "transactionId"],
  TransactionEvent: ["eventType", "seqNo"],
};

/** What a list shows of it: a few values of the request, then what was answered. Codes stay as they are. */
export function gist(exchange: Exchange): string {
  const request = exchange.requestPayload;
  const names = FACTS[exchange.action];
  const parts = isObject(request) ? (names ?? Object.keys(request)).flatMap((name) => told(name, request[name])).slice(0, 4) : [];
  if (exchange.action === "TransactionEvent" || exchange.action === "MeterValues") parts.push(...measured(request));
  const said = [parts.join(" · ")].filter(Boolean);
  if (isObject(exchange.answerPayload) && exchange.direction === "out") {
    const status = exchange.answerPayload["status"];
    said.push(typeof status === "string" ? `→ ${status}` : "");
  } else if (isObject(exchange.answerPayload)) {
    const info = exchange.answerPayload["idTagInfo"] ?? exchange.answerPayload["idTokenInfo"];
    if (isObject(info) && typeof info["status"] === "string") said.push(`→ ${info["status"]}`);
  }
  return said.filter(Boolean).join(" ");
}

function isObject(value: Json | undefined): value is { [name: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function told(name: string, value: Json | undefined): string[] {
  if (value === undefined || value === null) return [];
  if (typeof value === "string") return [value.length > 40 ? `${value.slice(0, 40)}…` : value];
  if (typeof value === "number" || typeof value === "boolean") return [`${name} ${value}`];
  if (Array.isArray(value)) return value.length > 0 ? [`${name} × ${value.length}`] : [];
  const inner = value["idToken"] ?? value["model"] ?? value["id"] ?? value["name"];
  return typeof inner === "string" || typeof inner === "number" ? [String(inner)] : [name];
}

/** Power and register of the last meter value. */
function measured(request: Json | undefined): string[] {
  const values = isObject(request) ? request["meterValue"] : undefined;
  const last = Array.isArray(values) ? values.at(-1) : undefined;
  const samples = isObject(last) && Array.isArray(last["sampledValue"]) ? last["sampledValue"] : [];
  const found: string[] = [];
  for (const measurand of ["Power.Active.Import", "Energy.Active.Import.Register"]) {
    const sample = samples.find((one) => isObject(one) && one["measurand"] === measurand && one["phase"] === undefined);
    if (!isObject(sample)) continue;
    const unit = sample["unit"] ?? (isObject(sample["unitOfMeasure"]) ? sample["unitOfMeasure"]["unit"] : undefined);
    found.push(`${String(sample["value"])} ${String(unit ?? (measurand.startsWith("Power") ? "W" : "Wh"))}`);
  }
  return found;
}

/** A sampled value in one line: what was measured, how much, and where. */
function sampled(sample: { [name: string]: Json }, path: string): { path: string; name: string; value: string } {
  const unit = sample["unit"] ?? (isObject(sample["unitOfMeasure"]) ? sample["unitOfMeasure"]["unit"] : undefined);
  const others = ["phase", "location", "context"].map((name) => sample[name]).filter((one) => typeof one === "string");
  return { path, name: String(sample["measurand"]), value: [[sample["value"], unit].filter((one) => one !== undefined).join(" "), ...others].join(" · ") };
}

/** The payload as names and values, flat: `evse.id` 1, for the pretty view; each with its path in the payload. */
export function leaves(value: Json | undefined, path = "$"): { path: string; name: string; value: string }[] {
  if (value === undefined) return [];
  const name = path.replace(/^\$\.?/, "");
  if (Array.isArray(value)) return value.length === 0 ? [{ path, name, value: "[]" }] : value.flatMap((one, index) => leaves(one, `${path}[${index}]`));
  if (isObject(value) && value["value"] !== undefined && typeof value["measurand"] === "string") return [sampled(value, path)];
  if (isObject(value)) {
    const inner = Object.entries(value);
    return inner.length === 0 ? (path === "$" ? [] : [{ path, name, value: "{}" }]) : inner.flatMap(([key, one]) => leaves(one, `${path}.${key}`));
  }
  return [{ path, name, value: String(value) }];
}
