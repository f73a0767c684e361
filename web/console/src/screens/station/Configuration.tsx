import { Modal } from "@mantine/core";
import { keepPreviousData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { api, csvUrl, data } from "#shared/api/client";
import { Button, DownloadLink } from "#shared/button/Button";
import { CommandButton, useCommandsOff } from "#shared/command/CommandButton";
import { TextField } from "#shared/form/fields";
import { Age } from "#shared/format/Time";
import { useText } from "#shared/i18n/i18n";
import { Icon } from "#shared/icon/Icon";
import { useLive } from "#console/live/Live";
import { Card, Tag } from "#shared/page/Page";
import { Empty, NoMatch, QueryState } from "#shared/page/States";
import { SearchField } from "#shared/table/SearchField";
import type { Station } from "./queries";
import { nameOf, setAndReadBack, type Outcome, type Variable, type VariableName } from "./readBack";
import { text, type Words } from "./text";
import classes from "./station.module.css";

/** Variables, or OCPP 1.6 keys: search, change, and read back what was changed. */
export function Configuration({ station }: { station: Station }) {
  const t = useText(text);
  const client = useQueryClient();
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as Record<string, string | undefined>;
  const words = search["q"] ?? "";
  const [other, setOther] = useState(false);
  const key = ["stations", station.id, "variables"];
  const query = useInfiniteQuery({
    queryKey: [...key, words],
    queryFn: ({ pageParam }) => data(api.GET("/api/v1/stations/{station}/variables", { params: { path: { station: station.id }, query: { limit: 100, ...(words ? { q: words } : {}), ...(pageParam ? { cursor: pageParam } : {}) } } })),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? null,
    placeholderData: keepPreviousData,
  });
  const again = () => void client.invalidateQueries({ queryKey: key });
  useLive(["command.*"], (event) => {
    const kind = event.data["kind"];
    if (event.data["station_id"] === station.id && (kind === "get-variables" || kind === "get-base-report")) again();
  });
  const old = station.protocol === "ocpp1.6";
  return (
    <Card
      bare
      title={t("configuration")}
      note={t("secret")}
      actions={
        <>
          <SearchField label={t("searchVariables")} value={words} onChange={(q) => void navigate({ to: ".", search: ((before: object) => ({ ...before, q: q || undefined })) as never, replace: true })} />
          <CommandButton size="sm" station={station.id} kindOfCommand={old ? "get-variables" : "get-base-report"} params={old ? {} : { report: "FullInventory" }} title={t("readAllTitle", { name: station.identity })} label={t("readAll")} busyLabel={t("reading")} disabled={station.link !== "online"} />
          <Button size="sm" disabled={station.link !== "online"} onClick={() => setOther(true)}>{t("otherVariable")}</Button>
          <DownloadLink href={csvUrl(`/api/v1/stations/${station.id}/variables`, { q: words || undefined })}>{t("export")}</DownloadLink>
        </>
      }
    >
      <QueryState query={query} what={t("configuration")}>
        {(pages) => {
          const variables = pages.pages.flatMap((page) => page.items);
          if (variables.length === 0 && words) return <NoMatch filters={1} onClear={() => void navigate({ to: ".", search: ((before: object) => ({ ...before, q: undefined })) as never })} />;
          if (variables.length === 0) return <Empty icon="gear" title={t("noVariables")}>{t("noVariablesHelp")}</Empty>;
          return (
            <>
              <div className={classes["scrollX"]} tabIndex={0} role="group" aria-label={t("configuration")}>
                <table className={classes["table"]}>
                  <caption className="fc-hidden">{t("configuration")}</caption>
                  <thead>
                    <tr>
                      {old ? null : <th scope="col">{t("component")}</th>}
                      <th scope="col">{t("variable")}</th>
                      <th scope="col">{t("value")}</th>
                      <th scope="col">{t("readAt")}</th>
                      <th scope="col"><span className="fc-hidden">{t("edit")}</span></th>
                    </tr>
                  </thead>
                  <tbody>{variables.map((one) => <VariableRow key={rowKey(one)} station={station} variable={one} withComponent={!old} onChanged={again} />)}</tbody>
                </table>
              </div>
              {query.hasNextPage ? <p className={classes["none"]}><Button size="sm" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{t("more2")}</Button></p> : null}
            </>
          );
        }}
      </QueryState>
      {other ? <OtherVariable station={station} onClose={() => setOther(false)} onChanged={again} /> : null}
    </Card>
  );
}

/** Changed under Access only, so that our own copy changes with them. */
const SECRETS: ReadonlySet<string> = new Set(["authorizationkey", "basicauthpassword"]);

function rowKey(one: Variable): string {
  return [one.component, one.component_instance, one.evse_no, one.connector_no, one.variable, one.variable_instance, one.attribute].join("|");
}

function VariableRow({ station, variable, withComponent, onChanged }: { station: Station; variable: Variable; withComponent: boolean; onChanged: () => void }) {
  const t = useText(text);
  const off = useCommandsOff();
  const [wish, setWish] = useState<string | null>(null);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [asked, setAsked] = useState("");
  const busy = outcome?.step === "setting" || outcome?.step === "reading";
  const locked = variable.mutability === "ReadOnly";
  const secret = SECRETS.has(variable.variable.toLowerCase());
  const set = async () => {
    if (wish === null) return;
    setAsked(wish);
    setWish(null);
    await setAndReadBack(station.id, variable, wish, setOutcome);
    onChanged();
  };
  const place = [variable.evse_no ? `EVSE ${variable.evse_no}` : "", variable.connector_no ? `${t("connector")} ${variable.connector_no}` : ""].filter(Boolean).join(", ");
  return (
    <tr data-off={outcome?.step === "different" || undefined}>
      {withComponent ? (
        <td>
          {variable.component}
          {variable.component_instance || place ? <small className={classes["quiet"]}> {[variable.component_instance, place].filter(Boolean).join(", ")}</small> : null}
        </td>
      ) : null}
      <th scope="row">
        {variable.variable}
        {variable.variable_instance ? <small className={classes["quiet"]}> {variable.variable_instance}</small> : null}
        {variable.attribute === "Actual" ? null : <Tag>{variable.attribute}</Tag>}
      </th>
      <td className={classes["value"]}>
        {wish === null ? (
          <>
            <span className="fc-mono">{variable.value ?? ""}</span>{variable.unit ? ` ${variable.unit}` : ""}
          </>
        ) : (
          <form className={classes["inline"]} onSubmit={(event) => { event.preventDefault(); void set(); }}>
            <input aria-label={t("wish", { name: variable.variable })} autoFocus value={wish} maxLength={2500} onChange={(event) => setWish(event.currentTarget.value)} onKeyDown={(event) => event.key === "Escape" && setWish(null)} />
            <Button size="sm" type="submit" kind="primary">{t("setValue")}</Button>
            <Button size="sm" onClick={() => setWish(null)}>{t("cancel")}</Button>
          </form>
        )}
        {outcome ? <OutcomeLine outcome={outcome} wish={asked} /> : null}
      </td>
      <td><Age at={variable.seen_at} /></td>
      <td data-align="right">
        {secret ? (
          <Link className="fc-link" to="." search={{ tab: "access" } as never}>{t("access")}</Link>
        ) : locked ? (
          <span className={classes["quiet"]}>{t("readOnly")}</span>
        ) : wish === null ? (
          <Button size="sm" icon="edit" busy={busy} disabled={off !== null || station.link !== "online"} title={off ?? undefined} aria-label={`${t("edit")} ${nameOf(variable)}`} onClick={() => { setOutcome(null); setWish(variable.value ?? ""); }} />
        ) : null}
      </td>
    </tr>
  );
}

function outcomeWords(outcome: Outcome, wish: string, t: Words): string {
  switch (outcome.step) {
    case "setting":
      return `${t("stepSetting")} …`;
    case "reading":
      return `${t("stepReading")} …`;
    case "equal":
      return t("equal", { has: outcome.has });
    case "different":
      return t("notEqual", { wish, has: outcome.has });
    case "refused":
      return t("setRefused", { reason: outcome.reason });
    case "unread":
      return t("unread", { reason: outcome.reason });
    case "reboot":
      return t("reboot");
  }
}

function OutcomeLine({ outcome, wish }: { outcome: Outcome; wish: string }) {
  const t = useText(text);
  const bad = outcome.step === "different" || outcome.step === "refused" || outcome.step === "unread";
  return (
    <p className={classes["outcome"]} data-tone={bad ? "bad" : outcome.step === "equal" ? "ok" : undefined} role="status">
      <Icon name={bad ? "warn" : outcome.step === "equal" ? "check" : "clock"} size={12} /> {outcomeWords(outcome, wish, t)}
    </p>
  );
}

function OtherVariable({ station, onClose, onChanged }: { station: Station; onClose: () => void; onChanged: () => void }) {
  const t = useText(text);
  const [draft, setDraft] = useState({ component: "", variable: "", value: "" });
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const busy = outcome?.step === "setting" || outcome?.step === "reading";
  const send = async () => {
    const name: VariableName = { component: draft.component.trim(), variable: draft.variable.trim() };
    await setAndReadBack(station.id, name, draft.value, setOutcome);
    onChanged();
  };
  return (
    <Modal opened onClose={onClose} title={t("otherTitle", { name: station.identity })} size={420} closeButtonProps={{ "aria-label": t("cancel") }}>
      <form className={classes["dialog"]} onSubmit={(event) => { event.preventDefault(); if (draft.variable.trim()) void send(); }}>
        {station.protocol === "ocpp1.6" ? null : <TextField label={t("component")} value={draft.component} onChange={(component) => setDraft({ ...draft, component })} mono maxLength={50} />}
        <TextField label={t("variable")} value={draft.variable} onChange={(variable) => setDraft({ ...draft, variable })} mono maxLength={50} required />
        <TextField label={t("value")} value={draft.value} onChange={(value) => setDraft({ ...draft, value })} mono maxLength={2500} />
        {outcome ? <OutcomeLine outcome={outcome} wish={draft.value} /> : null}
        <footer>
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button type="submit" kind="primary" busy={busy} disabled={!draft.variable.trim()}>{t("setValue")}</Button>
        </footer>
      </form>
    </Modal>
  );
}
