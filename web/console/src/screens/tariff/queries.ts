/** What the tariff screen loads. */
import { queryOptions } from "@tanstack/react-query";
import { api, data, withEtag, type Schema } from "#shared/api/client";
import type { Document } from "#shared/tariff/model";

export type Version = Omit<Schema["VersionOut"], "tariff"> & { tariff: Document };
export type Tariff = Schema["TariffOut"];
export type Week = Schema["WeekOut"];
export type Posted = Schema["PostedOut"];
export type Assignment = Schema["AssignmentOut"];
export type Applied = Schema["AppliedOut"];

export const tariffQuery = (tariff: string) =>
  queryOptions({
    queryKey: ["tariffs", tariff],
    queryFn: () => withEtag(api.GET("/api/v1/tariffs/{tariff}", { params: { path: { tariff } } })),
  });

export const versionsQuery = (tariff: string) =>
  queryOptions({
    queryKey: ["tariffs", tariff, "versions"],
    queryFn: () => data(api.GET("/api/v1/tariffs/{tariff}/versions", { params: { path: { tariff } } })) as unknown as Promise<Version[]>,
  });

export const assignmentsQuery = (tariff: string) =>
  queryOptions({
    queryKey: ["tariffs", tariff, "assignments"],
    queryFn: () => data(api.GET("/api/v1/tariff-assignments", { params: { query: { tariff, limit: 500 } } })).then((page) => page.items),
  });

export const locationsQuery = queryOptions({
  queryKey: ["locations", "choice"],
  queryFn: () => data(api.GET("/api/v1/locations", { params: { query: { limit: 500 } } })).then((page) => page.items),
  staleTime: 60_000,
});

export const evsesQuery = (location: string) =>
  queryOptions({
    queryKey: ["stations", "evses", location],
    queryFn: () => data(api.GET("/api/v1/evses", { params: { query: { location, limit: 500 } } })).then((page) => page.items),
    enabled: location !== "",
    staleTime: 60_000,
  });

export const appliedQuery = (location: string, evse: string, at: string) =>
  queryOptions({
    queryKey: ["tariffs", "applied", location, evse, at],
    queryFn: () => data(api.GET("/api/v1/tariff-assignments/applied", { params: { query: { ...(location ? { location } : {}), ...(evse ? { evse } : {}), ...(at ? { at } : {}) } } })),
  });
