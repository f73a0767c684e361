/** What the screen of a location loads. */
import { queryOptions } from "@tanstack/react-query";
import { api, data, withEtag, type Schema } from "#shared/api/client";

export type StationRow = Schema["StationRow"];
export type Session = Schema["SessionOut"];

export const locationQuery = (id: string) =>
  queryOptions({
    queryKey: ["locations", id],
    queryFn: () => withEtag(api.GET("/api/v1/locations/{location}", { params: { path: { location: id } } })),
  });

export const stationsQuery = (id: string) =>
  queryOptions({
    queryKey: ["stations", "at", id],
    queryFn: () => data(api.GET("/api/v1/network/stations", { params: { query: { location: id, sort: "identity", limit: 500 } } })),
  });

export const loadQuery = (id: string) =>
  queryOptions({
    queryKey: ["locations", id, "load"],
    queryFn: () => data(api.GET("/api/v1/network/locations/{location}/load", { params: { path: { location: id } } })),
    refetchInterval: 60_000,
  });

export const sessionsQuery = (id: string, from: string) =>
  queryOptions({
    queryKey: ["sessions", "at", id, from],
    queryFn: () => data(api.GET("/api/v1/sessions", { params: { query: { location: id, from, limit: 8 } } })),
  });

export const appliedQuery = (location: string, evse: string) =>
  queryOptions({
    queryKey: ["tariffs", "applied", location, evse],
    queryFn: () => data(api.GET("/api/v1/tariff-assignments/applied", { params: { query: { location_id: location, evse_id: evse } as never } })),
  });

export const tariffQuery = (id: string) =>
  queryOptions({
    queryKey: ["tariffs", id],
    queryFn: () => data(api.GET("/api/v1/tariffs/{tariff}", { params: { path: { tariff: id } } })),
  });

/** Midnight there, as a moment. */
export { momentIn, wallClock } from "#shared/place/hours";
