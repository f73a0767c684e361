import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, ApiError, data } from "#shared/api/client";
import { useMay } from "#shared/api/session";
import { Button } from "#shared/button/Button";
import { ChoiceField, SelectField, SwitchField, TextField } from "#shared/form/fields";
import { useText } from "#shared/i18n/i18n";
import { Icon } from "#shared/icon/Icon";
import { Note } from "#shared/page/Page";
import { CopyText, Lines } from "#shared/page/States";
import { LOOKS, type ConnectorState } from "#shared/state/vocabulary";
import { useLanguage } from "#shared/i18n/i18n";
import { matchesQuery, saidOf, type Knock } from "./knocks";
import { text } from "./text";
import classes from "./inbox.module.css";

/** Where the station stands, how it is to connect, and what happens then. */
export function Adopt({ knock, onClose, onDecide }: { knock: Knock; onClose: () => void; onDecide: (knock: Knock, decision: "refuse") => void }) {
  const t = useText(text);
  const navigate = useNavigate();
  const client = useQueryClient();
  const matches = useQuery(matchesQuery(knock.id));
  const locations = useQuery({ queryKey: ["locations", "names"], queryFn: () => data(api.GET("/api/v1/locations", { params: { query: { limit: 500, sort: "name" } } })) });
  const [chosen, setChosen] = useState<string | null>(null);
  const [label, setLabel] = useState("");
  const [password, setPassword] = useState("push");
  const [freeVend, setFreeVend] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const [made, setMade] = useState<{ id: string; password: string | null; pushed: boolean } | null>(null);

  const found = matches.data?.locations ?? [];
  const all = locations.data?.items ?? [];
  const only = all.length === 1 ? all[0]?.id : undefined;
  const location = chosen ?? found[0]?.location_id ?? only ?? "";
  const matched = found.some((one) => one.location_id === location);
  const inside = knock.station_id !== null;
  const adopt = async () => {
    if (!location) {
      setError(t("chooseLocation"));
      return;
    }
    setBusy(true);
    setError("");
    try {
      const push = inside && password === "push";
      const adopted = await data(api.POST("/api/v1/inbox/knocks/{knock}/adopt", { params: { path: { knock: knock.id } }, body: { location_id: location, push_password: push, free_vend: freeVend, security_profile: 1, ...(label.trim() ? { label: label.trim() } : {}) } }));
      setMade({ id: adopted.station.id, password: adopted.password, pushed: push && adopted.station.link === "online" });
      void client.invalidateQueries({ queryKey: ["inbox"] });
      void client.invalidateQueries({ queryKey: ["stations"] });
    } catch (thrown) {
      if (!(thrown instanceof ApiError)) throw thrown;
      setError(thrown.detail);
    } finally {
      setBusy(false);
    }
  };
  if (made) {
    return (
      <section className={classes["panel"]} aria-label={t("adoptedTitle", { name: knock.identity })}>
        <header><h2>{t("adoptedTitle", { name: knock.identity })}</h2></header>
        <div className={classes["body"]}>
          {made.password ? (
            <>
              <Note tone="warn">{t("passwordOnce")}</Note>
              <CopyText value={made.password} />
              {made.pushed ? <p className={classes["quiet"]}>{t("passwordPushed")}</p> : null}
            </>
          ) : null}
        </div>
        <footer>
          <Button onClick={onClose}>{t("done")}</Button>
          <span className={classes["space"]} />
          <Button kind="primary" onClick={() => void navigate({ to: `/stations/${made.id}` })}>{t("toStation")}</Button>
        </footer>
      </section>
    );
  }
  return (
    <section className={classes["panel"]} aria-label={t("adoptTitle", { name: knock.identity })}>
      <header>
        <h2>{t("adoptTitle", { name: knock.identity })}</h2>
        <span className={classes["space"]} />
        <Button size="sm" kind="quiet" icon="close" aria-label={t("cancel")} onClick={onClose} />
      </header>
      <form className={classes["body"]} id="adopt" onSubmit={(event) => { event.preventDefault(); void adopt(); }}>
        {matches.isPending || locations.isPending ? <Lines count={3} /> : (
          <>
            {found.length > 0 ? (
              <ChoiceField
                label={t("location")}
                value={matched ? location : ""}
                onChange={setChosen}
                options={found.map((one, index) => ({
                  value: one.location_id,
                  label: `${one.name}${index === 0 ? `, ${t("bestMatch")}` : ""}`,
                  help: t(one.reason === "same_address" ? "sameAddress" : "similarName", { names: one.stations.join(", ") }),
                }))}
              />
            ) : null}
            <SelectField label={found.length > 0 ? t("other") : t("location")} value={matched ? "" : location} onChange={setChosen} placeholder={t("chooseLocation")} error={error || undefined} options={all.filter((one) => !found.some((match) => match.location_id === one.id)).map((one) => ({ value: one.id, label: [one.name, one.city].filter(Boolean).join(", ") }))} />
            {all.length === 0 ? <p className={classes["quiet"]}>{t("noLocations")} <Link className="fc-link" to="/locations">{t("newLocation")}</Link></p> : null}
          </>
        )}
        <TextField label={t("label")} help={t("labelHelp")} value={label} onChange={setLabel} maxLength={100} />
        {inside ? <ChoiceField label={t("password")} value={password} onChange={setPassword} options={[{ value: "push", label: t("passwordPush"), help: t("passwordPushHelp") }, { value: "show", label: t("passwordShow"), help: t("passwordShowHelp") }]} /> : <Note><b>{t("passwordShow")}.</b> {t("passwordShowHelp")}</Note>}
        <SwitchField label={t("freeVend")} help={t("freeVendHelp")} value={freeVend} onChange={setFreeVend} />
        <Known knock={knock} location={location} />
        <div className={classes["next"]}>
          <h3>{t("next")}</h3>
          <ol>
            <li>{t(inside && password === "push" ? "next1Online" : "next1")}</li>
            <li>{t("next2")}</li>
            <li>{t("next3")}</li>
          </ol>
        </div>
      </form>
      <footer>
        <Button onClick={() => onDecide(knock, "refuse")}>{t("refuse")}</Button>
        <span className={classes["space"]} />
        <Button type="submit" form="adopt" kind="primary" busy={busy}>{t("adoptVerb")}</Button>
      </footer>
    </section>
  );
}

