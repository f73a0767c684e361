/** What the station's screen loads, and what live events do to it. */
import { infiniteQueryOptions, queryOptions, useQuery, type QueryClient } from "@tanstack/react-query";
import type { LiveEvent } from "#console/live/events";
import { useLive, useLiveRefetch } from "#console/live/Live";
import { api, data, type Schema } from "#shared/api/client";
import { isOpen, type CommandOut } from "#shared/command/outcome";
import { connectorState } from "#shared/state/vocabulary";
import type { Window } from "./lanes";
import type { OutletState } from "./verdict";

export type Station = Schema["StationOut"];
export type Session = Schema["SessionOut"];

export const stationQuery = (station: string) =>
  queryOptions({ queryKey: ["stations", "one", station], queryFn: () => data(api.GET("/api/v1/stations/{station}", { params: { path: { station } } })) });

export const locationQuery = (location: string | null) =>
  queryOptions({
    queryKey: ["locations", location],
    queryFn: () => data(api.GET("/api/v1/locations/{location}", { params: { path: { location: location ?? "" } } })),
    enabled: location !== null,
  });

const connectorsQuery = (station: string) =>
  queryOptions({ queryKey: ["stations", station, "connectors"], queryFn: () => data(api.GET("/api/v1/connectors", { params: { query: { station, limit: 200 } } })) });

const evsesQuery = (station: string) =>
  queryOptions({ queryKey: ["stations", station, "evses"], queryFn: () => data(api.GET("/api/v1/evses", { params: { query: { station, limit: 200 } } })) });

export const openSessionsQuery = (station: string) =>
  queryOptions({ queryKey: ["sessions", "open", station], queryFn: () => data(api.GET("/api/v1/sessions", { params: { query: { station, open: true, limit: 100 } } })) });

export const sessionsQuery = (station: string) =>
  infiniteQueryOptions({
    queryKey: ["sessions", "of", station],
    queryFn: ({ pageParam }) => data(api.GET("/api/v1/sessions", { params: { query: { station, limit: 50, ...(pageParam ? { cursor: pageParam } : {}) } } })),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? null,
  });

export const commandsQuery = (station: string) =>
  infiniteQueryOptions({
    queryKey: ["commands", "of", station],
    queryFn: ({ pageParam }) => data(api.GET("/api/v1/stations/{station}/commands", { params: { path: { station }, query: { limit: 30, ...(pageParam ? { cursor: pageParam } : {}) } } })),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? null,
    // The stream is faster as a rule; this is for when it says nothing.
    refetchInterval: (query) => (query.state.data?.pages[0]?.items.some((one) => isOpen(one)) ? 3_000 : false),
  });

/** How many intervals of the history are loaded at most. */
export const HISTORY_LIMIT = 2000;
const HISTORY_PAGE = 500;

export const historyQuery = (station: string, window: Window) =>
  queryOptions({
    queryKey: ["stations", station, "history", window.from, window.until],
    queryFn: async () => {
      const found: Schema["StatusIntervalOut"][] = [];
      let cursor: string | null = null;
      do {
        const query = { from: new Date(window.from).toISOString(), to: new Date(window.until).toISOString(), limit: HISTORY_PAGE, ...(cursor ? { cursor } : {}) };
        const page: Schema["Page_StatusIntervalOut_"] = await data(api.GET("/api/v1/stations/{station}/status-history", { params: { path: { station }, query } }));
        found.push(...page.items);
        cursor = page.next_cursor ?? null;
      } while (cursor !== null && found.length < HISTORY_LIMIT);
      return { items: found, cut: cursor !== null };
    },
  });

/** One plug of the station with what happens there. */
export interface Outlet {
  id: string;
  /** "1", or "1/2" where the EVSE has several connectors. */
  name: string;
  evseId: string;
  evseUid: string;
  evseNo: number;
  connectorNo: number;
  several: boolean;
  label: string | null;
  plug: string | null;
  maxPowerW: number | null;
  status: string | null;
  statusSince: string | null;
  errorCode: string | null;
  state: OutletState["state"];
  session: Session | null;
}

