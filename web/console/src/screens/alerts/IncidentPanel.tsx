import { Modal } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useMay } from "#shared/api/session";
import { Button } from "#shared/button/Button";
import { TextField } from "#shared/form/fields";
import { Age, Time } from "#shared/format/Time";
import { useText } from "#shared/i18n/i18n";
import { Facts, Tag } from "#shared/page/Page";
import { QueryState } from "#shared/page/States";
import { Marked } from "#shared/state/StateMark";
import { usePhone } from "#shared/theme/useSize";
import { TONES } from "./OpenIncidents";
import { incidentQuery, type IncidentDetail } from "./queries";
import { entryOf, errorOf, lookOf, resultOf, sentenceOf } from "./sentences";
import { text, type AlertWord } from "./text";
import { useIncident } from "./useIncident";
import classes from "./alerts.module.css";

/** One incident: what it is, its course, who was told, and what to do. */
export function IncidentPanel({ id, onClose }: { id: string; onClose: () => void }) {
  const t = useText(text);
  const phone = usePhone();
  const query = useQuery(incidentQuery(id));
  const title = query.data ? sentenceOf(t, query.data) : t("incident");
  return (
    <Modal opened onClose={onClose} title={title} size={640} fullScreen={phone} closeButtonProps={{ "aria-label": t("close") }}>
      <QueryState query={query} what={t("incidents")}>{(incident) => <Body incident={incident} />}</QueryState>
    </Modal>
  );
}

const STATES: Record<string, AlertWord> = { open: "stateOpen", acknowledged: "stateAcknowledged", resolved: "stateResolved" };

function Body({ incident }: { incident: IncidentDetail }) {
  const t = useText(text);
  const may = useMay();
  const look = lookOf(incident.kind);
  const zone = incident.location?.time_zone;
  const error = errorOf(incident);
  return (
    <div className={classes["panel"]}>
      <div className={classes["head"]}>
        <Marked mark={look.mark} colour={look.colour} word={t(STATES[incident.state] ?? "stateOpen")} as="pill" />
        <Tag tone={TONES[incident.severity]}>{t(incident.severity as AlertWord)}</Tag>
        {incident.state === "resolved" ? null : <Age at={incident.since} />}
        {incident.station_id ? <Link to={`/stations/${incident.station_id}`}>{t("toStation")}</Link> : null}
        {incident.subject_type === "session" ? <Link to={`/sessions/${incident.subject_id}`}>{t("toSession")}</Link> : null}
      </div>
      <Facts
        facts={[
          ...(error ? [[t("what"), error] as [string, string]] : []),
          ...(incident.location ? [[t("location"), [incident.location.name, incident.location.city].filter(Boolean).join(", ")] as [string, string]] : []),
          [t("opened"), <Time key="opened" at={incident.opened_at} zone={zone} style="dateTime" />],
          ...(incident.resolved_at ? [[t("ended"), <Time key="ended" at={incident.resolved_at} zone={zone} style="dateTime" />] as [string, React.ReactNode]] : []),
        ]}
      />
      {may("incidents:write") ? <Actions incident={incident} /> : null}
      <h3>{t("course")}</h3>
      <ol className={classes["course"]}>
        {incident.entries.map((entry, index) => (
          <li key={index}>
            <Time at={entry.at} zone={zone} style="seconds" />
            <div>
              {entryOf(t, entry)}
              {entry.text ? <p>{entry.text}</p> : null}
            </div>
          </li>
        ))}
      </ol>
      {incident.deliveries.length > 0 ? (
        <>
          <h3>{t("told")}</h3>
          <ul className={classes["told"]}>
            {incident.deliveries.map((one) => {
              const result = resultOf(t, one);
              return (
                <li key={one.id}>
                  <span>{t(`event_${one.event}` as AlertWord)}</span>
                  <span className={classes["receiver"]}>{one.receiver}</span>
                  <Marked {...result} />
                  {one.error ? <small>{one.error}</small> : null}
                </li>
              );
            })}
          </ul>
        </>
      ) : null}
    </div>
  );
}

function Actions({ incident }: { incident: IncidentDetail }) {
  const t = useText(text);
  const [words, setWords] = useState("");
  const { acknowledge, comment, resolve, busy } = useIncident(incident);
  const given = words.trim();
  const clear = () => setWords("");
  return (
    <div className={classes["actions"]}>
      <TextField label={t("words")} rows={2} value={words} onChange={setWords} placeholder={t("notePlaceholder")} maxLength={1000} />
      <div className={classes["buttons"]}>
        {incident.state === "resolved" ? null : (
          <Button
            kind={incident.state === "open" ? "primary" : "default"}
            busy={busy}
            onClick={() => {
              acknowledge(given || null);
              clear();
            }}
          >
            {t(incident.state === "open" ? "acknowledge" : "takeOver")}
          </Button>
        )}
        <Button disabled={!given || busy} onClick={() => comment(given, clear)}>{t("comment")}</Button>
        {incident.state === "resolved" ? null : <Button disabled={busy} onClick={() => void resolve(sentenceOf(t, incident))}>{t("resolve")}</Button>}
      </div>
    </div>
  );
}
