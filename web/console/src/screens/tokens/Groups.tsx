import { Modal } from "@mantine/core";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState, type ReactNode } from "react";
import { api, ApiError, csvUrl, data } from "#shared/api/client";
import { useMay } from "#shared/api/session";
import { Button, ButtonLink } from "#shared/button/Button";
import { useCommands } from "#shared/command/CommandsProvider";
import { TextField } from "#shared/form/fields";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { Note } from "#shared/page/Page";
import { Empty } from "#shared/page/States";
import type { Column } from "#shared/table/columns";
import { DataTable } from "#shared/table/DataTable";
import { useTableState } from "#shared/table/useTableState";
import type { Group } from "./api";
import { text } from "./text";
import classes from "./tokens.module.css";

/** Groups, each with the way to its members. */
export function Groups({ tools }: { tools: ReactNode }) {
  const t = useText(text);
  const f = useFormat();
  const may = useMay();
  const [making, setMaking] = useState(false);
  const table = useTableState({ filters: [], defaultSort: "name" });
  const query = useQuery({
    queryKey: ["tokens", "groups", table.address.sort, table.address.cursor],
    queryFn: () => data(api.GET("/api/v1/token-groups", { params: { query: { sort: table.address.sort, limit: 50, ...(table.address.cursor ? { cursor: table.address.cursor } : {}) } } })),
    placeholderData: keepPreviousData,
  });
  const columns = useMemo<Column<Group>[]>(
    () => [
      { id: "name", header: t("name"), sort: "name", names: true, phone: "title", cell: (group) => group.name },
      { id: "code", header: t("code"), width: 220, phone: "sub", cell: (group) => <span className="fc-mono">{group.code}</span> },
      { id: "created", header: t("created"), width: 170, cell: (group) => f.time(group.created_at, "dateTime") },
      { id: "members", header: t("members"), width: 190, cell: (group) => <ButtonLink size="sm" kind="quiet" to={`/tokens?group=${group.id}`}>{t("showMembers")}</ButtonLink> },
    ],
    [t, f],
  );
  const writes = may("tokens:write");
  const add = <Button kind="primary" icon="plus" disabled={!writes} title={writes ? undefined : t("notAllowed", { permission: "tokens:write" })} onClick={() => setMaking(true)}>{t("newGroup")}</Button>;
  return (
    <>
      <DataTable
        name="token-groups"
        what={t("groups")}
        state={table}
        query={query}
        columns={columns}
        rowId={(group) => group.id}
        rowName={(group) => group.name}
        rowHref={(group) => `/tokens?group=${group.id}`}
        csv={csvUrl("/api/v1/token-groups", {})}
        tools={<>{tools}{add}</>}
        empty={<Empty icon="users" title={t("emptyGroups")} actions={add}>{t("emptyGroupsHelp")}</Empty>}
      />
      {making ? <GroupDialog onClose={() => setMaking(false)} /> : null}
    </>
  );
}

function GroupDialog({ onClose }: { onClose: () => void }) {
  const t = useText(text);
  const client = useQueryClient();
  const { say } = useCommands();
  const [name, setName] = useState("");
  const [code, setCode] = useState("");
  const [tried, setTried] = useState(false);
  const saving = useMutation({
    mutationFn: () => data(api.POST("/api/v1/token-groups", { body: { name: name.trim(), code: code.trim() } })),
    onSuccess: () => {
      say(t("groupMade"));
      void client.invalidateQueries({ queryKey: ["tokens", "groups"] });
      onClose();
    },
  });
  const lacking = name.trim() === "" || code.trim() === "";
  return (
    <Modal opened onClose={onClose} title={t("newGroup")} closeButtonProps={{ "aria-label": t("close") }}>
      <form
        className={classes["stack"]}
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (!lacking) saving.mutate();
        }}
      >
        {saving.error ? <Note tone="bad">{saving.error instanceof ApiError ? saving.error.detail : saving.error.message}</Note> : null}
        <TextField label={t("name")} value={name} onChange={setName} autoFocus maxLength={200} error={tried && lacking ? t("needName") : undefined} />
        <TextField label={t("code")} help={t("codeHelp")} mono value={code} onChange={setCode} maxLength={36} />
        <div className={classes["actions"]}>
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button type="submit" kind="primary" busy={saving.isPending}>{t("create")}</Button>
        </div>
      </form>
    </Modal>
  );
}
