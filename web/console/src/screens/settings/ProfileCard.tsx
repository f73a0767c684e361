import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useScheme, type Scheme } from "#console/frame/scheme";
import { api } from "#shared/api/client";
import { usePreference } from "#shared/api/preferences";
import { meQuery, useMe } from "#shared/api/session";
import { Button } from "#shared/button/Button";
import { Segments } from "#shared/button/Segments";
import { useCommands } from "#shared/command/CommandsProvider";
import { SelectField, TextField } from "#shared/form/fields";
import { useLanguage, useText, type Language } from "#shared/i18n/i18n";
import { Card } from "#shared/page/Page";
import { useDensity, type Density } from "#shared/table/density";
import { text } from "./text";
import { useTell } from "./useSecure";
import { ZONES } from "./zones";
import classes from "./settings.module.css";

/** Name, language, time zone; and how the console looks. */
export function ProfileCard() {
  const t = useText(text);
  const me = useMe();
  const client = useQueryClient();
  const { say } = useCommands();
  const tell = useTell();
  const { setLanguage } = useLanguage();
  const [draft, setDraft] = useState({ name: me.name, language: me.language ?? "", zone: me.time_zone ?? "" });
  const save = useMutation({
    mutationFn: () => api.PATCH("/api/v1/me", { body: { name: draft.name.trim(), language: (draft.language || null) as Language | null, time_zone: draft.zone || null } }),
    onSuccess: async () => {
      if (draft.language) setLanguage(draft.language as Language);
      await client.invalidateQueries({ queryKey: meQuery.queryKey });
      say(t("saved"));
    },
    onError: tell,
  });
  const changed = draft.name !== me.name || draft.language !== (me.language ?? "") || draft.zone !== (me.time_zone ?? "");
  return (
    <>
      <Card title={t("profile")}>
        <form
          className={classes["form"]}
          onSubmit={(event) => {
            event.preventDefault();
            save.mutate();
          }}
        >
          <TextField label={t("name")} autoComplete="name" value={draft.name} onChange={(name) => setDraft({ ...draft, name })} maxLength={200} />
          <TextField label={t("email")} help={t("emailHelp")} value={me.email ?? ""} onChange={() => undefined} disabled />
          <SelectField
            label={t("language")}
            help={t("languageHelp")}
            value={draft.language}
            onChange={(language) => setDraft({ ...draft, language })}
            options={[{ value: "", label: t("browserLanguage") }, { value: "en", label: "English" }, { value: "de", label: "Deutsch" }]}
          />
          <SelectField
            label={t("zone")}
            help={t("zoneHelp")}
            value={draft.zone}
            onChange={(zone) => setDraft({ ...draft, zone })}
            options={[{ value: "", label: t("browserZone", { zone: Intl.DateTimeFormat().resolvedOptions().timeZone }) }, ...ZONES.map((zone) => ({ value: zone, label: zone }))]}
          />
          <footer><Button type="submit" kind="primary" disabled={!changed || draft.name.trim() === ""} busy={save.isPending}>{t("save")}</Button></footer>
        </form>
      </Card>
      <LookCard />
    </>
  );
}

function LookCard() {
  const t = useText(text);
  const [density, setDensity] = useDensity();
  const { scheme, setScheme } = useScheme();
  const [, keepScheme] = usePreference<Scheme | null>("scheme", null);
  return (
    <Card title={t("look")} note={t("lookHelp")}>
      <div className={classes["form"]}>
        <div>
          <p className={classes["quiet"]}>{t("density")}</p>
          <Segments label={t("density")} value={density} onChange={(next) => setDensity(next as Density)} options={(["compact", "default", "relaxed"] as const).map((value) => ({ value, label: t(value) }))} />
        </div>
        <div>
          <p className={classes["quiet"]}>{t("scheme")}</p>
          <Segments
            label={t("scheme")}
            value={scheme}
            onChange={(next) => {
              setScheme(next as Scheme);
              keepScheme(next as Scheme);
            }}
            options={(["light", "dark", "auto"] as const).map((value) => ({ value, label: t(value) }))}
          />
        </div>
      </div>
    </Card>
  );
}
