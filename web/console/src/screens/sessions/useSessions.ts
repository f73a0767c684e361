import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useLive, useLiveRefetch } from "#console/live/Live";
import { patchRow } from "#console/live/patch";
import type { TableAddress } from "#shared/table/state";
import { applyEvent, facetsQuery, rowQuery, rowsQuery, showsNew, type SessionTable } from "./rows";

const NOBODY: ReadonlySet<string> = new Set();

/** The table's page, kept up to date by the live stream. Rows stay where they are; new ones wait to be asked for. */
export function useSessions(address: TableAddress, zone: string) {
  const options = rowsQuery(address, zone);
  const query = useQuery(options);
  const [begun, setBegun] = useState<ReadonlySet<string>>(NOBODY);
  useLive(["session.updated", "session.state_changed", "session.ended"], (event, client) => {
    client.setQueryData(options.queryKey, (page: SessionTable | undefined) =>
      patchRow<SessionTable>(page, (row) => row.id === event.data["session_id"], (row) => applyEvent(row, event)),
    );
  });
  // The receipt's figures come with the record; the event has those of the running session.
  useLive(["session.settled"], (event, client) => {
    void client.fetchQuery({ ...rowQuery(event.subject_id), staleTime: 0 }).then((settled) => {
      client.setQueryData(options.queryKey, (page: SessionTable | undefined) =>
        patchRow<SessionTable>(page, (row) => row.id === settled.id, () => settled),
      );
    }, () => undefined);
  });
  useLive(["session.started"], (event) => {
    if (showsNew(address)) setBegun((old) => new Set([...old, event.subject_id]));
  });
  useLiveRefetch(["session.started", "session.state_changed", "session.ended"], facetsQuery.queryKey);
  const present = new Set(query.data?.items.map((row) => row.id));
  return {
    query,
    /** Sessions that began since the page was loaded and would be on it. */
    fresh: [...begun].filter((id) => !present.has(id)).length,
    showFresh: () => {
      setBegun(NOBODY);
      void query.refetch();
    },
  };
}
