/**
 * Stations or locations on a flat map, clusters as rings of shares. Loads MapLibre when it is shown.
 *
 *     <StationMap points={points} onOpen={(point) => …} onList={(points) => …} />
 *
 * A click on a cluster zooms in, Enter on it opens the list; a single point opens. Points without a place stay out;
 * say how many beside the map.
 */
import { lazy, Suspense } from "react";
import { Lines } from "#shared/page/States";
import type { MapPoint } from "./clusters";

export type { MapPoint } from "./clusters";

export interface StationMapProps {
  points: readonly MapPoint[];
  onOpen: (point: MapPoint) => void;
  /** The points of a cluster, as a list. */
  onList?: (points: readonly MapPoint[]) => void;
  /** In px; fills its container if left out. */
  height?: number;
}

const Canvas = lazy(() => import("./MapCanvas").then((module) => ({ default: module.MapCanvas })));

export function StationMap(props: StationMapProps) {
  return (
    <Suspense fallback={<Lines count={6} />}>
      <Canvas {...props} />
    </Suspense>
  );
}
