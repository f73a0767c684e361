/** One partner: what it sees and for how long, and whether it may come in. */
import { Modal } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, data, withEtag } from "#shared/api/client";
import { useMay } from "#shared/api/session";
import { Button } from "#shared/button/Button";
import { useCommands } from "#shared/command/CommandsProvider";
import { Time, useNow } from "#shared/format/Time";
import { Fields, SelectField, SwitchField, TextField } from "#shared/form/fields";
import { useText } from "#shared/i18n/i18n";
import { Note, Tag } from "#shared/page/Page";
import { QueryState } from "#shared/page/States";
import { useRefusal } from "./bits";
import { grantsQuery, grantState, groupsQuery, locationsQuery, type Grant } from "./rows";
import { text } from "./text";
import classes from "./people.module.css";

export function PartnerDialog({ id, name, onClose }: { id: string; name: string; onClose: () => void }) {
  const t = useText(text);
  const may = useMay();
  const grants = useQuery(grantsQuery(id));
  const locations = useQuery({ ...locationsQuery, enabled: may("locations:read") }).data?.items ?? [];
  const groups = useQuery({ ...groupsQuery, enabled: may("tokens:read") }).data?.items ?? [];
  const names = new Map<string, string>([...locations, ...groups].map((one) => [one.id, one.name]));
  const write = may("partners:write");
  return (
    <Modal opened onClose={onClose} size={560} title={t("grants", { name })} closeButtonProps={{ "aria-label": t("close") }}>
      <div className={classes["form"]}>
        <PartnerSwitch id={id} off={!write} />
        <QueryState query={grants} what={t("grants", { name })}>
          {(page) =>
            page.items.length === 0 ? <Note>{t("noGrants")}</Note> : (
              <ul className={classes["grants"]}>
                {page.items.map((grant) => <Line key={grant.id} grant={grant} partner={name} what={names.get(grant.subject_id) ?? grant.subject_id} write={write} />)}
              </ul>
            )
          }
        </QueryState>
        {write ? <NewGrant partner={id} locations={locations} groups={groups} /> : null}
      </div>
    </Modal>
  );
}

function PartnerSwitch({ id, off }: { id: string; off: boolean }) {
  const t = useText(text);
  const client = useQueryClient();
  const { tell } = useRefusal();
  const path = { partner_id: id };
  const query = useQuery({ queryKey: ["partners", id], queryFn: () => withEtag(api.GET("/api/v1/partners/{partner_id}", { params: { path } })) });
  const change = useMutation({
    mutationFn: (active: boolean) => api.PATCH("/api/v1/partners/{partner_id}", { params: { path }, headers: query.data?.etag ? { "If-Match": query.data.etag } : {}, body: { active } }),
    onError: tell,
    onSettled: () => client.invalidateQueries({ queryKey: ["partners"] }),
  });
  return <SwitchField label={t("partnerOn")} help={t("partnerOnHelp")} value={query.data?.value.active ?? true} disabled={off || !query.data || change.isPending} onChange={(active) => change.mutate(active)} />;
}

function Line({ grant, partner, what, write }: { grant: Grant; partner: string; what: string; write: boolean }) {
  const t = useText(text);
  const now = useNow();
  const client = useQueryClient();
  const { ask } = useCommands();
  const { tell } = useRefusal();
  const state = grantState(grant, now);
  const end = useMutation({
    mutationFn: () => api.DELETE("/api/v1/partner-grants/{grant_id}", { params: { path: { grant_id: grant.id } } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["partners"] }),
    onError: tell,
  });
  const askEnd = async () => {
    if (await ask({ title: t("endTitle", { what }), consequences: [{ text: t("endEffect", { name: partner }), harms: true }], verb: t("endVerb"), harms: true })) end.mutate();
  };
  return (
    <li>
      <span>
        {what}
        <small>
          {t(grant.subject_type === "location" ? "location" : "token_group")}, <Time at={grant.valid_from} style="dateTime" /> – {grant.valid_to ? <Time at={grant.valid_to} style="dateTime" /> : t("openEnd")}
        </small>
      </span>
      {state === "ended" ? <Tag>{t("ended")}</Tag> : state === "future" ? <Tag tone="accent">{t("future")}</Tag> : <Tag tone="ok">{t("active")}</Tag>}
      {write && state !== "ended" ? <Button size="sm" busy={end.isPending} onClick={() => void askEnd()}>{t("endNow")}</Button> : null}
    </li>
  );
}

interface Named {
  id: string;
  name: string;
}

function NewGrant({ partner, locations, groups }: { partner: string; locations: readonly Named[]; groups: readonly Named[] }) {
  const t = useText(text);
  const client = useQueryClient();
  const { words } = useRefusal();
  const [kind, setKind] = useState<"location" | "token_group">("location");
  const [subject, setSubject] = useState("");
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const make = useMutation({
    mutationFn: () =>
      data(
        api.POST("/api/v1/partners/{partner_id}/grants", {
          params: { path: { partner_id: partner } },
          body: { subject_type: kind, subject_id: subject, valid_from: from ? new Date(from).toISOString() : null, valid_to: to ? new Date(to).toISOString() : null },
        }),
      ),
    onSuccess: async () => {
      setSubject("");
      await client.invalidateQueries({ queryKey: ["partners"] });
    },
  });
  const problem = words(make.error);
  const options = kind === "location" ? locations : groups;
  return (
    <form
      className={classes["form"]}
      onSubmit={(event) => {
        event.preventDefault();
        if (subject) make.mutate();
      }}
    >
      {problem ? <Note tone="bad">{problem}</Note> : null}
      <Fields columns={2}>
        <SelectField
          label={t("kind")}
          value={kind}
          onChange={(next) => {
            setKind(next === "location" ? "location" : "token_group");
            setSubject("");
          }}
          options={[{ value: "location", label: t("location") }, { value: "token_group", label: t("token_group") }]}
        />
        <SelectField label={t("what")} value={subject} onChange={setSubject} placeholder={t("choose")} options={options.map((one) => ({ value: one.id, label: one.name }))} />
        <TextField label={t("from")} help={t("fromHelp")} type="datetime-local" value={from} onChange={setFrom} />
        <TextField label={t("to")} help={t("toHelp")} type="datetime-local" value={to} onChange={setTo} />
      </Fields>
      <footer><Button type="submit" kind="primary" disabled={!subject} busy={make.isPending}>{t("grant")}</Button></footer>
    </form>
  );
}
