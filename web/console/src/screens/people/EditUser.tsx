/** One person: role, partner, whether they may sign in, and help for a lost second factor. */
import { Modal } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, ApiError, withEtag } from "#shared/api/client";
import { useMay, useMe } from "#shared/api/session";
import { Button } from "#shared/button/Button";
import { useCommands } from "#shared/command/CommandsProvider";
import { SelectField, SwitchField, TextField } from "#shared/form/fields";
import { useText } from "#shared/i18n/i18n";
import { Note } from "#shared/page/Page";
import { QueryState } from "#shared/page/States";
import { useRefusal } from "./bits";
import { givable, partnersQuery, ROLES, rolesQuery, type Role, type User } from "./rows";
import { text } from "./text";
import classes from "./people.module.css";

export function EditUser({ id, onClose }: { id: string; onClose: () => void }) {
  const t = useText(text);
  const query = useQuery({
    queryKey: ["users", id],
    queryFn: () => withEtag(api.GET("/api/v1/users/{user_id}", { params: { path: { user_id: id } } })),
  });
  return (
    <Modal opened onClose={onClose} title={query.data ? t("edit", { name: query.data.value.name }) : t("person")} closeButtonProps={{ "aria-label": t("close") }}>
      <QueryState query={query} what={t("users")}>
        {({ value, etag }) => <Form key={etag} user={value} etag={etag} onClose={onClose} />}
      </QueryState>
    </Modal>
  );
}

function Form({ user, etag, onClose }: { user: User; etag: string | null; onClose: () => void }) {
  const t = useText(text);
  const me = useMe();
  const may = useMay();
  const client = useQueryClient();
  const { ask, say } = useCommands();
  const { words } = useRefusal();
  const roles = useQuery(rolesQuery).data;
  const partners = useQuery({ ...partnersQuery, enabled: may("partners:read") }).data?.items ?? [];
  const [draft, setDraft] = useState({ name: user.name, role: user.role, partner: user.partner_id ?? "", active: user.active });
  const can = givable(roles, me.permissions, me.role);
  const untouchable = user.role === "owner" && me.role !== "owner";
  const off = !may("users:write") || untouchable;
  const path = { user_id: user.id };
  const save = useMutation({
    mutationFn: () =>
      api.PATCH("/api/v1/users/{user_id}", {
        params: { path },
        headers: etag ? { "If-Match": etag } : {},
        body: {
          ...(draft.name === user.name ? {} : { name: draft.name }),
          ...(draft.role === user.role ? {} : { role: draft.role }),
          ...(draft.partner === (user.partner_id ?? "") ? {} : { partner_id: draft.partner || null }),
          ...(draft.active === user.active ? {} : { active: draft.active }),
        },
      }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["users"] });
      say(t("saved"), user.name);
      onClose();
    },
    onError: (error) => {
      if (error instanceof ApiError && error.status === 412) void client.invalidateQueries({ queryKey: ["users"] });
    },
  });
  const reset = useMutation({
    mutationFn: () => api.DELETE("/api/v1/users/{user_id}/second-factor", { params: { path } }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["users"] });
      say(t("resetFactorDone"), user.name);
    },
  });
  const askReset = async () => {
    const answer = await ask({
      title: t("resetFactorTitle", { name: user.name }),
      consequences: [{ text: t("resetFactorEffect", { name: user.name }), harms: true }, { text: t("resetFactorThen") }],
      verb: t("resetFactorVerb"),
      harms: true,
    });
    if (answer) reset.mutate();
  };
  const problem = words(save.error) ?? words(reset.error);
  return (
    <form
      className={classes["form"]}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      {untouchable ? <Note>{t("ownerOnly")}</Note> : off ? <Note>{t("readOnly")}</Note> : null}
      {problem ? <Note tone="bad">{problem}</Note> : null}
      <TextField label={t("name")} value={draft.name} onChange={(name) => setDraft({ ...draft, name })} disabled={off} maxLength={200} />
      <TextField label={t("email")} value={user.email} onChange={() => undefined} disabled />
      <SelectField
        label={t("role")}
        value={draft.role}
        onChange={(role) => setDraft({ ...draft, role: role as Role })}
        disabled={off}
        help={t(`does_${draft.role}`)}
        options={ROLES.map((role) => ({ value: role, label: t(`role_${role}`), disabled: !can.includes(role) && role !== user.role }))}
      />
      {partners.length > 0 ? (
        <SelectField
          label={t("partner")}
          value={draft.partner}
          onChange={(partner) => setDraft({ ...draft, partner })}
          disabled={off}
          options={[{ value: "", label: t("wholeOperator") }, ...partners.map((one) => ({ value: one.id, label: one.name }))]}
        />
      ) : null}
      <SwitchField label={t("deactivate")} help={t("deactivateHelp")} value={draft.active} onChange={(active) => setDraft({ ...draft, active })} disabled={off || user.id === me.id} />
      {off ? null : (
        <footer>
          {user.second_factor.length > 0 ? <Button busy={reset.isPending} onClick={() => void askReset()}>{t("resetFactor")}</Button> : null}
          <Button type="submit" kind="primary" busy={save.isPending} disabled={draft.name.trim() === ""}>{t("save")}</Button>
        </footer>
      )}
    </form>
  );
}
