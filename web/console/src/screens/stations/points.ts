import type { MapPoint } from "#shared/map/StationMap";
import { connectorState } from "#shared/state/vocabulary";
import type { StationRow } from "./rows";

/** Stations as points of the map; those of one place lie a little apart, so that each can be reached. */
export function mapPoints(rows: readonly StationRow[]): { points: MapPoint[]; placeless: number } {
  const points: MapPoint[] = [];
  for (const row of rows) {
    if (row.latitude === null || row.longitude === null) continue;
    points.push({
      id: row.id,
      name: row.identity,
      latitude: Number(row.latitude),
      longitude: Number(row.longitude),
      states: row.connectors.length > 0 ? row.connectors.map((one) => connectorState(row.link, one)) : [row.state],
    });
  }
  return { points, placeless: rows.length - points.length };
}
