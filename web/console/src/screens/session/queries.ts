/** What the session's screen asks for. */
import { queryOptions } from "@tanstack/react-query";
import type { LiveEvent } from "#console/live/events";
import { api, data, type Schema } from "#shared/api/client";
import type { Price, TariffDocument } from "./price";

export type Row = Schema["SessionRow"];
export type Curve = Schema["CurveOut"];
export type TariffUsed = Omit<Schema["TariffUsed"], "document"> & { document: TariffDocument };
export type PriceAnswer = Omit<Schema["PriceOut"], "price" | "tariff"> & { price: Price | null; tariff: TariffUsed | null };

/** About as many points as a wide screen has pixels for. */
const POINTS = 800;

const path = (session: string) => ({ params: { path: { session } } });

export const rowQuery = (id: string) =>
  queryOptions({ queryKey: ["sessions", "row", id], queryFn: () => data(api.GET("/api/v1/network/sessions/{session}", path(id))) });

export const sessionQuery = (id: string) =>
  queryOptions({ queryKey: ["sessions", "one", id], queryFn: () => data(api.GET("/api/v1/sessions/{session}", path(id))) });

/** The price is free-form in the API's document; its shape is that of `price_to_dict`. */
export const priceQuery = (id: string) =>
  queryOptions({ queryKey: ["sessions", "price", id], queryFn: async () => (await data(api.GET("/api/v1/sessions/{session}/price", path(id)))) as unknown as PriceAnswer });

export const curveQuery = (id: string) =>
  queryOptions({
    queryKey: ["sessions", "curve", id],
    queryFn: () => data(api.GET("/api/v1/sessions/{session}/curve", { params: { path: { session: id }, query: { points: POINTS } } })),
  });

export const timelineQuery = (id: string) =>
  queryOptions({ queryKey: ["sessions", "timeline", id], queryFn: () => data(api.GET("/api/v1/sessions/{session}/timeline", path(id))) });

export const signedQuery = (id: string) =>
  queryOptions({ queryKey: ["sessions", "signed", id], queryFn: () => data(api.GET("/api/v1/sessions/{session}/signed-values", path(id))) });

export const recordsQuery = (id: string) =>
  queryOptions({ queryKey: ["sessions", "records", id], queryFn: () => data(api.GET("/api/v1/cdrs", { params: { query: { session: id, limit: 50 } } })) });

export const recordQuery = (id: string) =>
  queryOptions({ queryKey: ["sessions", "record", id], queryFn: () => data(api.GET("/api/v1/cdrs/{cdr}", { params: { path: { cdr: id } } })), staleTime: Infinity });

export const authorisationsQuery = (id: string) =>
  queryOptions({ queryKey: ["sessions", "authorisations", id], queryFn: () => data(api.GET("/api/v1/authorisations", { params: { query: { session: id, limit: 20, sort: "at" } } })) });

interface LiveFacts {
  session_id: string;
  state: string;
  ended_at: string | null;
  last_at: string | null;
  energy_wh: string;
  power_w: string | null;
  soc_percent: string | null;
  cost: string | null;
}

/** The event's facts, if it is about this session. */
export function factsOf(event: LiveEvent, id: string): LiveFacts | null {
  const facts = event.data as unknown as LiveFacts;
  return facts.session_id === id ? facts : null;
}

/** The row after an event of its session; the same object if it knows more than the event. */
export function patched(row: Row, facts: LiveFacts, revision: number | null): Row {
  if (row.final || (revision !== null && revision < row.revision)) return row;
  const { state, ended_at, last_at, energy_wh, soc_percent, cost } = facts;
  return { ...row, state, ended_at, last_at, energy_wh, soc_percent, cost, power_w: ended_at === null ? facts.power_w : null, revision: revision ?? row.revision };
}

/** The curve with one more point at its end; the same object if the event tells no newer time. */
export function extended(curve: Curve, facts: LiveFacts): Curve {
  const last = curve.points.at(-1);
  if (facts.last_at === null || facts.ended_at !== null || (last && Date.parse(last.at) >= Date.parse(facts.last_at))) return curve;
  const point = { at: facts.last_at, power_w: facts.power_w, energy_wh: facts.energy_wh, cost: facts.cost, soc_percent: facts.soc_percent };
  return { ...curve, readings: curve.readings + 1, points: [...curve.points, point] };
}
