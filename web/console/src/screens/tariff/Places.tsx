/** Where a tariff applies and from when; and which tariff applies at a place, and why. */
import { Modal } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, ApiError } from "#shared/api/client";
import { Button } from "#shared/button/Button";
import { useCommands } from "#shared/command/CommandsProvider";
import { ChoiceField, SelectField, TextField } from "#shared/form/fields";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { useKeys } from "#shared/keys/keys";
import { Card, Note, Tag } from "#shared/page/Page";
import { QueryState } from "#shared/page/States";
import { fromLocal } from "./example";
import { useProblemWords } from "./problems";
import { appliedQuery, assignmentsQuery, evsesQuery, locationsQuery, type Assignment } from "./queries";
import { text, type TextKey } from "./text";
import classes from "./tariff.module.css";

export function Places({ tariff, name, zone, may }: { tariff: string; name: string; zone: string; may: boolean }) {
  const t = useText(text);
  const f = useFormat();
  const client = useQueryClient();
  const { ask, say, refuse } = useCommands();
  const query = useQuery(assignmentsQuery(tariff));
  const [dialog, setDialog] = useState<"assign" | "why" | null>(null);
  useKeys({ a: () => setDialog("assign") }, may && dialog === null);
  const now = Date.now();
  const state = (one: Assignment) => (one.valid_to !== null && Date.parse(one.valid_to) <= now ? "over" : Date.parse(one.valid_from) > now ? "later" : "now");
  const end = async (one: Assignment) => {
    const place = placeName(one, t);
    const answer = await ask({ title: t("endTitle", { name, place }), consequences: [{ text: t("endNext", { place }) }, { text: t("runningKeep") }], verb: t("endVerb"), harms: true });
    if (answer === null) return;
    try {
      await api.DELETE("/api/v1/tariff-assignments/{assignment}", { params: { path: { assignment: one.id } } });
      say(t("ended", { place }));
    } catch (error) {
      refuse(t("endTitle", { name, place }), error as ApiError);
    }
    await client.invalidateQueries({ queryKey: ["tariffs"] });
  };
  return (
    <Card
      title={t("applies")}
      bare
      actions={
        <>
          <Button size="sm" onClick={() => setDialog("why")}>{t("why")}</Button>
          {may ? <Button size="sm" icon="plus" onClick={() => setDialog("assign")}>{t("assign")} <kbd>A</kbd></Button> : null}
        </>
      }
    >
      <QueryState query={query} what={t("applies")}>
        {(items) => {
          const shown = items.filter((one) => state(one) !== "over");
          return shown.length === 0 ? <p className={classes["quietPad"]}>{t("appliesNowhereHelp")}</p> : (
            <ul className={classes["places"]}>
              {shown.map((one) => (
                <li key={one.id}>
                  <span>{placeName(one, t)}</span>
                  <small>{t("from", { time: f.time(one.valid_from, "dateTime", zone) })}{one.valid_to ? `, ${t("until", { time: f.time(one.valid_to, "dateTime", zone) })}` : ""}</small>
                  {state(one) === "later" ? <Tag tone="accent">{t("later")}</Tag> : <Tag tone="ok">{t("inForce")}</Tag>}
                  {may ? <Button kind="quiet" size="sm" onClick={() => void end(one)}>{t("end")}</Button> : null}
                </li>
              ))}
            </ul>
          );
        }}
      </QueryState>
      {dialog === "assign" ? <AssignDialog tariff={tariff} name={name} zone={zone} onClose={() => setDialog(null)} /> : null}
      {dialog === "why" ? <WhyDialog zone={zone} onClose={() => setDialog(null)} /> : null}
    </Card>
  );
}

type T = (key: TextKey, params?: Record<string, string | number>) => string;

export function placeName(one: Pick<Assignment, "evse_id" | "evse_uid" | "location_id" | "location_name">, t: T): string {
  if (one.evse_id) return t("placeEvse", { evse: one.evse_uid ?? one.evse_id, location: one.location_name ?? "" });
  return one.location_id ? (one.location_name ?? one.location_id) : t("placeEverywhere");
}

/** Location and EVSE, each from a list. */
function PlaceFields({ location, evse, onLocation, onEvse, scope }: { location: string; evse: string; onLocation: (id: string) => void; onEvse: (id: string) => void; scope: string }) {
  const t = useText(text);
  const locations = useQuery(locationsQuery);
  const evses = useQuery(evsesQuery(scope === "location" ? "" : location));
  return (
    <div className={classes["pair"]}>
      <SelectField label={t("location")} value={location} onChange={(id) => { onLocation(id); onEvse(""); }} placeholder={t("choose")} options={(locations.data ?? []).map((one) => ({ value: one.id, label: one.name }))} />
      {scope === "location" ? null : (
        <SelectField label={t("evse")} value={evse} onChange={onEvse} disabled={location === ""} placeholder={t("choose")} options={(evses.data ?? []).map((one) => ({ value: one.id, label: one.label ? `${one.evse_uid} (${one.label})` : one.evse_uid }))} />
      )}
    </div>
  );
}

