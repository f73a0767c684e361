/** Id tokens: who may charge, who may not, and why a card was refused. */
import { Modal } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, type ReactNode } from "react";
import { useLiveRefetch } from "#console/live/Live";
import { useMay } from "#shared/api/session";
import { Button, ButtonLink } from "#shared/button/Button";
import { Segments } from "#shared/button/Segments";
import { Age, useNow } from "#shared/format/Time";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { Page, Tag } from "#shared/page/Page";
import { Empty } from "#shared/page/States";
import type { Column } from "#shared/table/columns";
import { DataTable } from "#shared/table/DataTable";
import { useSelection, type Selection } from "#shared/table/useSelection";
import { useTableState } from "#shared/table/useTableState";
import { exportUrl, groupsQuery, PAGE_SIZE, stateOf, tokensQuery, TYPES, usesQuery, type Token, type Use } from "./api";
import { Groups } from "./Groups";
import { Panel } from "./Panel";
import { TokenForm } from "./TokenForm";
import { keyOf, text } from "./text";
import { useBlocking } from "./useBlocking";
import { useValidity } from "./useValidity";
import classes from "./tokens.module.css";

const idOf = (token: Token) => token.id;

export function Screen() {
  const t = useText(text);
  const navigate = useNavigate();
  const { tab, token } = useSearch({ strict: false }) as { tab?: string; token?: string };
  const go = (change: Record<string, string | undefined>) => void navigate({ to: ".", search: ((old: object) => ({ ...old, ...change })) as never });
  const tools = (
    <Segments
      label={t("show")}
      value={tab === "groups" ? "groups" : "tokens"}
      onChange={(next) => void navigate({ to: "/tokens", search: { tab: next === "groups" ? "groups" : undefined } as never })}
      options={[{ value: "tokens", label: t("tokens") }, { value: "groups", label: t("groups") }]}
    />
  );
  return (
    <Page crumbs={[{ label: t("title") }]} fill>
      {tab === "groups" ? <Groups tools={tools} /> : <Tokens tools={tools} onNew={(on) => go({ new: on ? "1" : undefined })} />}
      {token ? <Panel key={token} id={token} onClose={() => go({ token: undefined })} /> : null}
    </Page>
  );
}

function Tokens({ tools, onNew }: { tools: ReactNode; onNew: (on: boolean) => void }) {
  const t = useText(text);
  const may = useMay();
  const { new: making, ...search } = useSearch({ strict: false }) as Record<string, string | undefined>;
  const table = useTableState({ filters: ["type", "group", "blocked"], defaultSort: "-created_at" });
  const query = useQuery(tokensQuery(table.address));
  const selection = useSelection(idOf);
  const groups = useQuery(groupsQuery).data?.items ?? [];
  const ids = useMemo(() => (query.data?.items ?? []).map(idOf), [query.data]);
  const uses = useQuery(usesQuery(ids)).data;
  const columns = useColumns(uses);
  useLiveRefetch(["token.*"], ["tokens", "list"]);
  const writes = may("tokens:write");
  const title = writes ? undefined : t("notAllowed", { permission: "tokens:write" });
  const add = <Button kind="primary" icon="plus" disabled={!writes} title={title} onClick={() => onNew(true)}>{t("newToken")}</Button>;
  const importing = <ButtonLink to="/imports?for=tokens">{t("import")}</ButtonLink>;
  const address = (token: Token) => {
    const rest = Object.fromEntries(Object.entries({ ...search, token: token.id }).filter((pair): pair is [string, string] => pair[1] !== undefined));
    return `/tokens?${new URLSearchParams(rest).toString()}`;
  };
  return (
    <>
      <DataTable
        name="tokens"
        what={t("title")}
        state={table}
        query={query}
        columns={columns}
        filters={[
          { name: "type", label: t("type"), options: TYPES.map((type) => ({ value: type, label: t(keyOf(type) ?? "unknown") })) },
          { name: "group", label: t("group"), options: groups.map((group) => ({ value: group.id, label: group.name })) },
          { name: "blocked", label: t("blocked"), options: [{ value: "true", label: t("yes") }, { value: "false", label: t("no") }] },
        ]}
        views={[{ name: t("all") }, { name: t("blockedView"), filters: { blocked: ["true"] } }]}
        rowId={idOf}
        rowName={(token) => token.visual_number ?? token.value}
        rowHref={address}
        search={t("search")}
        csv={exportUrl(table.address)}
        pageSize={PAGE_SIZE}
        selection={selection}
        bulk={<Bulk selection={selection} />}
        tools={<>{tools}{importing}{add}</>}
        onNew={() => (writes ? onNew(true) : undefined)}
        empty={<Empty icon="card" title={t("emptyTitle")} actions={<>{add}{importing}</>}>{t("emptyHelp")}</Empty>}
      />
      {making && writes ? (
        <Modal opened onClose={() => onNew(false)} title={t("newToken")} size={560} closeButtonProps={{ "aria-label": t("close") }}>
          <TokenForm onDone={() => onNew(false)} onCancel={() => onNew(false)} />
        </Modal>
      ) : null}
    </>
  );
}

