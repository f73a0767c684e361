import { Marker, type Map as MapLibre } from "maplibre-gl";
import { useEffect, useEffectEvent, useRef } from "react";
import { token } from "#shared/theme/tokens";
import { drawCountries, makeMap } from "./base";
import classes from "./map.module.css";

interface PickerCanvasProps {
  height: number;
  /** Longitude and latitude. */
  place: [number, number] | null;
  onPick: (place: [number, number]) => void;
}

export function PickerCanvas({ height, place, onPick }: PickerCanvasProps) {
  const container = useRef<HTMLDivElement>(null);
  const map = useRef<MapLibre | null>(null);
  const marker = useRef<Marker | null>(null);
  const pick = useEffectEvent((at: [number, number]) => onPick(at));
  const first = useRef(place);

  useEffect(() => {
    if (!container.current) return;
    const made = makeMap(container.current, first.current ?? [10, 50], first.current ? 9 : 3);
    made.on("load", () => void drawCountries(made, []));
    made.on("click", (event) => pick([event.lngLat.lng, event.lngLat.lat]));
    map.current = made;
    return () => {
      made.remove();
      map.current = null;
      marker.current = null;
    };
  }, []);

  useEffect(() => {
    if (!map.current || !place) return;
    if (!marker.current) {
      marker.current = new Marker({ color: token("accent"), draggable: true }).setLngLat(place).addTo(map.current);
      marker.current.on("dragend", () => {
        const at = marker.current?.getLngLat();
        if (at) pick([at.lng, at.lat]);
      });
    } else marker.current.setLngLat(place);
  }, [place]);

  return <div ref={container} className={classes["map"]} style={{ height }} />;
}