/** Connectors with their EVSEs and open sessions, in the station's order. */
export function outletsOf(
  link: string,
  connectors: readonly Schema["ConnectorOut"][],
  evses: readonly Schema["EvseOut"][],
  sessions: readonly Session[],
): Outlet[] {
  const byEvse = new Map(evses.map((one) => [one.id, one]));
  const outlets = connectors.flatMap((one) => {
    const evse = byEvse.get(one.evse_id);
    if (!evse || evse.evse_no === null) return [];
    const several = connectors.filter((other) => other.evse_id === one.evse_id).length > 1;
    const here = sessions.find(
      (session) => (session.evse_id === null ? session.evse_no === evse.evse_no : session.evse_id === evse.id) && (!several || session.connector_no === null || session.connector_no === one.connector_no),
    );
    return {
      id: one.id,
      name: several ? `${evse.evse_no}/${one.connector_no}` : String(evse.evse_no),
      evseId: evse.id,
      evseUid: evse.evse_uid,
      evseNo: evse.evse_no,
      connectorNo: one.connector_no,
      several,
      label: evse.label,
      plug: one.connector_type,
      maxPowerW: one.max_power_w ?? evse.max_power_w,
      status: one.status,
      statusSince: one.status_since,
      errorCode: one.error_code,
      state: connectorState(link, { status: one.status, session_state: here?.state ?? null }),
      session: here ?? null,
    };
  });
  return outlets.sort((a, b) => a.evseNo - b.evseNo || a.connectorNo - b.connectorNo);
}

export function useOutlets(station: Station | undefined) {
  const id = station?.id ?? "";
  const enabled = station !== undefined;
  const connectors = useQuery({ ...connectorsQuery(id), enabled });
  const evses = useQuery({ ...evsesQuery(id), enabled });
  const sessions = useQuery({ ...openSessionsQuery(id), enabled });
  const loaded = connectors.data && evses.data;
  return {
    outlets: station && loaded ? outletsOf(station.link, connectors.data.items, evses.data.items, sessions.data?.items ?? []) : null,
    connectors: connectors.data?.items ?? [],
    evses: evses.data?.items ?? [],
    error: connectors.error ?? evses.error,
    retry: () => void Promise.all([connectors.refetch(), evses.refetch(), sessions.refetch()]),
  };
}

/** Keeps what is shown of the station up to date. */
export function useStationLive(station: Station | undefined, key: string): void {
  const id = station?.id ?? "";
  useLive(["session.updated"], (event, client) => {
    if (event.data["station_id"] === id) patchSession(client, id, event);
  });
  useLive(["station.*", "connector.*", "evse.*"], (event, client) => {
    const about = event.subject_id === id || event.data["station_id"] === id;
    if (!about) return;
    void client.invalidateQueries({ queryKey: stationQuery(key).queryKey });
    void client.invalidateQueries({ queryKey: ["stations", id] });
  });
  useLive(["command.*"], (event, client) => {
    if (event.data["station_id"] === id) void client.invalidateQueries({ queryKey: ["commands", "of", id] });
  });
  useLiveRefetch(["session.created", "session.started", "session.state_changed", "session.ended", "session.settled"], ["sessions", "open", id]);
  useLiveRefetch(["session.created", "session.started", "session.ended", "session.settled"], ["sessions", "of", id]);
}

type SessionPage = Schema["Page_SessionOut_"];

function patchSession(client: QueryClient, station: string, event: LiveEvent): void {
  const facts = event.data as { session_id: string; state: string; ended_at: string | null; last_at: string | null; energy_wh: string; power_w: string | null; soc_percent: string | null; cost: string | null; currency: string | null };
  const key = openSessionsQuery(station).queryKey;
  const known = client.getQueryData<SessionPage>(key)?.items.some((one) => one.id === facts.session_id);
  if (!known || facts.ended_at !== null) {
    void client.invalidateQueries({ queryKey: key });
    return;
  }
  client.setQueryData<SessionPage>(key, (page) =>
    page && {
      ...page,
      items: page.items.map((one) =>
        one.id === facts.session_id
          ? { ...one, state: facts.state, last_at: facts.last_at, energy_wh: facts.energy_wh, power_w: facts.power_w, soc_percent: facts.soc_percent, cost_after_taxes: facts.cost ?? one.cost_after_taxes, currency: facts.currency ?? one.currency }
          : one,
      ),
    },
  );
}

/** The newest command of the kind that is under way, if any. */
export function openCommand(commands: readonly CommandOut[], kind: string, fits: (params: Record<string, unknown>) => boolean): CommandOut | null {
  return commands.find((one) => one.kind === kind && isOpen(one) && fits(one.params)) ?? null;
}