function AssignDialog({ tariff, name, zone, onClose }: { tariff: string; name: string; zone: string; onClose: () => void }) {
  const t = useText(text);
  const words = useProblemWords();
  const client = useQueryClient();
  const { say } = useCommands();
  const [scope, setScope] = useState("location");
  const [location, setLocation] = useState("");
  const [evse, setEvse] = useState("");
  const [from, setFrom] = useState("");
  const [until, setUntil] = useState("");
  const [error, setError] = useState<string | null>(null);
  const ready = scope === "operator" || (scope === "location" ? location !== "" : evse !== "");
  const utc = (local: string) => (local ? new Date(fromLocal(local.slice(0, 10), local.slice(11, 16), zone)).toISOString() : null);
  const send = async () => {
    try {
      await api.POST("/api/v1/tariff-assignments", {
        body: { tariff_id: tariff, location_id: scope === "location" ? location : null, evse_id: scope === "evse" ? evse : null, valid_from: utc(from), valid_to: utc(until) },
      });
    } catch (problem) {
      return setError(problem instanceof ApiError ? words(problem) : String(problem));
    }
    say(t("assigned", { name }));
    await client.invalidateQueries({ queryKey: ["tariffs"] });
    onClose();
  };
  return (
    <Modal opened onClose={onClose} title={t("assignTitle", { name })} size={560} closeButtonProps={{ "aria-label": t("close") }}>
      <form
        className={classes["dialog"]}
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) void send();
        }}
      >
        <ChoiceField
          label={t("scope")}
          value={scope}
          onChange={setScope}
          options={[{ value: "location", label: t("scopeLocation") }, { value: "evse", label: t("scopeEvse"), help: t("scopeEvseHelp") }, { value: "operator", label: t("scopeOperator"), help: t("scopeOperatorHelp") }]}
        />
        {scope === "operator" ? null : <PlaceFields scope={scope} location={location} evse={evse} onLocation={setLocation} onEvse={setEvse} />}
        <div className={classes["pair"]}>
          <TextField label={t("validFrom", { zone })} help={t("nowIfEmpty")} type="datetime-local" value={from} onChange={setFrom} />
          <TextField label={t("validUntil", { zone })} help={t("openIfEmpty")} type="datetime-local" value={until} onChange={setUntil} />
        </div>
        {error ? <Note tone="bad">{error}</Note> : null}
        <footer>
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button type="submit" kind="primary" disabled={!ready}>{t("assignVerb")}</Button>
        </footer>
      </form>
    </Modal>
  );
}

function WhyDialog({ zone, onClose }: { zone: string; onClose: () => void }) {
  const t = useText(text);
  const f = useFormat();
  const [location, setLocation] = useState("");
  const [evse, setEvse] = useState("");
  const [at, setAt] = useState("");
  const moment = at ? new Date(fromLocal(at.slice(0, 10), at.slice(11, 16), zone)).toISOString() : "";
  const query = useQuery(appliedQuery(location, evse, moment));
  return (
    <Modal opened onClose={onClose} title={t("whyTitle")} size={640} closeButtonProps={{ "aria-label": t("close") }}>
      <div className={classes["dialog"]}>
        <PlaceFields scope="any" location={location} evse={evse} onLocation={setLocation} onEvse={setEvse} />
        <TextField label={t("whyAt", { zone })} help={t("nowIfEmpty")} type="datetime-local" value={at} onChange={setAt} />
        <QueryState query={query} what={t("applies")}>
          {(found) => found.candidates.length === 0 ? <Note tone="warn">{t("whyNone")}</Note> : (
            <ol className={classes["candidates"]}>
              {found.candidates.map((one) => (
                <li key={one.assignment_id} data-reason={one.reason}>
                  <b>{one.tariff_name}{one.version === null ? "" : `, v${one.version}`}</b>
                  {one.reason === "applies" ? <Tag tone="ok">{t("whyApplies")}</Tag> : null}
                  <p>{t(`scope_${one.scope}` as TextKey)}, {t("from", { time: f.time(one.valid_from, "dateTime", zone) })}. {t(`reason_${one.reason}` as TextKey)}</p>
                </li>
              ))}
            </ol>
          )}
        </QueryState>
        <p className={classes["help"]}>{t("whyHelp")}</p>
      </div>
    </Modal>
  );
}
