import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useLiveRefetch } from "#console/live/Live";
import { api, csvUrl, data } from "#shared/api/client";
import { useMay } from "#shared/api/session";
import { Button } from "#shared/button/Button";
import { useCommands } from "#shared/command/CommandsProvider";
import { Time, useNow } from "#shared/format/Time";
import { useText } from "#shared/i18n/i18n";
import { Tag } from "#shared/page/Page";
import { Empty } from "#shared/page/States";
import type { Column } from "#shared/table/columns";
import { DataTable } from "#shared/table/DataTable";
import { useTableState } from "#shared/table/useTableState";
import { useRefusal } from "./bits";
import { InviteDialog } from "./InviteDialog";
import { invitationsQuery, PAGE_SIZE, type Invitation } from "./rows";
import { text } from "./text";
import classes from "./people.module.css";

/** Who was asked in and has not answered yet. */
export function InvitationsTab() {
  const t = useText(text);
  const may = useMay();
  const [inviting, setInviting] = useState(false);
  const state = useTableState({ filters: [], defaultSort: "-created_at" });
  const query = useQuery(invitationsQuery(state.address));
  useLiveRefetch(["invitation.*", "user.created"], ["invitations"]);
  const write = may("users:write");
  const columns = useMemo<Column<Invitation>[]>(
    () => [
      { id: "email", header: t("email"), sort: "email", names: true, phone: "title", cell: (row) => row.email },
      { id: "role", header: t("role"), width: 170, phone: "sub", cell: (row) => t(`role_${row.role}`) },
      { id: "by", header: t("by"), cell: (row) => row.invited_by },
      { id: "sent", header: t("sent"), width: 140, cell: (row) => <Time at={row.sent_at} style="dateTime" /> },
      { id: "expires", header: t("expires"), width: 140, phone: "subside", cell: (row) => <Ends row={row} /> },
      ...(write ? [{ id: "do", header: "", width: 220, align: "right" as const, phone: "side" as const, cell: (row: Invitation) => <Actions row={row} /> }] : []),
    ],
    [t, write],
  );
  const button = write ? <Button size="sm" kind="primary" icon="plus" onClick={() => setInviting(true)}>{t("invite")}</Button> : null;
  return (
    <>
      <DataTable
        name="invitations"
        what={t("invitations")}
        state={state}
        query={query}
        columns={columns}
        rowId={(row) => row.id}
        rowName={(row) => row.email}
        csv={csvUrl("/api/v1/invitations", {})}
        pageSize={PAGE_SIZE}
        tools={button}
        {...(write ? { onNew: () => setInviting(true) } : {})}
        empty={<Empty icon="users" title={t("noInvitations")} actions={button}>{t("noInvitationsHelp")}</Empty>}
      />
      {inviting ? <InviteDialog onClose={() => setInviting(false)} /> : null}
    </>
  );
}

function Ends({ row }: { row: Invitation }) {
  const t = useText(text);
  const now = useNow();
  return new Date(row.expires_at).getTime() <= now ? <Tag tone="warn">{t("expired")}</Tag> : <Time at={row.expires_at} style="dateTime" />;
}

function Actions({ row }: { row: Invitation }) {
  const t = useText(text);
  const client = useQueryClient();
  const { ask, say } = useCommands();
  const { tell } = useRefusal();
  const path = { invitation_id: row.id };
  const done = () => client.invalidateQueries({ queryKey: ["invitations"] });
  const resend = useMutation({
    mutationFn: () => data(api.POST("/api/v1/invitations/{invitation_id}/resend", { params: { path } })),
    onSuccess: async (sent) => {
      await done();
      say(t("resent"), sent.link ?? row.email);
    },
    onError: tell,
  });
  const revoke = useMutation({ mutationFn: () => api.DELETE("/api/v1/invitations/{invitation_id}", { params: { path } }), onSuccess: done, onError: tell });
  const askRevoke = async () => {
    const answer = await ask({ title: t("revokeTitle", { email: row.email }), consequences: [{ text: t("revokeEffect"), harms: true }], verb: t("revokeVerb"), harms: true });
    if (answer) revoke.mutate();
  };
  return (
    <span className={classes["actions"]}>
      <Button size="sm" busy={resend.isPending} onClick={() => resend.mutate()}>{t("resend")}</Button>
      <Button size="sm" busy={revoke.isPending} onClick={() => void askRevoke()}>{t("revoke")}</Button>
    </span>
  );
}
