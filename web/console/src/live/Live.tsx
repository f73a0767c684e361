/**
 * Live data for the screens.
 *
 *     useLive(["session.updated"], (event, client) => client.setQueryData(...));   patch what is shown
 *     useLiveRefetch(["command.*"], ["commands", stationId]);                      or load it again, at most once a second
 *     const { state } = useLink();                                                 "live", "connecting" or "lost"
 *
 * Query keys begin with the plural of the event's noun (`["sessions", …]`, `["stations", …]`): what is cached but not
 * shown is then marked as stale by itself when a fact of that noun comes. After a gap everything shown loads again.
 */
import { notifyManager, useQueryClient, type QueryClient, type QueryKey } from "@tanstack/react-query";
import { createContext, useCallback, useContext, useEffect, useEffectEvent, useMemo, useRef, useState, type ReactNode } from "react";
import { meQuery } from "#shared/api/session";
import { wants, type LinkStatus, type LiveEvent } from "./events";
import { follow, type Shared } from "./share";
import { staleKeys } from "./patch";

/** Events are handed on in batches, so that a busy network does not paint for each. */
const DELIVER_MS = 250;

type Listener = (event: LiveEvent) => void;

interface LiveValue {
  status: LinkStatus;
  retry: () => void;
  listen: (listener: Listener) => () => void;
}

const LiveContext = createContext<LiveValue | null>(null);

/** Holds the stream; one for the whole console, below the sign-in. */
export function LiveProvider({ operatorId, children }: { operatorId: string; children: ReactNode }) {
  const client = useQueryClient();
  const [status, setStatus] = useState<LinkStatus>(() => ({ state: "connecting", since: Date.now(), retryAt: null, lastAt: null }));
  const listeners = useRef(new Set<Listener>());
  const shared = useRef<Shared | null>(null);

  useEffect(() => {
    const touched = new Set<string>();
    let waiting: LiveEvent[] = [];
    let pause: ReturnType<typeof setTimeout> | null = null;
    const deliver = () => {
      pause = null;
      if (waiting.length === 0) return;
      const events = waiting;
      waiting = [];
      notifyManager.batch(() => events.forEach((event) => listeners.current.forEach((listener) => listener(event))));
      pause = setTimeout(deliver, DELIVER_MS);
    };
    const timer = setInterval(() => {
      for (const noun of touched) void client.invalidateQueries({ queryKey: [noun], refetchType: "none" });
      touched.clear();
    }, 1000);
    const following = follow(
      operatorId,
      (notice) => {
        if (notice.kind === "event") {
          for (const key of staleKeys(notice.event)) touched.add(key);
          waiting.push(notice.event);
          // The first is handed on at once, or with the others that came in the same piece; the next wait.
          pause ??= setTimeout(deliver, 0);
        } else if (notice.kind === "gap") {
          void client.invalidateQueries();
        } else {
          void client.invalidateQueries({ queryKey: meQuery.queryKey });
        }
      },
      setStatus,
    );
    shared.current = following;
    return () => {
      if (pause !== null) clearTimeout(pause);
      clearInterval(timer);
      following.stop();
    };
  }, [operatorId, client]);

  const listen = useCallback((listener: Listener) => {
    listeners.current.add(listener);
    return () => {
      listeners.current.delete(listener);
    };
  }, []);
  const retry = useCallback(() => shared.current?.retry(), []);
  const value = useMemo<LiveValue>(() => ({ status, retry, listen }), [status, retry, listen]);
  return <LiveContext value={value}>{children}</LiveContext>;
}

function useLiveValue(): LiveValue {
  const value = useContext(LiveContext);
  if (value === null) throw new Error("live data is there below the shell only");
  return value;
}

/** The connection's state, and `retry()` to try at once. */
export function useLink(): LinkStatus & { retry: () => void } {
  const { status, retry } = useLiveValue();
  return { ...status, retry };
}

/** Calls `handler` for events of these types (`session.updated`, `station.*`, `*`) while the component is shown. */
export function useLive(types: readonly string[], handler: (event: LiveEvent, client: QueryClient) => void): void {
  const client = useQueryClient();
  const { listen } = useLiveValue();
  const wanted = types.join();
  const handle = useEffectEvent((event: LiveEvent) => handler(event, client));
  useEffect(() => listen((event) => (wants(wanted.split(","), event.type) ? handle(event) : undefined)), [listen, wanted]);
}

/** Loads the queries under `key` again when events of these types come, at most once a second. */
export function useLiveRefetch(types: readonly string[], key: QueryKey): void {
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  useLive(types, (_event, client) => {
    timer.current ??= setTimeout(() => {
      timer.current = null;
      void client.invalidateQueries({ queryKey: key });
    }, 1000);
  });
  useEffect(
    () => () => {
      if (timer.current !== null) clearTimeout(timer.current);
    },
    [],
  );
}
