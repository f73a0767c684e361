/**
 * What a viewer likes, kept on the server so that it follows the person to another browser; a copy in this browser
 * shows it at once.
 *
 *     const [density, setDensity] = usePreference<Density>("density", "default");
 */
import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { api, data } from "./client";
import { useMe } from "./session";

type Preferences = Record<string, unknown>;

const placeOf = (owner: string) => `forecourt.preferences/${owner}`;

/** All preferences of the caller; `owner` keeps those of two people on one machine apart. */
export const preferencesQuery = (owner: string) =>
  queryOptions({
    queryKey: ["preferences", owner],
    queryFn: async (): Promise<Preferences> => {
      const { preferences } = await data(api.GET("/api/v1/me/preferences"));
      keep(owner, preferences);
      return preferences;
    },
    initialData: () => kept(owner),
    initialDataUpdatedAt: 0,
    staleTime: 5 * 60_000,
  });

/** One preference, and how to change it; the change shows at once and is saved in the background. */
export function usePreference<T>(key: string, usual: T): [T, (next: T) => void] {
  const me = useMe();
  const client = useQueryClient();
  const owner = me.id ?? "";
  const { data: all } = useQuery(preferencesQuery(owner));
  const change = useCallback(
    (next: T) => {
      const { queryKey } = preferencesQuery(owner);
      void client.cancelQueries({ queryKey });
      client.setQueryData(queryKey, (old: Preferences | undefined) => {
        const merged = { ...old, [key]: next };
        keep(owner, merged);
        return merged;
      });
      // What could not be saved now holds in this browser; the next change of it tries again.
      void api.PATCH("/api/v1/me/preferences", { body: { preferences: { [key]: next } } }).catch(() => undefined);
    },
    [client, owner, key],
  );
  return [(all?.[key] as T | undefined) ?? usual, change];
}

function kept(owner: string): Preferences | undefined {
  try {
    const text = localStorage.getItem(placeOf(owner));
    return text === null ? undefined : (JSON.parse(text) as Preferences);
  } catch {
    return undefined;
  }
}

function keep(owner: string, preferences: Preferences): void {
  localStorage.setItem(placeOf(owner), JSON.stringify(preferences));
}
