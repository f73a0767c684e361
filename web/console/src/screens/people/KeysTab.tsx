import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Tooltip } from "@mantine/core";
import { useMemo, useState } from "react";
import { useLiveRefetch } from "#console/live/Live";
import { api, csvUrl } from "#shared/api/client";
import { useMay } from "#shared/api/session";
import { Button } from "#shared/button/Button";
import { useCommands } from "#shared/command/CommandsProvider";
import { Age, Time, useNow } from "#shared/format/Time";
import { useText } from "#shared/i18n/i18n";
import { Tag } from "#shared/page/Page";
import { Empty } from "#shared/page/States";
import type { Column } from "#shared/table/columns";
import { DataTable } from "#shared/table/DataTable";
import { useTableState } from "#shared/table/useTableState";
import { useRefusal } from "./bits";
import { keysQuery, PAGE_SIZE, type Key } from "./rows";
import { NewKeyDialog } from "./NewKeyDialog";
import { text } from "./text";
import classes from "./people.module.css";

/** Keys for machines: what they may do, when they were used, when they end. */
export function KeysTab() {
  const t = useText(text);
  const may = useMay();
  const state = useTableState({ filters: ["revoked"], defaultSort: "name" });
  const query = useQuery(keysQuery(state.address));
  useLiveRefetch(["key.*"], ["keys"]);
  const [making, setMaking] = useState(false);
  const write = may("keys:write");
  const columns = useMemo<Column<Key>[]>(
    () => [
      { id: "name", header: t("name"), sort: "name", names: true, phone: "title", cell: (row) => row.name },
      { id: "prefix", header: t("prefix"), width: 160, phone: "sub", cell: (row) => <span className="fc-mono">fck_{row.prefix}</span> },
      {
        id: "permissions", header: t("permissions"), width: 140,
        cell: (row) => <Tooltip label={row.permissions.join(", ")} multiline w={320}><span tabIndex={0}>{t("permissionCount", { count: row.permissions.length })}</span></Tooltip>,
      },
      { id: "state", header: t("state"), width: 130, phone: "side", cell: (row) => <KeyState row={row} /> },
      { id: "used", header: t("lastUsed"), sort: "last_used_at", width: 120, phone: "subside", cell: (row) => (row.last_used_at ? <Age at={row.last_used_at} /> : <span className={classes["quiet"]}>{t("never")}</span>) },
      { id: "expires", header: t("expires"), sort: "expires_at", width: 140, cell: (row) => (row.expires_at ? <Time at={row.expires_at} style="date" /> : <span className={classes["quiet"]}>{t("never")}</span>) },
      ...(write ? [{ id: "do", header: "", width: 130, align: "right" as const, cell: (row: Key) => <Revoke row={row} /> }] : []),
    ],
    [t, write],
  );
  const button = write ? <Button size="sm" kind="primary" icon="plus" onClick={() => setMaking(true)}>{t("newKey")}</Button> : null;
  return (
    <>
      <DataTable
        name="keys"
        what={t("keys")}
        state={state}
        query={query}
        columns={columns}
        filters={[{ name: "revoked", label: t("state"), options: [{ value: "all", label: t("withRevoked") }] }]}
        rowId={(row) => row.id}
        rowName={(row) => row.name}
        csv={csvUrl("/api/v1/api-keys", { sort: state.address.sort })}
        pageSize={PAGE_SIZE}
        {...(write ? { onNew: () => setMaking(true) } : {})}
        tools={button}
        empty={<Empty icon="lock" title={t("noKeys")} actions={button}>{t("noKeysHelp")}</Empty>}
      />
      {making ? <NewKeyDialog onClose={() => setMaking(false)} /> : null}
    </>
  );
}

function KeyState({ row }: { row: Key }) {
  const t = useText(text);
  const now = useNow();
  if (row.revoked_at) return <Tag>{t("revoked")}</Tag>;
  if (row.expires_at && new Date(row.expires_at).getTime() <= now) return <Tag tone="warn">{t("expired")}</Tag>;
  return <Tag tone="ok">{t("active")}</Tag>;
}

function Revoke({ row }: { row: Key }) {
  const t = useText(text);
  const client = useQueryClient();
  const { ask, say } = useCommands();
  const { tell } = useRefusal();
  const revoke = useMutation({
    mutationFn: () => api.DELETE("/api/v1/api-keys/{key_id}", { params: { path: { key_id: row.id } } }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["keys"] });
      say(t("revoked"), row.name);
    },
    onError: tell,
  });
  if (row.revoked_at) return null;
  const press = async () => {
    if (await ask({ title: t("revokeKeyTitle", { name: row.name }), consequences: [{ text: t("revokeKeyEffect"), harms: true }], verb: t("revokeVerb"), harms: true })) revoke.mutate();
  };
  return <Button size="sm" busy={revoke.isPending} onClick={() => void press()}>{t("revoke")}</Button>;
}