function useColumns(uses: readonly Use[] | undefined): Column<Token>[] {
  const t = useText(text);
  const f = useFormat();
  const now = useNow();
  const minute = Math.floor(now / 60_000);
  const validity = useValidity();
  const groups = useQuery(groupsQuery).data;
  return useMemo<Column<Token>[]>(() => {
    const usedBy = (token: Token) => uses?.find((one) => one.token_id === token.id);
    const state = (token: Token) => {
      const found = stateOf(token, minute * 60_000);
      const reason = token.block_reason ? t(keyOf(token.block_reason) ?? "operator") : "";
      return <Tag tone={found === "valid" ? "ok" : found === "blocked" ? "bad" : "warn"}>{found === "blocked" && reason ? t("blockedBecause", { reason }) : t(found)}</Tag>;
    };
    return [
      { id: "value", header: t("value"), sort: "value", names: true, width: 190, phone: "title", cell: (token) => <span className={classes["value"]}>{token.value}</span> },
      { id: "state", header: t("state"), width: 170, phone: "side", cell: state },
      { id: "number", header: t("number"), width: 150, phone: "sub", cell: (token) => token.visual_number ?? "" },
      { id: "type", header: t("type"), width: 130, cell: (token) => <span className={classes["quiet"]}>{t(keyOf(token.type) ?? "unknown") || token.type}</span> },
      { id: "group", header: t("group"), width: 140, cell: (token) => groups?.items.find((group) => group.id === token.group_id)?.name ?? "" },
      { id: "contract", header: t("contract"), cell: (token) => <span className="fc-mono">{token.contract_id ?? ""}</span> },
      { id: "issuer", header: t("issuer"), hidden: true, cell: (token) => token.issuer },
      { id: "validity", header: t("validity"), cell: (token) => <span className={classes["quiet"]}>{validity(token)}</span> },
      { id: "used", header: t("lastUsed"), width: 130, phone: "subside", cell: (token) => { const at = usedBy(token)?.last_at; return at ? <Age at={at} /> : uses ? <span className={classes["quiet"]}>{t("never")}</span> : null; } },
      { id: "sessions", header: t("sessions"), align: "right", width: 110, cell: (token) => { const found = usedBy(token); return found ? f.number(found.sessions, 0) : ""; } },
      { id: "created", header: t("created"), sort: "created_at", hidden: true, cell: (token) => f.time(token.created_at, "dateTime") },
    ];
  }, [t, f, uses, groups, validity, minute]);
}

function Bulk({ selection }: { selection: Selection<Token> }) {
  const t = useText(text);
  const may = useMay();
  const blocking = useBlocking();
  const tokens = [...selection.rows.values()];
  const writes = may("tokens:write");
  const title = writes ? undefined : t("notAllowed", { permission: "tokens:write" });
  return (
    <section className={classes["bulk"]} aria-label={t("selected", { count: tokens.length })}>
      <b>{t("selected", { count: tokens.length })}</b>
      <Button size="sm" kind="quiet" onClick={selection.clear}>{t("clear")}</Button>
      <Button size="sm" icon="lock" disabled={!writes} title={title} onClick={() => void blocking.block(tokens).then((done) => (done ? selection.clear() : undefined))}>{t("block")}</Button>
      <Button size="sm" icon="unlock" disabled={!writes} title={title} onClick={() => void blocking.unblock(tokens).then(selection.clear)}>{t("unblock")}</Button>
    </section>
  );
}
