/** The base map: flat land and sea from Natural Earth (world-atlas), without any request to a third party. */
import type { Feature, FeatureCollection, MultiPolygon, Polygon, Position } from "geojson";
import { Map as MapLibre, setWorkerUrl, type StyleSpecification } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import { feature } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";
import worldUrl from "world-atlas/countries-50m.json?url";
import { token } from "#shared/theme/tokens";
import "maplibre-gl/dist/maplibre-gl.css";

setWorkerUrl(workerUrl);

type Countries = FeatureCollection<Polygon | MultiPolygon>;
let countries: Promise<Countries> | null = null;

/** All countries, loaded once. */
function loadCountries(): Promise<Countries> {
  countries ??= fetch(worldUrl)
    .then((response) => response.json() as Promise<Topology<{ countries: GeometryCollection }>>)
    .then((world) => feature(world, world.objects.countries) as Countries);
  return countries;
}

/** A map without labels in our colours. */
export function makeMap(container: HTMLElement, centre: [number, number], zoom: number): MapLibre {
  const map = new MapLibre({
    container,
    style: style(),
    center: centre,
    zoom,
    minZoom: 1,
    maxZoom: 14,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    fadeDuration: 0,
  });
  // What can be done stands on buttons over it; the picture itself takes no focus.
  map.getCanvas().tabIndex = -1;
  return map;
}

function style(): StyleSpecification {
  return {
    version: 8,
    sources: {
      land: { type: "geojson", data: { type: "FeatureCollection", features: [] } },
      own: { type: "geojson", data: { type: "FeatureCollection", features: [] } },
    },
    layers: [
      { id: "sea", type: "background", paint: { "background-color": token("sea") } },
      { id: "land", type: "fill", source: "land", paint: { "fill-color": token("land"), "fill-antialias": false } },
      { id: "own", type: "fill", source: "own", paint: { "fill-color": token("land-own"), "fill-antialias": false } },
      { id: "coast", type: "line", source: "land", paint: { "line-color": token("coast"), "line-width": 0.8 } },
    ],
  };
}

/** Puts the countries in; those with a point of ours are lighter. */
export async function drawCountries(map: MapLibre, points: readonly (readonly [number, number])[]): Promise<void> {
  const world = await loadCountries();
  const own = world.features.filter((country) => points.some((point) => contains(country, point)));
  const put = (id: string, data: FeatureCollection) => {
    const source = map.getSource(id);
    if (source && "setData" in source) (source as unknown as { setData: (data: FeatureCollection) => void }).setData(data);
  };
  put("land", world);
  put("own", { type: "FeatureCollection", features: own });
}

/** Takes the colours of the theme anew. */
export function recolour(map: MapLibre): void {
  map.setPaintProperty("sea", "background-color", token("sea"));
  map.setPaintProperty("land", "fill-color", token("land"));
  map.setPaintProperty("own", "fill-color", token("land-own"));
  map.setPaintProperty("coast", "line-color", token("coast"));
}

function contains(country: Feature<Polygon | MultiPolygon>, [x, y]: readonly [number, number]): boolean {
  const polygons = country.geometry.type === "Polygon" ? [country.geometry.coordinates] : country.geometry.coordinates;
  return polygons.some((rings) => inRing(rings[0] ?? [], x, y) && !rings.slice(1).some((hole) => inRing(hole, x, y)));
}

function inRing(ring: readonly Position[], x: number, y: number): boolean {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [ax = 0, ay = 0] = ring[i] ?? [];
    const [bx = 0, by = 0] = ring[j] ?? [];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}
