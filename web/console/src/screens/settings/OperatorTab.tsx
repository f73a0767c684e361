/** The operator: its data, branding, defaults and the rules of signing in; one form, one save, the earlier reader loses nothing. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, ApiError } from "#shared/api/client";
import { meQuery, useMay } from "#shared/api/session";
import { Button } from "#shared/button/Button";
import { useCommands } from "#shared/command/CommandsProvider";
import { Fields, NumberField, SelectField, SwitchField, TextField } from "#shared/form/fields";
import { useText } from "#shared/i18n/i18n";
import { Card, Note } from "#shared/page/Page";
import { QueryState } from "#shared/page/States";
import { LogoCard } from "./LogoCard";
import { draftOf, operatorFaults, operatorPatch, operatorQuery, type Operator, type OperatorDraft } from "./rows";
import { text } from "./text";
import { useTell } from "./useSecure";
import { ZONES } from "./zones";
import classes from "./settings.module.css";

export function OperatorTab() {
  const t = useText(text);
  const query = useQuery(operatorQuery);
  return (
    <QueryState query={query} what={t("operator")}>
      {({ value, etag }) => <Form operator={value} etag={etag} />}
    </QueryState>
  );
}

const LANGUAGES = [{ value: "en", label: "English" }, { value: "de", label: "Deutsch" }, { value: "en,de", label: "English, Deutsch" }, { value: "de,en", label: "Deutsch, English" }];

function Form({ operator, etag }: { operator: Operator; etag: string | null }) {
  const t = useText(text);
  const client = useQueryClient();
  const { say } = useCommands();
  const tell = useTell();
  const off = !useMay()("settings:write");
  const [draft, setDraft] = useState<OperatorDraft>(() => draftOf(operator));
  const [shown, setShown] = useState(false);
  const patch = operatorPatch(draft, operator);
  const faults = operatorFaults(draft);
  const load = () => Promise.all([client.invalidateQueries({ queryKey: operatorQuery.queryKey }), client.invalidateQueries({ queryKey: meQuery.queryKey })]);
  const save = useMutation({
    mutationFn: () => api.PATCH("/api/v1/operator", { headers: etag ? { "If-Match": etag } : {}, body: patch }),
    onSuccess: async () => {
      await load();
      say(t("saved"));
    },
    onError: async (error) => {
      if (error instanceof ApiError && error.status === 412) await load();
      else tell(error);
    },
  });
  const set = <K extends keyof OperatorDraft>(key: K) => (value: OperatorDraft[K]) => setDraft({ ...draft, [key]: value });
  const fault = (key: keyof OperatorDraft) => {
    const found = faults[key];
    return shown && found ? t(found) : undefined;
  };
  const faster = save.error instanceof ApiError && save.error.status === 412;
  const zones = ZONES.includes(draft.zone) ? ZONES : [draft.zone, ...ZONES];
  return (
    <form
      noValidate
      onBlur={() => setShown(true)}
      onSubmit={(event) => {
        event.preventDefault();
        setShown(true);
        if (Object.keys(faults).length === 0) save.mutate();
      }}
    >
      {off ? <Note>{t("readOnly")}</Note> : null}
      {faster ? <Note tone="warn">{t("faster")}</Note> : null}
      <fieldset disabled={off} style={{ border: 0, margin: 0, padding: 0, minWidth: 0 }}>
        <div className={classes["cards"]}>
          <div className={classes["column"]}>
            <Card title={t("data")} note={operator.slug}>
              <Fields>
                <TextField label={t("name")} value={draft.name} onChange={set("name")} error={fault("name")} maxLength={200} />
                <TextField label={t("legalName")} help={t("legalHelp")} value={draft.legalName} onChange={set("legalName")} maxLength={200} />
                <Fields columns={2}>
                  <TextField label={t("country")} help={t("countryHelp")} value={draft.country} onChange={(country) => set("country")(country.toUpperCase())} error={fault("country")} maxLength={2} />
                  <TextField label={t("currency")} help={t("currencyHelp")} value={draft.currency} onChange={(currency) => set("currency")(currency.toUpperCase())} error={fault("currency")} maxLength={3} />
                </Fields>
                <SelectField label={t("operatorZone")} help={t("operatorZoneHelp")} value={draft.zone} onChange={set("zone")} options={zones.map((zone) => ({ value: zone, label: zone }))} />
                <SelectField label={t("languages")} value={draft.languages.join()} onChange={(next) => set("languages")(next.split(","))} options={LANGUAGES} />
                <TextField label={t("phone")} value={draft.phone} onChange={set("phone")} maxLength={40} />
                <TextField label={t("supportMail")} type="email" value={draft.mail} onChange={set("mail")} error={fault("mail")} maxLength={254} />
              </Fields>
            </Card>
          </div>
          <div className={classes["column"]}>
            <LogoCard operator={operator} off={off} onChanged={() => void load()} />
            <Card title={t("defaults")}>
              <Fields>
                <TextField label={t("partyId")} help={t("partyIdHelp")} mono value={draft.party} onChange={(party) => set("party")(party.toUpperCase())} error={fault("party")} maxLength={3} />
                <NumberField label={t("timeout")} help={t("timeoutHelp")} unit={t("seconds")} value={draft.timeout} onChange={set("timeout")} error={fault("timeout")} />
                <SwitchField label={t("oneSession")} help={t("oneSessionHelp")} value={draft.oneSession} onChange={set("oneSession")} disabled={off} />
              </Fields>
            </Card>
            <Card title={t("rules")}>
              <Fields>
                <SwitchField label={t("require")} help={t("requireHelp")} value={draft.required} onChange={set("required")} disabled={off} />
                <Fields columns={2}>
                  <NumberField label={t("lifetime")} unit={t("hours")} value={draft.hours} onChange={set("hours")} error={fault("hours")} />
                  <NumberField label={t("idle")} unit={t("minutes")} value={draft.minutes} onChange={set("minutes")} error={fault("minutes")} />
                </Fields>
              </Fields>
            </Card>
            {off ? null : (
              <div className={classes["form"]}>
                <footer><Button type="submit" kind="primary" busy={save.isPending} disabled={Object.keys(patch).length === 0}>{t("saveChanges")}</Button></footer>
              </div>
            )}
          </div>
        </div>
      </fieldset>
    </form>
  );
}
