import { Modal } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useLiveRefetch } from "#console/live/Live";
import { api, csvUrl, data } from "#shared/api/client";
import { useMay } from "#shared/api/session";
import { Button } from "#shared/button/Button";
import { useCommands } from "#shared/command/CommandsProvider";
import { Time } from "#shared/format/Time";
import { SelectField, TextField } from "#shared/form/fields";
import { useText } from "#shared/i18n/i18n";
import { Note, Tag } from "#shared/page/Page";
import { Empty } from "#shared/page/States";
import type { Column } from "#shared/table/columns";
import { DataTable } from "#shared/table/DataTable";
import { useTableState } from "#shared/table/useTableState";
import { useRefusal } from "./bits";
import { PartnerDialog } from "./PartnerDialog";
import { KINDS, partnersQuery, type Partner } from "./rows";
import { text, type Word } from "./text";
import classes from "./people.module.css";

/** Site hosts, fleets, installers: who sees a part of the operator. */
export function PartnersTab() {
  const t = useText(text);
  const may = useMay();
  const state = useTableState({ filters: [], defaultSort: "name" });
  const query = useQuery(partnersQuery);
  useLiveRefetch(["partner.*"], ["partners"]);
  const [opened, setOpened] = useState<Partner | null>(null);
  const [making, setMaking] = useState(false);
  const columns = useMemo<Column<Partner>[]>(
    () => [
      { id: "name", header: t("name"), names: true, phone: "title", cell: (row) => <button type="button" className={classes["link"]} onClick={() => setOpened(row)}>{row.name}</button> },
      { id: "kind", header: t("kind"), phone: "sub", cell: (row) => t(row.kind as Word) },
      { id: "status", header: t("status"), width: 120, phone: "side", cell: (row) => (row.active ? <Tag tone="ok">{t("active")}</Tag> : <Tag>{t("inactive")}</Tag>) },
      { id: "since", header: t("from"), width: 150, cell: (row) => <Time at={row.created_at} style="date" /> },
    ],
    [t],
  );
  const button = may("partners:write") ? <Button size="sm" kind="primary" icon="plus" onClick={() => setMaking(true)}>{t("newPartner")}</Button> : null;
  return (
    <>
      <DataTable
        name="partners"
        what={t("partners")}
        state={state}
        query={query}
        columns={columns}
        rowId={(row) => row.id}
        rowName={(row) => row.name}
        csv={csvUrl("/api/v1/partners", {})}
        tools={button}
        empty={<Empty icon="users" title={t("noPartners")} actions={button}>{t("noPartnersHelp")}</Empty>}
      />
      {opened ? <PartnerDialog id={opened.id} name={opened.name} onClose={() => setOpened(null)} /> : null}
      {making ? <NewPartner onClose={() => setMaking(false)} onMade={setOpened} /> : null}
    </>
  );
}

function NewPartner({ onClose, onMade }: { onClose: () => void; onMade: (partner: Partner) => void }) {
  const t = useText(text);
  const client = useQueryClient();
  const { say } = useCommands();
  const { words } = useRefusal();
  const [name, setName] = useState("");
  const [kind, setKind] = useState<(typeof KINDS)[number]>("site_host");
  const make = useMutation({
    mutationFn: () => data(api.POST("/api/v1/partners", { body: { name: name.trim(), kind } })),
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: ["partners"] });
      say(t("created"), made.name);
      onClose();
      onMade(made);
    },
  });
  const problem = words(make.error);
  return (
    <Modal opened onClose={onClose} title={t("partnerTitle")} closeButtonProps={{ "aria-label": t("close") }}>
      <form
        className={classes["form"]}
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim()) make.mutate();
        }}
      >
        {problem ? <Note tone="bad">{problem}</Note> : null}
        <TextField label={t("name")} value={name} onChange={setName} autoFocus maxLength={200} />
        <SelectField label={t("kind")} value={kind} onChange={(next) => setKind(next as typeof kind)} options={KINDS.map((one) => ({ value: one, label: t(one) }))} />
        <footer>
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button type="submit" kind="primary" busy={make.isPending} disabled={name.trim() === ""}>{t("create")}</Button>
        </footer>
      </form>
    </Modal>
  );
}
