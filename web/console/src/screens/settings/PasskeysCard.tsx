import { Modal } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "#shared/api/client";
import { createPasskey, hasPasskeys } from "#shared/api/passkey";
import { Button } from "#shared/button/Button";
import { useCommands } from "#shared/command/CommandsProvider";
import { useFormat } from "#shared/format/useFormat";
import { TextField } from "#shared/form/fields";
import { useText } from "#shared/i18n/i18n";
import { Card, Tag } from "#shared/page/Page";
import { QueryState } from "#shared/page/States";
import { browserName, secondFactorQuery, type Passkey } from "./rows";
import { CodesDialog } from "./SecondFactorCard";
import { text } from "./text";
import { useSecure, useTell } from "./useSecure";
import classes from "./settings.module.css";

/** Passkeys: add several with names, rename, remove. */
export function PasskeysCard() {
  const t = useText(text);
  const client = useQueryClient();
  const tell = useTell();
  const { run, dialog } = useSecure();
  const query = useQuery(secondFactorQuery);
  const [naming, setNaming] = useState<Passkey | "new" | null>(null);
  const [codes, setCodes] = useState<string[]>([]);
  const load = () => client.invalidateQueries({ queryKey: secondFactorQuery.queryKey });
  const add = useMutation({
    mutationFn: async (name: string) => {
      const asked = await run(() => data(api.POST("/api/v1/me/passkeys/options")));
      const credential = await createPasskey(asked.options);
      return data(api.POST("/api/v1/me/passkeys", { body: { challenge: asked.challenge, name, credential } }));
    },
    onSuccess: async (made) => {
      setCodes(made.recovery_codes);
      await load();
    },
    onError: tell,
  });
  const rename = useMutation({
    mutationFn: ({ id, name }: { id: string; name: string }) => api.PATCH("/api/v1/me/passkeys/{passkey_id}", { params: { path: { passkey_id: id } }, body: { name } }),
    onSuccess: load,
    onError: tell,
  });
  const named = (name: string) => {
    const one = naming;
    setNaming(null);
    if (one === "new") add.mutate(name);
    else if (one) rename.mutate({ id: one.id, name });
  };
  return (
    <Card title={t("passkeys")} actions={hasPasskeys() ? <Button size="sm" icon="plus" busy={add.isPending} onClick={() => setNaming("new")}>{t("addPasskey")}</Button> : null}>
      <p className={classes["quiet"]}>{hasPasskeys() ? t("passkeysHelp") : t("noPasskeysHere")}</p>
      <QueryState query={query} what={t("passkeys")}>
        {(state) => (
          <ul className={classes["list"]}>
            {state.passkeys.map((one) => <Line key={one.id} passkey={one} onRename={() => setNaming(one)} run={run} />)}
          </ul>
        )}
      </QueryState>
      {naming ? <NameDialog usual={naming === "new" ? browserName(navigator.userAgent) : naming.name} verb={naming === "new" ? t("add") : t("rename")} onClose={() => setNaming(null)} onName={named} /> : null}
      <CodesDialog codes={codes} onClose={() => setCodes([])} />
      {dialog}
    </Card>
  );
}

function Line({ passkey, onRename, run }: { passkey: Passkey; onRename: () => void; run: ReturnType<typeof useSecure>["run"] }) {
  const t = useText(text);
  const f = useFormat();
  const client = useQueryClient();
  const tell = useTell();
  const { ask } = useCommands();
  const remove = useMutation({
    mutationFn: () => run(() => api.DELETE("/api/v1/me/passkeys/{passkey_id}", { params: { path: { passkey_id: passkey.id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: secondFactorQuery.queryKey }),
    onError: tell,
  });
  const press = async () => {
    if (await ask({ title: t("removeTitle", { name: passkey.name }), consequences: [{ text: t("removeEffect"), harms: true }], verb: t("removeVerb"), harms: true })) remove.mutate();
  };
  const used = passkey.last_used_at ? t("usedLast", { time: f.time(passkey.last_used_at, "dateTime") }) : t("usedNever");
  return (
    <li>
      <span>
        {passkey.name} {passkey.backed_up ? <Tag>{t("synced")}</Tag> : null}
        <small>{t("added", { time: f.time(passkey.created_at, "date") })}, {used}</small>
      </span>
      <Button size="sm" onClick={onRename}>{t("rename")}</Button>
      <Button size="sm" busy={remove.isPending} onClick={() => void press()}>{t("remove")}</Button>
    </li>
  );
}

function NameDialog({ usual, verb, onClose, onName }: { usual: string; verb: string; onClose: () => void; onName: (name: string) => void }) {
  const t = useText(text);
  const [name, setName] = useState(usual);
  return (
    <Modal opened onClose={onClose} title={t("passkeys")} closeButtonProps={{ "aria-label": t("close") }}>
      <form
        className={classes["form"]}
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim()) onName(name.trim());
        }}
      >
        <TextField label={t("passkeyName")} help={t("passkeyNameHelp")} value={name} onChange={setName} autoFocus maxLength={80} />
        <footer>
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button type="submit" kind="primary" disabled={name.trim() === ""}>{verb}</Button>
        </footer>
      </form>
    </Modal>
  );
}
