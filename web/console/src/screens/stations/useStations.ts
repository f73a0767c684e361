import { useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import { useLive, useLiveRefetch } from "#console/live/Live";
import { patchRow } from "#console/live/patch";
import type { TableAddress } from "#shared/table/state";
import { applyEvent, movedRows, rowsQuery, facetsQuery, type StationRow, type StationTable } from "./rows";

/** The table's page, kept up to date by the live stream; rows stay where they are until `resort`. */
export function useStations(address: TableAddress, map: boolean) {
  const options = rowsQuery(address, map);
  const query = useQuery(options);
  const loaded = useRef<{ at: number; rows: StationRow[] }>({ at: 0, rows: [] });
  useLive(["station.connected", "station.disconnected", "connector.status_changed", "session.updated"], (event, client) => {
    const station = event.type.startsWith("station.") ? event.subject_id : event.data["station_id"];
    client.setQueryData(options.queryKey, (page: StationTable | undefined) =>
      patchRow(page, (row) => row.id === station, (row) => applyEvent(row, event)),
    );
  });
  useLiveRefetch(["station.added", "station.adopted", "station.retired", "station.swapped", "connector.created"], ["stations"]);
  useLiveRefetch(["connector.status_changed", "station.connected", "station.disconnected"], facetsQuery.queryKey);
  // A fetch sets the order anew; patches come after it with the same rows.
  const rows = query.data?.items ?? [];
  const ids = rows.map((row) => row.id).join();
  if (query.isFetchedAfterMount && !query.isFetching && loaded.current.rows.map((row) => row.id).join() !== ids) {
    loaded.current = { at: query.dataUpdatedAt, rows };
  }
  return {
    query,
    moved: address.sort === "state" ? movedRows(loaded.current.rows, rows) : 0,
    resort: () => {
      loaded.current = { at: 0, rows: [] };
      void query.refetch();
    },
  };
}
