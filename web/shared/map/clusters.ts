/** Grouping points of a map so that their marks do not overlap. Pure. */
import { STATES, type ConnectorState } from "#shared/state/vocabulary";

export interface MapPoint {
  id: string;
  name: string;
  longitude: number;
  latitude: number;
  /** State of each connector there (or of the station). */
  states: readonly (ConnectorState | "unknown")[];
}

export interface Cluster {
  key: string;
  longitude: number;
  latitude: number;
  points: MapPoint[];
  shares: Shares;
  /** Worst state of trouble in it, for the mark on its shoulder. */
  worst: ConnectorState | null;
}

/** How many connectors are free, in use, paused or troubled, and how many there are. */
export interface Shares {
  available: number;
  use: number;
  paused: number;
  trouble: number;
  offline: number;
  other: number;
  total: number;
}

const TILE = 512;
/** Marks nearer than this many pixels become one. */
const NEAR_PX = 48;

/** Where a point lies on the world at that zoom, in pixels (Web Mercator). */
export function project(longitude: number, latitude: number, zoom: number): [number, number] {
  const size = TILE * 2 ** zoom;
  const sine = Math.sin((Math.max(-85, Math.min(85, latitude)) * Math.PI) / 180);
  return [((longitude + 180) / 360) * size, (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * size];
}

/** Groups points, largest first, at a zoom. The same points and zoom give the same groups. */
export function clusterPoints(points: readonly MapPoint[], zoom: number): Cluster[] {
  const left = points.map((point) => ({ point, at: project(point.longitude, point.latitude, zoom), taken: false }));
  left.sort((a, b) => b.point.states.length - a.point.states.length || a.point.id.localeCompare(b.point.id));
  const clusters: Cluster[] = [];
  for (const seed of left) {
    if (seed.taken) continue;
    const near = left.filter((one) => !one.taken && Math.hypot(one.at[0] - seed.at[0], one.at[1] - seed.at[1]) < NEAR_PX);
    near.forEach((one) => (one.taken = true));
    const members = near.map((one) => one.point);
    const states = members.flatMap((point) => point.states);
    clusters.push({
      key: seed.point.id,
      longitude: mean(members.map((point) => point.longitude)),
      latitude: mean(members.map((point) => point.latitude)),
      points: members,
      shares: sharesOf(states),
      worst: STATES.slice(0, 3).find((state) => states.includes(state)) ?? null,
    });
  }
  return clusters;
}

/** Counts states by what the ring shows. */
export function sharesOf(states: readonly (ConnectorState | "unknown")[]): Shares {
  const shares: Shares = { available: 0, use: 0, paused: 0, trouble: 0, offline: 0, other: 0, total: states.length };
  for (const state of states) {
    if (state === "available") shares.available += 1;
    else if (state === "charging" || state === "preparing" || state === "occupied" || state === "finishing" || state === "reserved") shares.use += 1;
    else if (state === "suspended_car" || state === "suspended_station") shares.paused += 1;
    else if (state === "faulted") shares.trouble += 1;
    else if (state === "offline") shares.offline += 1;
    else shares.other += 1;
  }
  return shares;
}

/** The box around all points, a little wider: [west, south, east, north]; null without points. */
export function boundsOf(points: readonly MapPoint[]): [number, number, number, number] | null {
  if (points.length === 0) return null;
  const longitudes = points.map((point) => point.longitude);
  const latitudes = points.map((point) => point.latitude);
  return [Math.min(...longitudes), Math.min(...latitudes), Math.max(...longitudes), Math.max(...latitudes)];
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
