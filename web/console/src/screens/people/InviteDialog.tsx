import { Modal } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, data, type Schema } from "#shared/api/client";
import { useMay, useMe } from "#shared/api/session";
import { Button } from "#shared/button/Button";
import { useCommands } from "#shared/command/CommandsProvider";
import { SelectField, TextField } from "#shared/form/fields";
import { useLanguage, useText } from "#shared/i18n/i18n";
import { Note } from "#shared/page/Page";
import { CopyText } from "#shared/page/States";
import { useRefusal } from "./bits";
import { givable, partnersQuery, rolesQuery, type Role } from "./rows";
import { text } from "./text";
import classes from "./people.module.css";

/** Asks somebody in by mail; without a mail server the link is shown, once. */
export function InviteDialog({ onClose }: { onClose: () => void }) {
  const t = useText(text);
  const me = useMe();
  const may = useMay();
  const client = useQueryClient();
  const { say } = useCommands();
  const { words } = useRefusal();
  const { language } = useLanguage();
  const roles = useQuery(rolesQuery).data;
  const partners = useQuery({ ...partnersQuery, enabled: may("partners:read") }).data?.items ?? [];
  const [draft, setDraft] = useState({ email: "", role: "viewer" as Role, partner: "", language: language as "en" | "de" });
  const [shown, setShown] = useState(false);
  const [link, setLink] = useState<string | null>(null);
  const bad = !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(draft.email.trim());
  const send = useMutation({
    mutationFn: () =>
      data(api.POST("/api/v1/invitations", { body: { email: draft.email.trim(), role: draft.role, partner_id: draft.partner || null, language: draft.language } })),
    onSuccess: async (made: Schema["SentInvitationOut"]) => {
      await client.invalidateQueries({ queryKey: ["invitations"] });
      if (made.link) {
        setLink(made.link);
        return;
      }
      say(t("invited"), t("invitedTo", { email: made.email }));
      onClose();
    },
  });
  const can = givable(roles, me.permissions, me.role);
  const problem = words(send.error);
  if (link) {
    return (
      <Modal opened onClose={onClose} title={t("noMailTitle")} closeButtonProps={{ "aria-label": t("close") }}>
        <div className={classes["form"]}>
          <p>{t("noMail", { email: draft.email.trim() })}</p>
          <CopyText value={link} />
          <footer><Button kind="primary" onClick={onClose}>{t("close")}</Button></footer>
        </div>
      </Modal>
    );
  }
  return (
    <Modal opened onClose={onClose} title={t("inviteTitle")} closeButtonProps={{ "aria-label": t("close") }}>
      <form
        className={classes["form"]}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setShown(true);
          if (!bad) send.mutate();
        }}
      >
        <p className={classes["quiet"]}>{t("inviteHelp")}</p>
        {problem ? <Note tone="bad">{problem}</Note> : null}
        <TextField
          label={t("email")}
          type="email"
          autoComplete="off"
          autoFocus
          value={draft.email}
          onChange={(email) => setDraft({ ...draft, email })}
          error={shown && bad ? t("badEmail") : undefined}
        />
        <SelectField
          label={t("role")}
          help={t(`does_${draft.role}`)}
          value={draft.role}
          onChange={(role) => setDraft({ ...draft, role: role as Role })}
          options={can.map((role) => ({ value: role, label: t(`role_${role}`) }))}
        />
        {partners.length > 0 ? (
          <SelectField
            label={t("partner")}
            value={draft.partner}
            onChange={(partner) => setDraft({ ...draft, partner })}
            options={[{ value: "", label: t("wholeOperator") }, ...partners.map((one) => ({ value: one.id, label: one.name }))]}
          />
        ) : null}
        <SelectField
          label={t("language")}
          value={draft.language}
          onChange={(next) => setDraft({ ...draft, language: next as "en" | "de" })}
          options={[{ value: "en", label: "English" }, { value: "de", label: "Deutsch" }]}
        />
        <footer>
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button type="submit" kind="primary" busy={send.isPending}>{t("inviteVerb")}</Button>
        </footer>
      </form>
    </Modal>
  );
}
