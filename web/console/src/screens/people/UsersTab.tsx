import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useLiveRefetch } from "#console/live/Live";
import { csvUrl } from "#shared/api/client";
import { useMay } from "#shared/api/session";
import { Button } from "#shared/button/Button";
import { Time } from "#shared/format/Time";
import { useText } from "#shared/i18n/i18n";
import { Tag } from "#shared/page/Page";
import { Empty } from "#shared/page/States";
import type { Column } from "#shared/table/columns";
import { DataTable } from "#shared/table/DataTable";
import { useTableState } from "#shared/table/useTableState";
import { Avatar } from "./bits";
import { EditUser } from "./EditUser";
import { InviteDialog } from "./InviteDialog";
import { PAGE_SIZE, partnersQuery, usersQuery, type User } from "./rows";
import { text } from "./text";
import classes from "./people.module.css";

/** Everybody who may sign in, with role, second factor and last sign-in. */
export function UsersTab() {
  const t = useText(text);
  const may = useMay();
  const state = useTableState({ filters: ["status"], defaultSort: "name" });
  const query = useQuery(usersQuery(state.address));
  const partners = useQuery({ ...partnersQuery, enabled: may("partners:read") });
  useLiveRefetch(["user.*"], ["users"]);
  const [edited, setEdited] = useState<string | null>(null);
  const [inviting, setInviting] = useState(false);
  const names = useMemo(() => new Map(partners.data?.items.map((one) => [one.id, one.name])), [partners.data]);
  const columns = useMemo<Column<User>[]>(
    () => [
      {
        id: "person", header: t("person"), sort: "name", names: true, phone: "title",
        cell: (row) => (
          <button type="button" className={classes["link"]} onClick={() => setEdited(row.id)}>
            <Avatar name={row.name} /> <span>{row.name}</span>
          </button>
        ),
      },
      { id: "email", header: t("email"), sort: "email", phone: "sub", cell: (row) => row.email },
      { id: "role", header: t("role"), width: 170, phone: "side", cell: (row) => t(`role_${row.role}`) },
      { id: "partner", header: t("partner"), hidden: names.size === 0, cell: (row) => (row.partner_id ? (names.get(row.partner_id) ?? row.partner_id) : <span className={classes["quiet"]}>{t("wholeOperator")}</span>) },
      { id: "status", header: t("status"), width: 110, cell: (row) => (row.active ? <Tag tone="ok">{t("active")}</Tag> : <Tag>{t("inactive")}</Tag>) },
      { id: "second", header: t("secondFactor"), width: 140, cell: (row) => <Factors of={row} /> },
      { id: "last", header: t("lastSignIn"), sort: "last_sign_in_at", width: 150, phone: "subside", cell: (row) => (row.last_sign_in_at ? <Time at={row.last_sign_in_at} style="dateTime" /> : <span className={classes["quiet"]}>{t("never")}</span>) },
    ],
    [t, names],
  );
  return (
    <>
      <DataTable
        name="people"
        what={t("users")}
        state={state}
        query={query}
        columns={columns}
        filters={[{ name: "status", label: t("status"), options: [{ value: "active", label: t("active") }, { value: "inactive", label: t("inactive") }] }]}
        rowId={(row) => row.id}
        rowName={(row) => row.name}
        search={t("search")}
        csv={csvUrl("/api/v1/users", { search: state.address.q || undefined, sort: state.address.sort })}
        pageSize={PAGE_SIZE}
        onEdit={(row) => setEdited(row.id)}
        {...(may("users:write") ? { onNew: () => setInviting(true) } : {})}
        tools={may("users:write") ? <Button size="sm" kind="primary" icon="plus" onClick={() => setInviting(true)}>{t("invite")}</Button> : null}
        empty={<Empty icon="users" title={t("emptyUsers")} />}
      />
      {edited ? <EditUser id={edited} onClose={() => setEdited(null)} /> : null}
      {inviting ? <InviteDialog onClose={() => setInviting(false)} /> : null}
    </>
  );
}

function Factors({ of }: { of: User }) {
  const t = useText(text);
  if (of.second_factor.length === 0) return <span className={classes["quiet"]}>{t("none")}</span>;
  return <>{of.second_factor.map((one) => t(one === "passkey" ? "passkey" : "totp")).join(", ")}</>;
}
