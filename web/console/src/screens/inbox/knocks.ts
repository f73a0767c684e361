import { queryOptions } from "@tanstack/react-query";
import { api, data, type Schema } from "#shared/api/client";

export type Knock = Schema["KnockOut"];
export type KnockState = "waiting" | "refused" | "blocked" | "adopted";

/** What a knocking station told of itself. */
export interface Said {
  vendor: string | null;
  model: string | null;
  serial: string | null;
  firmware: string | null;
  protocols: string[];
  hasPassword: boolean | null;
}

export function saidOf(knock: Pick<Knock, "said">): Said {
  const said = knock.said as { boot?: Record<string, unknown>; protocol?: unknown; subprotocols?: unknown; has_password?: unknown };
  const text = (name: string) => (typeof said.boot?.[name] === "string" ? said.boot[name] : null);
  const asked = Array.isArray(said.subprotocols) ? said.subprotocols.map(String) : [];
  return {
    vendor: text("vendor"),
    model: text("model"),
    serial: text("serial_number"),
    firmware: text("firmware_version"),
    protocols: (asked.length > 0 ? asked : typeof said.protocol === "string" ? [said.protocol] : []).map((one) => one.replace(/^ocpp/, "OCPP ")),
    hasPassword: typeof said.has_password === "boolean" ? said.has_password : null,
  };
}

/** How many identities the open windows have let in. */
export function letIn(window: Pick<Schema["WindowOut"], "admitted">): number {
  return Object.values(window.admitted).reduce<number>((sum, names) => sum + (Array.isArray(names) ? names.length : 0), 0);
}

export const knocksQuery = (state: KnockState) =>
  queryOptions({
    queryKey: ["inbox", "knocks", state],
    queryFn: () => data(api.GET("/api/v1/inbox/knocks", { params: { query: { state, limit: 200 } } })),
    // A knock that comes again is no new fact; its count is asked for.
    refetchInterval: 10_000,
  });

export const windowsQuery = queryOptions({ queryKey: ["inbox", "windows"], queryFn: () => data(api.GET("/api/v1/inbox/windows")), refetchInterval: 30_000 });

export const addressesQuery = queryOptions({ queryKey: ["inbox", "addresses"], queryFn: () => data(api.GET("/api/v1/inbox/addresses")), staleTime: Infinity });

export const matchesQuery = (knock: string) =>
  queryOptions({
    queryKey: ["inbox", "matches", knock],
    queryFn: () => data(api.GET("/api/v1/inbox/knocks/{knock}/matches", { params: { path: { knock } } })),
    refetchInterval: 5_000,
  });
