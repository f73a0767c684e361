import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, ApiError, data } from "#shared/api/client";
import { Button } from "#shared/button/Button";
import { useCommands } from "#shared/command/CommandsProvider";
import { Fields, SelectField, TextField } from "#shared/form/fields";
import { useText } from "#shared/i18n/i18n";
import { Note } from "#shared/page/Page";
import { groupsQuery, OFFLINE, TYPES, type Token } from "./api";
import { keyOf, text } from "./text";
import classes from "./tokens.module.css";

interface TokenFormProps {
  /** Left out for a new one. */
  token?: Token;
  etag?: string | null;
  onDone: (id: string) => void;
  onCancel: () => void;
}

export function TokenForm({ token, etag, onDone, onCancel }: TokenFormProps) {
  const t = useText(text);
  const client = useQueryClient();
  const { say } = useCommands();
  const groups = useQuery(groupsQuery).data?.items ?? [];
  const [draft, setDraft] = useState(() => ({
    value: token?.value ?? "", type: token?.type ?? "rfid", issuer: token?.issuer ?? "", visual_number: token?.visual_number ?? "", contract_id: token?.contract_id ?? "",
    group_id: token?.group_id ?? "", whitelist: token?.whitelist ?? "allowed", language: token?.language ?? "", valid_from: localOf(token?.valid_from), valid_until: localOf(token?.valid_until),
  }));
  const [tried, setTried] = useState(false);
  const set = (name: keyof typeof draft) => (value: string) => setDraft({ ...draft, [name]: value });
  const order = draft.valid_from && draft.valid_until && draft.valid_until <= draft.valid_from ? t("order") : undefined;
  const lacking = draft.value.trim() === "" ? t("needValue") : undefined;
  const saving = useMutation({
    mutationFn: () => {
      const common = {
        visual_number: draft.visual_number.trim() || null, contract_id: draft.contract_id.trim() || null, group_id: draft.group_id || null,
        whitelist: draft.whitelist, language: draft.language.trim() || null, valid_from: momentOf(draft.valid_from), valid_until: momentOf(draft.valid_until),
      };
      if (!token) return data(api.POST("/api/v1/tokens", { body: { value: draft.value.trim(), type: draft.type, issuer: draft.issuer.trim(), ...common } }));
      return data(api.PATCH("/api/v1/tokens/{token}", { params: { path: { token: token.id } }, body: common, ...(etag ? { headers: { "If-Match": etag } } : {}) }));
    },
    onSuccess: (saved) => {
      say(t(token ? "saved" : "made"));
      void client.invalidateQueries({ queryKey: ["tokens"] });
      onDone((saved as Token).id);
    },
    onError: (error) => {
      if (error instanceof ApiError && error.status === 412) void client.invalidateQueries({ queryKey: ["tokens"] });
    },
  });
  const problem = saving.error instanceof ApiError ? (saving.error.status === 412 ? t("faster") : saving.error.detail) : saving.error?.message;
  return (
    <form
      className={classes["stack"]}
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (!order && !lacking) saving.mutate();
      }}
    >
      {problem ? <Note tone="bad">{problem}</Note> : null}
      <TextField label={t("value")} help={t("valueHelp")} mono value={draft.value} disabled={token !== undefined} autoFocus={!token} maxLength={255} onChange={set("value")} error={tried ? lacking : undefined} />
      <Fields columns={2}>
        <SelectField label={t("type")} value={draft.type} disabled={token !== undefined} onChange={set("type")} options={TYPES.map((type) => ({ value: type, label: t(keyOf(type) ?? "unknown") }))} />
        <TextField label={t("issuer")} value={draft.issuer} disabled={token !== undefined} maxLength={100} onChange={set("issuer")} />
        <TextField label={t("number")} value={draft.visual_number} maxLength={100} onChange={set("visual_number")} />
        <TextField label={t("contract")} mono value={draft.contract_id} maxLength={100} onChange={set("contract_id")} />
        <SelectField label={t("group")} value={draft.group_id} onChange={set("group_id")} placeholder={t("noGroup")} options={groups.map((group) => ({ value: group.id, label: `${group.name} (${group.code})` }))} />
        <TextField label={t("language")} value={draft.language} maxLength={8} placeholder="de" onChange={set("language")} />
        <TextField type="datetime-local" label={t("validFrom")} value={draft.valid_from} onChange={set("valid_from")} />
        <TextField type="datetime-local" label={t("validUntil")} value={draft.valid_until} onChange={set("valid_until")} error={order} />
      </Fields>
      <SelectField label={t("whitelist")} value={draft.whitelist} onChange={set("whitelist")} options={OFFLINE.map((name) => ({ value: name, label: t(`offline_${name}`) }))} />
      <div className={classes["actions"]}>
        <Button onClick={onCancel}>{t("cancel")}</Button>
        <Button type="submit" kind="primary" busy={saving.isPending}>{t(token ? "save" : "create")}</Button>
      </div>
    </form>
  );
}

/** A moment as the field takes it, in the viewer's own time. */
function localOf(at: string | null | undefined): string {
  if (!at) return "";
  const moment = new Date(at);
  return new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function momentOf(local: string): string | null {
  return local ? new Date(local).toISOString() : null;
}
