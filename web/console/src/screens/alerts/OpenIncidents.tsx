import type { UseQueryResult } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo, useRef } from "react";
import { useMay } from "#shared/api/session";
import { Button, ButtonLink } from "#shared/button/Button";
import { Age, Time } from "#shared/format/Time";
import { useText } from "#shared/i18n/i18n";
import { useKeys } from "#shared/keys/keys";
import { Card, Note, Tag } from "#shared/page/Page";
import { Empty, QueryState } from "#shared/page/States";
import { Marked } from "#shared/state/StateMark";
import type { Incident } from "./queries";
import { errorOf, lookOf, sentenceOf, worstFirst } from "./sentences";
import { text, type AlertWord } from "./text";
import { useIncident } from "./useIncident";
import classes from "./alerts.module.css";

interface OpenIncidentsProps {
  query: UseQueryResult<{ items: Incident[] }>;
  onOpen: (id: string) => void;
}

/** What is open, the worst first, each with what to press. */
export function OpenIncidents({ query, onOpen }: OpenIncidentsProps) {
  const t = useText(text);
  const may = useMay();
  return (
    <QueryState query={query} what={t("incidents")}>
      {(page) => (
        <>
          {may("incidents:write") || page.items.length === 0 ? null : <Note>{t("refusedWrite")}</Note>}
          <Card bare>
            {page.items.length === 0 ? (
              <Empty icon="check" title={t("emptyTitle")} actions={may("alerts:read") ? <ButtonLink to="/alerts?tab=rules">{t("seeRules")}</ButtonLink> : null}>
                {t("emptyHelp")}
              </Empty>
            ) : (
              <List incidents={page.items} onOpen={onOpen} />
            )}
          </Card>
        </>
      )}
    </QueryState>
  );
}

function List({ incidents, onOpen }: { incidents: Incident[]; onOpen: (id: string) => void }) {
  const rows = useMemo(() => worstFirst(incidents), [incidents]);
  const list = useRef<HTMLUListElement>(null);
  const move = (step: number) => {
    const names = [...(list.current?.querySelectorAll<HTMLButtonElement>("[data-name]") ?? [])];
    const at = names.findIndex((name) => name === document.activeElement);
    names[at < 0 ? 0 : Math.min(names.length - 1, Math.max(0, at + step))]?.focus();
  };
  useKeys({ j: () => move(1), k: () => move(-1) });
  return (
    <ul ref={list} className={classes["incidents"]}>
      {rows.map((row) => <Row key={row.id} incident={row} onOpen={onOpen} />)}
    </ul>
  );
}

export const TONES: Record<string, "bad" | "warn" | undefined> = { critical: "bad", warning: "warn" };

function Row({ incident, onOpen }: { incident: Incident; onOpen: (id: string) => void }) {
  const t = useText(text);
  const may = useMay();
  const { acknowledge, resolve, busy } = useIncident(incident);
  const look = lookOf(incident.kind);
  const what = sentenceOf(t, incident);
  const taken = incident.state === "acknowledged";
  return (
    <li data-taken={taken || undefined}>
      <Marked mark={look.mark} colour={look.colour} word={what} as="mark" size={20} />
      <div className={classes["what"]}>
        <button type="button" data-name className={classes["name"]} onClick={() => onOpen(incident.id)}>{what}</button>
        <p>
          {errorOf(incident) ? <span>{errorOf(incident)}</span> : null}
          {incident.location ? <span>{[incident.location.name, incident.location.city].filter(Boolean).join(", ")}</span> : null}
          {incident.station_id ? <Link to={`/stations/${incident.station_id}`}>{t("toStation")}</Link> : null}
          {incident.subject_type === "session" ? <Link to={`/sessions/${incident.subject_id}`}>{t("toSession")}</Link> : null}
          {incident.reopened > 0 ? <span>{t("reopened", { count: incident.reopened })}</span> : null}
        </p>
        {taken ? <p className={classes["taken"]}>{[t("byWhom", { who: incident.acknowledged_by ?? "" }), incident.note].filter(Boolean).join(": ")}</p> : null}
      </div>
      <div className={classes["when"]}>
        <Tag tone={TONES[incident.severity]}>{t(incident.severity as AlertWord)}</Tag>
        <span><Age at={incident.since} /></span>
        <small><Time at={incident.since} zone={incident.location?.time_zone} style="dateTime" /></small>
      </div>
      {may("incidents:write") ? (
        <div className={classes["buttons"]}>
          <Button size="sm" kind={taken ? "default" : "primary"} busy={busy} onClick={() => acknowledge(null)}>{t(taken ? "takeOver" : "acknowledge")}</Button>
          <Button size="sm" disabled={busy} onClick={() => void resolve(what)}>{t("resolve")}</Button>
        </div>
      ) : null}
    </li>
  );
}
