import { useComputedColorScheme } from "@mantine/core";
import type { Map as MapLibre } from "maplibre-gl";
import { useEffect, useMemo, useRef, useState } from "react";
import { Button } from "#shared/button/Button";
import { defineText, useText } from "#shared/i18n/i18n";
import { StateMark } from "#shared/state/StateMark";
import type { ConnectorState } from "#shared/state/vocabulary";
import { drawCountries, makeMap, recolour } from "./base";
import { boundsOf, clusterPoints, type Cluster } from "./clusters";
import { Ring } from "./Ring";
import type { StationMapProps } from "./StationMap";
import classes from "./map.module.css";

const text = defineText(
  {
    map: "Map", use: "In use", paused: "Paused", in: "Zoom in", out: "Zoom out", legend: "Legend",
    cluster: "{place}: {total} connectors, {available} available, {use} in use, {trouble} in trouble", more: "{name} and {count} more",
  },
  {
    map: "Karte", use: "In Benutzung", paused: "Pausiert", in: "Vergrößern", out: "Verkleinern", legend: "Legende",
    cluster: "{place}: {total} Anschlüsse, {available} frei, {use} in Benutzung, {trouble} gestört", more: "{name} und {count} weitere",
  },
);
const LEGEND: ConnectorState[] = ["available", "charging", "suspended_station", "faulted", "offline"];

export function MapCanvas({ points, onOpen, onList, height }: StationMapProps) {
  const t = useText(text);
  const scheme = useComputedColorScheme("light");
  const place = useRef<HTMLDivElement>(null);
  const [map, setMap] = useState<MapLibre | null>(null);
  // Where the map looks now; marks are placed by it.
  const [, setView] = useState(0);
  const [zoom, setZoom] = useState(4);
  const positions = useMemo(() => points.map((point) => [point.longitude, point.latitude] as const), [points]);
  const positionKey = positions.flat().join();

  useEffect(() => {
    if (!place.current) return;
    const made = makeMap(place.current, [10, 50], 4);
    made.touchZoomRotate.disableRotation();
    made.on("move", () => setView((count) => count + 1));
    made.on("zoom", () => setZoom(Math.round(made.getZoom() * 2) / 2));
    made.on("load", () => setMap(made));
    return () => made.remove();
  }, []);

  useEffect(() => {
    if (!map) return;
    void drawCountries(map, positions);
    const box = boundsOf(points);
    if (box) map.fitBounds([[box[0], box[1]], [box[2], box[3]]], { padding: 70, maxZoom: 9, animate: false });
    // Only other places move the view, not other states.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [map, positionKey]);

  useEffect(() => {
    if (map) recolour(map);
  }, [map, scheme]);

  const clusters = useMemo(() => clusterPoints(points, zoom), [points, zoom]);
  const label = (cluster: Cluster) => {
    const first = cluster.points[0]?.name ?? "";
    const { shares } = cluster;
    return t("cluster", {
      place: cluster.points.length > 1 ? t("more", { name: first, count: cluster.points.length - 1 }) : first,
      total: shares.total, available: shares.available, use: shares.use + shares.paused, trouble: shares.trouble + shares.offline,
    });
  };
  const press = (cluster: Cluster) => {
    const only = cluster.points.length === 1 ? cluster.points[0] : undefined;
    const box = boundsOf(cluster.points);
    if (only) onOpen(only);
    else if (box && map && (box[0] !== box[2] || box[1] !== box[3]) && map.getZoom() < 13) {
      map.fitBounds([[box[0], box[1]], [box[2], box[3]]], { padding: 90, maxZoom: 14, duration: 200 });
    } else onList?.(cluster.points);
  };
  return (
    <div className={classes["map"]} style={height === undefined ? undefined : { height }} role="region" aria-label={t("map")}>
      <div ref={place} className={classes["canvas"]} aria-hidden="true" />
      {map
        ? clusters.map((cluster) => {
            const at = map.project([cluster.longitude, cluster.latitude]);
            const size = 34 + Math.min(22, Math.sqrt(cluster.shares.total) * 3);
            return (
              <button
                key={cluster.key}
                type="button"
                className={classes["mark"]}
                style={{ transform: `translate(${at.x - size / 2}px, ${at.y - size / 2}px)` }}
                onClick={(event) => (event.detail === 0 && cluster.points.length > 1 && onList ? onList(cluster.points) : press(cluster))}
              >
                <Ring cluster={cluster} size={size} />
                {cluster.points.length === 1 ? <span className={classes["name"]} aria-hidden="true">{cluster.points[0]?.name}</span> : null}
                <span className="fc-hidden">{label(cluster)}</span>
              </button>
            );
          })
        : null}
      <div className={classes["zoom"]}>
        <Button icon="plus" aria-label={t("in")} onClick={() => map?.zoomIn()} />
        <Button icon="minus" aria-label={t("out")} onClick={() => map?.zoomOut()} />
      </div>
      <div className={classes["legend"]} role="group" aria-label={t("legend")}>
        {LEGEND.map((state) => {
          const word = state === "charging" ? t("use") : state === "suspended_station" ? t("paused") : undefined;
          return <StateMark key={state} state={state} size={12} {...(word ? { word } : {})} />;
        })}
      </div>
    </div>
  );
}
