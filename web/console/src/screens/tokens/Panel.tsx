/** One token at the side: what it is, why it was accepted or refused, and what it charged. */
import { Drawer } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useLiveRefetch } from "#console/live/Live";
import { useMay } from "#shared/api/session";
import { Button } from "#shared/button/Button";
import { Time, useNow } from "#shared/format/Time";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { Card, Facts, Note, Tag } from "#shared/page/Page";
import { QueryState } from "#shared/page/States";
import { usePhone } from "#shared/theme/useSize";
import { attemptsQuery, groupsQuery, sessionsQuery, stateOf, stationQuery, tokenQuery, type Attempt, type Token } from "./api";
import { TokenForm } from "./TokenForm";
import { keyOf, text } from "./text";
import { useBlocking } from "./useBlocking";
import { useValidity } from "./useValidity";
import classes from "./tokens.module.css";

export function Panel({ id, onClose }: { id: string; onClose: () => void }) {
  const t = useText(text);
  const phone = usePhone();
  const client = useQueryClient();
  const query = useQuery(tokenQuery(id));
  const [editing, setEditing] = useState(false);
  useLiveRefetch(["token.*", "session.*"], ["tokens", id]);
  return (
    <Drawer opened onClose={onClose} position="right" size={phone ? "100%" : 520} title={t("title")} closeButtonProps={{ "aria-label": t("close") }}>
      <QueryState query={query} what={t("title")}>
        {({ value, etag }) =>
          editing ? (
            <TokenForm
              token={value}
              etag={etag}
              onDone={() => {
                setEditing(false);
                void client.invalidateQueries({ queryKey: ["tokens"] });
              }}
              onCancel={() => setEditing(false)}
            />
          ) : (
            <Shown token={value} onEdit={() => setEditing(true)} />
          )
        }
      </QueryState>
    </Drawer>
  );
}

function Shown({ token, onEdit }: { token: Token; onEdit: () => void }) {
  const t = useText(text);
  const f = useFormat();
  const may = useMay();
  const now = useNow();
  const blocking = useBlocking();
  const validity = useValidity();
  const groups = useQuery(groupsQuery).data?.items ?? [];
  const state = stateOf(token, now);
  const writes = may("tokens:write");
  const off = writes ? undefined : t("notAllowed", { permission: "tokens:write" });
  const reason = token.block_reason ? t(keyOf(token.block_reason) ?? "operator") : "";
  return (
    <div className={classes["stack"]}>
      <div className={classes["head"]}>
        <span className={classes["value"]}>{token.value}</span>
        <Tag tone={state === "valid" ? "ok" : state === "blocked" ? "bad" : "warn"}>{state === "blocked" ? t("blockedBecause", { reason }) : t(state)}</Tag>
        <span className={classes["space"]} />
        <Button size="sm" icon="edit" disabled={!writes} title={off} onClick={onEdit}>{t("edit")}</Button>
        {token.blocked_at ? (
          <Button size="sm" icon="unlock" disabled={!writes} title={off} onClick={() => void blocking.unblock([token])}>{t("unblock")}</Button>
        ) : (
          <Button size="sm" icon="lock" disabled={!writes} title={off} onClick={() => void blocking.block([token])}>{t("block")}</Button>
        )}
      </div>
      {writes ? null : <Note>{t("hidden")}</Note>}
      <Card title={t("facts")}>
        <Facts
          facts={[
            [t("type"), t(keyOf(token.type) ?? "unknown") || token.type],
            [t("number"), token.visual_number ?? ""],
            [t("contract"), <span className="fc-mono" key="contract">{token.contract_id ?? ""}</span>],
            [t("group"), groups.find((group) => group.id === token.group_id)?.name ?? t("noGroup")],
            [t("issuer"), token.issuer],
            [t("validity"), validity(token)],
            [t("whitelist"), t(keyOf(`offline_${token.whitelist}`) ?? "unknown")],
            [t("created"), f.time(token.created_at, "dateTime")],
          ]}
        />
      </Card>
      <Card title={t("attempts")} note={t("attemptsNote")} bare><Attempts id={token.id} /></Card>
      {may("sessions:read") ? <Card title={t("recentSessions")} bare><Sessions id={token.id} /></Card> : null}
    </div>
  );
}

function Attempts({ id }: { id: string }) {
  const t = useText(text);
  const query = useQuery(attemptsQuery(id));
  return (
    <QueryState query={query} what={t("attempts")}>
      {(page) => (
        <ul className={classes["list"]}>
          {page.items.map((attempt) => <AttemptLine key={attempt.id} attempt={attempt} />)}
          {page.items.length === 0 ? <li><span /><span className={classes["quiet"]}>{t("noAttempts")}</span></li> : null}
        </ul>
      )}
    </QueryState>
  );
}

function AttemptLine({ attempt }: { attempt: Attempt }) {
  const t = useText(text);
  const f = useFormat();
  const may = useMay();
  const station = useQuery({ ...stationQuery(attempt.station_id), enabled: may("stations:read") }).data;
  const accepted = attempt.status === "accepted";
  const params = Object.fromEntries(
    Object.entries(attempt.reason_params ?? {}).map(([name, value]) => {
      const plain = String(value);
      if (name === "reason") return [name, t(keyOf(plain) ?? "operator")];
      return [name, /^\d{4}-\d\d-\d\dT/.test(plain) ? f.time(plain, "dateTime") : plain];
    }),
  );
  const because = attempt.reason_code ? (keyOf(`r_${attempt.reason_code}`) ? t(keyOf(`r_${attempt.reason_code}`)!, params) : attempt.reason_code) : null;
  return (
    <li>
      <Tag tone={accepted ? "ok" : "bad"}>{accepted ? t("accepted") : t(keyOf(`s_${attempt.status}`) ?? "refused")}</Tag>
      <span>{station ? <Link to={`/stations/${station.id}`} className="fc-mono">{station.identity}</Link> : null}</span>
      <Time at={attempt.at} style="dateTime" />
      {because ? <small>{because}</small> : null}
    </li>
  );
}

function Sessions({ id }: { id: string }) {
  const t = useText(text);
  const f = useFormat();
  const query = useQuery(sessionsQuery(id));
  return (
    <QueryState query={query} what={t("sessions")}>
      {(page) => (
        <ul className={classes["list"]}>
          {page.items.map((session) => (
            <li key={session.id}>
              <Link to={`/sessions/${session.id}`}><Time at={session.started_at ?? session.opened_at} zone={session.time_zone} style="dateTime" /></Link>
              <span>{f.energy(session.energy_wh, 2)}</span>
              <span>{session.cost_after_taxes ? f.money(session.cost_after_taxes, session.currency) : ""}</span>
            </li>
          ))}
          {page.items.length === 0 ? <li><span /><span className={classes["quiet"]}>{t("noSessions")}</span></li> : null}
        </ul>
      )}
    </QueryState>
  );
}
