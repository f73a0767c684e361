/** A location to make or to change: where it is, in which zone, when it is open. The draft survives a closed tab. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, ApiError, data, type Schema } from "#shared/api/client";
import { Button } from "#shared/button/Button";
import { Fields, readDecimal, TextField } from "#shared/form/fields";
import { useDraft } from "#shared/form/useDraft";
import { useText } from "#shared/i18n/i18n";
import { LocationPicker, type Place } from "#shared/map/LocationPicker";
import { Note } from "#shared/page/Page";
import { HoursField } from "./HoursField";
import { faultOf, readHours, type Hours } from "./hours";
import { text } from "./text";
import classes from "./place.module.css";

export type Location = Schema["LocationOut"];

interface LocationFormProps {
  /** Left out for a new one. */
  location?: Location;
  etag?: string | null;
  onDone: (location: Location) => void;
  onCancel: () => void;
}

interface Draft {
  name: string;
  address: string;
  postal_code: string;
  city: string;
  country: string;
  time_zone: string;
  place: Place;
  hours: Hours | null;
}

const ZONES = new Set(Intl.supportedValuesOf("timeZone"));
const ownZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

function draftOf(location: Location | undefined): Draft {
  return {
    name: location?.name ?? "", address: location?.address ?? "", postal_code: location?.postal_code ?? "", city: location?.city ?? "", country: location?.country ?? "",
    time_zone: location?.time_zone ?? ownZone(), place: { latitude: location?.latitude ?? "", longitude: location?.longitude ?? "" }, hours: readHours(location?.opening_hours),
  };
}

export function LocationForm({ location, etag, onDone, onCancel }: LocationFormProps) {
  const t = useText(text);
  const client = useQueryClient();
  const [draft, setDraft, { forget }] = useDraft<Draft>(`location/${location?.id ?? "new"}`, draftOf(location));
  const [tried, setTried] = useState(false);
  const set = (name: keyof Draft) => (value: string) => setDraft({ ...draft, [name]: value });
  const errors = useErrors(draft);
  const shown: typeof errors = tried ? errors : {};
  const saving = useMutation({
    mutationFn: () => {
      const body = {
        name: draft.name.trim(), country: draft.country.trim().toUpperCase(), time_zone: draft.time_zone.trim(), address: draft.address.trim() || null, postal_code: draft.postal_code.trim() || null, city: draft.city.trim() || null,
        latitude: readDecimal(draft.place.latitude), longitude: readDecimal(draft.place.longitude), opening_hours: draft.hours as unknown as Record<string, never> | null,
      };
      if (!location) return data(api.POST("/api/v1/locations", { body: body as never }));
      return data(api.PATCH("/api/v1/locations/{location}", { params: { path: { location: location.id } }, body: body as never, ...(etag ? { headers: { "If-Match": etag } } : {}) }));
    },
    onSuccess: (saved) => {
      forget();
      void client.invalidateQueries({ queryKey: ["locations"] });
      onDone(saved as Location);
    },
    onError: (error) => {
      if (error instanceof ApiError && error.status === 412) void client.invalidateQueries({ queryKey: ["locations"] });
    },
  });
  const problem = saving.error instanceof ApiError ? (saving.error.status === 412 ? t("faster") : saving.error.detail) : saving.error?.message;
  return (
    <form
      className={classes["form"]}
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (Object.keys(errors).length === 0) saving.mutate();
      }}
    >
      {problem ? <Note tone="bad">{problem}</Note> : null}
      <TextField label={t("name")} value={draft.name} autoFocus={!location} maxLength={200} onChange={set("name")} error={shown.name} />
      <TextField label={t("address")} value={draft.address} maxLength={300} onChange={set("address")} />
      <Fields columns={3}>
        <TextField label={t("postalCode")} value={draft.postal_code} maxLength={20} onChange={set("postal_code")} />
        <TextField label={t("city")} value={draft.city} maxLength={100} onChange={set("city")} />
        <TextField label={t("country")} placeholder={t("countryHelp")} value={draft.country} maxLength={2} onChange={set("country")} error={shown.country} />
      </Fields>
      <TextField label={t("zone")} help={t("zoneHelp")} value={draft.time_zone} onChange={set("time_zone")} error={shown.time_zone} />
      <h3>{t("where")}</h3>
      <p className={classes["quiet"]}>{t("whereHelp")}</p>
      <LocationPicker value={draft.place} onChange={(place) => setDraft({ ...draft, place })} errors={shown.place ? { latitude: shown.place } : {}} />
      <h3>{t("hours")}</h3>
      <HoursField value={draft.hours} zone={ZONES.has(draft.time_zone) ? draft.time_zone : ownZone()} onChange={(hours) => setDraft({ ...draft, hours })} />
      <div className={classes["actions"]}>
        <Button onClick={onCancel}>{t("cancel")}</Button>
        <Button type="submit" kind="primary" busy={saving.isPending}>{t(location ? "save" : "create")}</Button>
      </div>
    </form>
  );
}

function useErrors(draft: Draft): Partial<Record<"name" | "country" | "time_zone" | "place" | "hours", string>> {
  const t = useText(text);
  const latitude = readDecimal(draft.place.latitude);
  const longitude = readDecimal(draft.place.longitude);
  const half = (draft.place.latitude.trim() === "") !== (draft.place.longitude.trim() === "");
  const typed = draft.place.latitude.trim() !== "" || draft.place.longitude.trim() !== "";
  const offEarth = typed && !half && (latitude === null || longitude === null || Math.abs(Number(latitude)) > 90 || Math.abs(Number(longitude)) > 180);
  const days = [1, 2, 3, 4, 5, 6, 7].map((weekday) => faultOf((draft.hours?.regular_hours ?? []).filter((one) => one.weekday === weekday)));
  const exceptions = [...(draft.hours?.exceptional_closings ?? []), ...(draft.hours?.exceptional_openings ?? [])];
  const fault = days.find((one) => one !== null) ?? (exceptions.some((one) => one.period_end <= one.period_begin) ? "order" : null);
  return {
    ...(draft.name.trim() === "" ? { name: t("needName") } : {}),
    ...(/^[A-Za-z]{2}$/.test(draft.country.trim()) ? {} : { country: t("needCountry") }),
    ...(ZONES.has(draft.time_zone.trim()) || draft.time_zone === "UTC" ? {} : { time_zone: t("needZone") }),
    ...(half ? { place: t("half") } : offEarth ? { place: t("range") } : {}),
    ...(fault ? { hours: t(fault) } : {}),
  };
}
