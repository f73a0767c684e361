/** Makes an API key with as little as it needs; its text is shown once. */
import { Modal } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "#shared/api/client";
import { useMay, useMe } from "#shared/api/session";
import { Button } from "#shared/button/Button";
import { SelectField, TextField } from "#shared/form/fields";
import { useText } from "#shared/i18n/i18n";
import { Note } from "#shared/page/Page";
import { CopyText } from "#shared/page/States";
import { useRefusal } from "./bits";
import { nounWord } from "./RolesTab";
import { givable, partnersQuery, rolesQuery } from "./rows";
import { text } from "./text";
import classes from "./people.module.css";

const VERBS = [["read", "mayRead"], ["write", "mayWrite"], ["command", "mayCommand"]] as const;

export function NewKeyDialog({ onClose }: { onClose: () => void }) {
  const t = useText(text);
  const me = useMe();
  const may = useMay();
  const client = useQueryClient();
  const { words } = useRefusal();
  // The permissions' matrix is there for those who may see people; without it the own permissions tell the areas.
  const roles = useQuery({ ...rolesQuery, enabled: may("users:read") }).data;
  const partners = useQuery({ ...partnersQuery, enabled: may("partners:read") }).data?.items ?? [];
  const [draft, setDraft] = useState({ name: "", preset: "own", partner: "", expires: "" });
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [shown, setShown] = useState(false);
  const [key, setKey] = useState<string | null>(null);
  const nouns = [...new Set(me.permissions.map((permission) => permission.split(":")[0] ?? ""))];
  const make = useMutation({
    mutationFn: () =>
      data(
        api.POST("/api/v1/api-keys", {
          body: {
            name: draft.name.trim(),
            permissions: [...chosen],
            partner_id: draft.partner || null,
            expires_at: draft.expires ? new Date(`${draft.expires}T23:59:59`).toISOString() : null,
          },
        }),
      ),
    onSuccess: async (made) => {
      setKey(made.key);
      await client.invalidateQueries({ queryKey: ["keys"] });
    },
  });
  const choose = (preset: string) => {
    setDraft({ ...draft, preset });
    if (preset !== "own") setChosen(new Set(roles?.roles[preset] ?? []));
  };
  const toggle = (permission: string) => {
    const next = new Set(chosen);
    if (!next.delete(permission)) next.add(permission);
    setChosen(next);
    setDraft({ ...draft, preset: "own" });
  };
  if (key) {
    return (
      <Modal opened onClose={onClose} size={620} title={t("keyShown")} closeOnClickOutside={false} closeButtonProps={{ "aria-label": t("close") }}>
        <div className={classes["form"]}>
          <p>{t("keyShownHelp")}</p>
          <CopyText value={key} />
          <footer><Button kind="primary" onClick={onClose}>{t("kept")}</Button></footer>
        </div>
      </Modal>
    );
  }
  const problem = words(make.error);
  const missing = { name: draft.name.trim() === "", scopes: chosen.size === 0 };
  return (
    <Modal opened onClose={onClose} size={560} title={t("keyTitle")} closeButtonProps={{ "aria-label": t("close") }}>
      <form
        className={classes["form"]}
        onSubmit={(event) => {
          event.preventDefault();
          setShown(true);
          if (!missing.name && !missing.scopes) make.mutate();
        }}
      >
        {problem ? <Note tone="bad">{problem}</Note> : null}
        <TextField label={t("keyFor")} value={draft.name} onChange={(name) => setDraft({ ...draft, name })} autoFocus maxLength={200} error={shown && missing.name ? t("missing") : undefined} />
        {roles ? (
          <SelectField
            label={t("preset")}
            value={draft.preset}
            onChange={choose}
            options={[{ value: "own", label: t("own") }, ...givable(roles, me.permissions, "owner").map((role) => ({ value: role, label: t(`role_${role}`) }))]}
          />
        ) : null}
        <div>
          <p className={classes["quiet"]}>{t("scopes")}. {t("nothingToGive")}</p>
          <div className={classes["scopes"]} role="group" aria-label={t("scopes")}>
            {nouns.map((noun) => (
              <Scopes key={noun} label={nounWord(t, noun)}>
                {VERBS.map(([verb, word]) => {
                  const permission = `${noun}:${verb}`;
                  const held = me.permissions.includes(permission);
                  return (
                    <label key={verb}>
                      <input type="checkbox" aria-label={permission} checked={chosen.has(permission)} disabled={!held} onChange={() => toggle(permission)} />
                      {t(word)}
                    </label>
                  );
                })}
              </Scopes>
            ))}
          </div>
          {shown && missing.scopes ? <p className={classes["error"]} role="alert">{t("noneChosen")}</p> : null}
        </div>
        {partners.length > 0 ? (
          <SelectField
            label={t("partner")}
            value={draft.partner}
            onChange={(partner) => setDraft({ ...draft, partner })}
            options={[{ value: "", label: t("wholeOperator") }, ...partners.map((one) => ({ value: one.id, label: one.name }))]}
          />
        ) : null}
        <TextField label={t("keyExpires")} help={t("keyExpiresHelp")} type="date" value={draft.expires} onChange={(expires) => setDraft({ ...draft, expires })} />
        <footer>
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button type="submit" kind="primary" busy={make.isPending}>{t("create")}</Button>
        </footer>
      </form>
    </Modal>
  );
}

function Scopes({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <>
      <span>{label}</span>
      {children}
    </>
  );
}
