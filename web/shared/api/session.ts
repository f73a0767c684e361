import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, useContext } from "react";
import { api, ApiError, data, type Schema } from "./client";

export type Me = Schema["MeOut"];

/** Who is signed in; null: nobody. */
export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: async (): Promise<Me | null> => {
    try {
      return await data(api.GET("/api/v1/me"));
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 5 * 60_000,
  retry: (count, error) => count < 2 && !(error instanceof ApiError && error.status > 0),
});

export function useSession() {
  return useQuery(meQuery);
}

export const MeContext = createContext<Me | null>(null);

/** The caller; only below the shell, where somebody is signed in. */
export function useMe(): Me {
  const me = useContext(MeContext);
  if (me === null) throw new Error("useMe() is for what the shell shows, where somebody is signed in");
  return me;
}

/** Whether the caller holds a permission: `const may = useMay(); may("stations:command")`. */
export function useMay(): (permission: string) => boolean {
  const { permissions } = useMe();
  return (permission) => permissions.includes(permission);
}

/** Ends the session and forgets what was loaded. */
export function useSignOut(): () => Promise<void> {
  const client = useQueryClient();
  return async () => {
    await api.POST("/api/v1/sign-out").catch(() => undefined);
    client.setQueryData(meQuery.queryKey, null);
    client.removeQueries({ predicate: (query) => query.queryKey[0] !== meQuery.queryKey[0] });
  };
}
