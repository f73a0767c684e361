/**
 * Where a location is: latitude and longitude as fields, and a map to click on. Values are text, as the API takes them.
 *
 *     <LocationPicker value={{ latitude: "52.52", longitude: "13.40" }} onChange={setPlace} />
 */
import { lazy, Suspense } from "react";
import { Fields, NumberField, readDecimal } from "#shared/form/fields";
import { defineText, useText } from "#shared/i18n/i18n";
import { Lines } from "#shared/page/States";

export interface Place {
  latitude: string;
  longitude: string;
}

const text = defineText({ latitude: "Latitude", longitude: "Longitude" }, { latitude: "Breite", longitude: "Länge" });
const Canvas = lazy(() => import("./PickerCanvas").then((module) => ({ default: module.PickerCanvas })));

export function LocationPicker({ value, onChange, errors = {}, height = 240 }: { value: Place; onChange: (value: Place) => void; errors?: Partial<Record<keyof Place, string>>; height?: number }) {
  const t = useText(text);
  const latitude = Number(readDecimal(value.latitude) ?? NaN);
  const longitude = Number(readDecimal(value.longitude) ?? NaN);
  const known = Number.isFinite(latitude) && Number.isFinite(longitude) && Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;
  return (
    <div>
      <Suspense fallback={<Lines count={4} />}>
        <Canvas height={height} place={known ? [longitude, latitude] : null} onPick={([lon, lat]) => onChange({ latitude: lat.toFixed(6), longitude: lon.toFixed(6) })} />
      </Suspense>
      <div style={{ height: 10 }} />
      <Fields columns={2}>
        <NumberField label={t("latitude")} unit="°" value={value.latitude} error={errors.latitude} onChange={(latitudeText) => onChange({ ...value, latitude: latitudeText })} />
        <NumberField label={t("longitude")} unit="°" value={value.longitude} error={errors.longitude} onChange={(longitudeText) => onChange({ ...value, longitude: longitudeText })} />
      </Fields>
    </div>
  );
}
