/** One command to many stations: sends a few at a time and keeps each station's outcome. */
import { useQueries, useQueryClient } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { useLive } from "#console/live/Live";
import { api, ApiError, data, newKey } from "#shared/api/client";
import { isOpen, type CommandOut } from "#shared/command/outcome";
import { sendCommand, type CommandKind } from "#shared/command/useCommand";
import type { StationRow } from "./rows";

/** How many are sent at once. */
const AT_ONCE = 6;
const POLL_MS = 3_000;

export interface BulkOrder {
  title: string;
  kind: CommandKind;
  params: Record<string, unknown>;
  /** For the audit trail. */
  reason?: string;
}

export interface BulkOutcome {
  station: StationRow;
  /** null: not sent yet. */
  command: CommandOut | null;
  error: ApiError | null;
}

interface Sent {
  id: string | null;
  error: ApiError | null;
}

export interface BulkRun {
  order: BulkOrder | null;
  outcomes: BulkOutcome[];
  running: boolean;
  start: (order: BulkOrder, stations: readonly StationRow[]) => Promise<void>;
  close: () => void;
}

export function useBulk(): BulkRun {
  const client = useQueryClient();
  const [order, setOrder] = useState<BulkOrder | null>(null);
  const [stations, setStations] = useState<readonly StationRow[]>([]);
  const [sent, setSent] = useState<ReadonlyMap<string, Sent>>(new Map());

  const start = useCallback(
    async (next: BulkOrder, chosen: readonly StationRow[]) => {
      setOrder(next);
      setStations(chosen);
      setSent(new Map());
      // Keys of their own: a request that is repeated on the way never sends a command twice.
      const waiting = chosen.map((station) => ({ station, key: newKey() }));
      const one = async () => {
        for (let job = waiting.shift(); job; job = waiting.shift()) {
          const { station, key } = job;
          let result: Sent;
          try {
            const command = await sendCommand(station.id, next.kind, next.params, { key, because: next.reason || undefined });
            client.setQueryData(["commands", "one", command.id], command);
            result = { id: command.id, error: null };
          } catch (error) {
            if (!(error instanceof ApiError)) throw error;
            result = { id: null, error };
          }
          setSent((old) => new Map(old).set(station.id, result));
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, one));
    },
    [client],
  );

  useLive(["command.*"], (event) => void client.invalidateQueries({ queryKey: ["commands", "one", event.subject_id] }));
  const ids = stations.flatMap((station) => sent.get(station.id)?.id ?? []);
  const commands = useQueries({
    queries: ids.map((id) => ({
      queryKey: ["commands", "one", id],
      queryFn: () => data(api.GET("/api/v1/commands/{command}", { params: { path: { command: id } } })),
      staleTime: POLL_MS,
      refetchInterval: (query: { state: { data: CommandOut | undefined } }) => (query.state.data && !isOpen(query.state.data) ? false : POLL_MS),
    })),
  });
  const byId = new Map(commands.flatMap((query) => (query.data ? [[query.data.id, query.data] as const] : [])));
  const outcomes = stations.map((station) => {
    const result = sent.get(station.id);
    return { station, command: result?.id ? (byId.get(result.id) ?? null) : null, error: result?.error ?? null };
  });
  return {
    order,
    outcomes,
    running: stations.length > sent.size,
    start,
    close: useCallback(() => setOrder(null), []),
  };
}

/** Groups outcomes for the tags above them. */
export function tally(outcomes: readonly BulkOutcome[]): { effective: number; accepted: number; waiting: number; failed: BulkOutcome[] } {
  const status = (outcome: BulkOutcome) => (outcome.error ? "refused" : (outcome.command?.status ?? "pending"));
  const count = (...of: string[]) => outcomes.filter((outcome) => of.includes(status(outcome))).length;
  return {
    effective: count("effective"),
    accepted: count("accepted"),
    waiting: count("pending", "sent"),
    failed: outcomes.filter((outcome) => !["effective", "accepted", "pending", "sent"].includes(status(outcome))),
  };
}