/** Tariff, connectors and what speaks for or against it. */
function Known({ knock, location }: { knock: Knock; location: string }) {
  const t = useText(text);
  const { language } = useLanguage();
  const may = useMay()("tariffs:read");
  const matches = useQuery(matchesQuery(knock.id)).data;
  const applied = useQuery({
    queryKey: ["tariffs", "applied", location],
    queryFn: () => data(api.GET("/api/v1/tariff-assignments/applied", { params: { query: { location } } })),
    enabled: may && location !== "",
  });
  const id = applied.data?.tariff_id ?? null;
  const tariff = useQuery({ queryKey: ["tariffs", id], queryFn: () => data(api.GET("/api/v1/tariffs/{tariff}", { params: { path: { tariff: id ?? "" } } })), enabled: id !== null });
  const said = saidOf(knock);
  const states: Record<string, ConnectorState> = { available: "available", occupied: "occupied", charging: "charging", preparing: "preparing", faulted: "faulted", unavailable: "unavailable", reserved: "reserved", finishing: "finishing" };
  const word = (status: string | null) => {
    const state = status === null ? undefined : states[status];
    return state ? LOOKS[state][language] : (status ?? "");
  };
  return (
    <>
      {may && location ? (
        <p className={classes["fact"]}>
          <span>{t("tariff")}</span>
          <b>{tariff.data ? <Link className="fc-link" to={`/tariffs/${tariff.data.id}`}>{tariff.data.name}</Link> : applied.data && id === null ? t("tariffNone") : "…"}</b>
        </p>
      ) : null}
      <div>
        <h3>{t("connectors")}</h3>
        {matches && matches.outlets.length > 0 ? (
          <table className={classes["outlets"]}>
            <caption className="fc-hidden">{t("connectors")}</caption>
            <tbody>
              {matches.outlets.map((one) => (
                <tr key={`${one.evse_no}/${one.connector_no}`}>
                  <th scope="row">{one.connector_no > 1 || matches.outlets.filter((other) => other.evse_no === one.evse_no).length > 1 ? `${one.evse_no}/${one.connector_no}` : one.evse_no}</th>
                  <td>{one.kind ?? ""}</td>
                  <td>{word(one.status)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        ) : <p className={classes["quiet"]}>{t("connectorsNone")}</p>}
      </div>
      {matches ? (
        <ul className={classes["checks"]}>
          {said.model ? <li data-tone="ok"><Icon name="check" />{matches.same_model > 0 ? t("modelKnown", { count: matches.same_model }) : t("modelNew")}</li> : null}
          {matches.same_serial ? <li data-tone="warn"><Icon name="warn" />{t("serialKnown", { name: matches.same_serial })}</li> : said.serial ? <li data-tone="ok"><Icon name="check" />{t("serialNew")}</li> : null}
        </ul>
      ) : null}
    </>
  );
}
