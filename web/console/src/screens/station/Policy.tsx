import { useState } from "react";
import { api, ApiError } from "#shared/api/client";
import { Button } from "#shared/button/Button";
import { useCommands } from "#shared/command/CommandsProvider";
import { Fields, NumberField, SelectField, SwitchField, TextField } from "#shared/form/fields";
import { useText } from "#shared/i18n/i18n";
import { Card } from "#shared/page/Page";
import type { Station } from "./queries";
import { text } from "./text";
import classes from "./station.module.css";

/** Quirks that have a field of their own; the others are edited as JSON. */
const NAMED = ["ping", "assume_16", "no_millis"];

/** How the station may connect, and what is tolerated of it. */
export function Policy({ station, reload }: { station: Station; reload: () => void }) {
  const t = useText(text);
  const { say } = useCommands();
  const quirks = station.quirks as Record<string, unknown>;
  const [draft, setDraft] = useState(() => ({
    strictness: station.strictness,
    ping: String(quirks["ping"] ?? ""),
    assume16: quirks["assume_16"] === true,
    noMillis: quirks["no_millis"] === true,
    others: JSON.stringify(Object.fromEntries(Object.entries(quirks).filter(([name]) => !NAMED.includes(name)))),
    heartbeat: String(station.heartbeat_interval_s),
    profile: String(station.security_profile),
    plain: station.allow_plain,
    freeVend: station.free_vend,
  }));
  const [wrong, setWrong] = useState<{ others?: string; heartbeat?: string; all?: string }>({});
  const [busy, setBusy] = useState(false);
  const set = (change: Partial<typeof draft>) => setDraft({ ...draft, ...change });
  const save = async () => {
    const others = readObject(draft.others);
    const seconds = Number(draft.heartbeat);
    const found = {
      ...(others === null ? { others: t("quirksInvalid") } : {}),
      ...(Number.isInteger(seconds) && seconds >= 10 && seconds <= 86_400 ? {} : { heartbeat: t("heartbeatInvalid") }),
    };
    setWrong(found);
    if (Object.keys(found).length > 0) return;
    setBusy(true);
    try {
      await api.PATCH("/api/v1/stations/{station}", {
        params: { path: { station: station.id }, header: { "if-match": `"${station.revision}"` } },
        body: {
          strictness: draft.strictness as "strict" | "standard" | "lenient",
          heartbeat_interval_s: seconds,
          security_profile: Number(draft.profile),
          allow_plain: draft.plain,
          free_vend: draft.freeVend,
          quirks: { ...others, ...(draft.ping ? { ping: draft.ping } : {}), ...(draft.assume16 ? { assume_16: true } : {}), ...(draft.noMillis ? { no_millis: true } : {}) },
        },
      });
      say(t("saved"));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setWrong({ all: error.status === 412 ? t("changedMeanwhile") : error.detail });
    } finally {
      setBusy(false);
      reload();
    }
  };
  return (
    <Card title={t("policy")}>
      <form className={classes["dialog"]} onSubmit={(event) => { event.preventDefault(); void save(); }}>
        <Fields>
          <SelectField label={t("strictness")} value={draft.strictness} onChange={(strictness) => set({ strictness })} options={(["strict", "standard", "lenient"] as const).map((one) => ({ value: one, label: t(one) }))} />
          <SelectField label={t("ping")} value={draft.ping} onChange={(ping) => set({ ping })} placeholder={t("pingDefault")} options={[{ value: "on", label: t("pingOn") }, { value: "observe", label: t("pingObserve") }, { value: "off", label: t("pingOff") }]} />
          <SelectField label={t("profileLeast")} value={draft.profile} onChange={(profile) => set({ profile })} options={(["securityPlain", "securityBasic", "securityTls", "securityMutual"] as const).map((word, n) => ({ value: String(n), label: `${n}: ${t(word)}` }))} />
          <NumberField label={t("heartbeat")} unit="s" value={draft.heartbeat} onChange={(heartbeat) => set({ heartbeat })} error={wrong.heartbeat} />
          <SwitchField label={t("freeVend")} value={draft.freeVend} onChange={(freeVend) => set({ freeVend })} />
          <SwitchField label={t("allowPlain")} value={draft.plain} onChange={(plain) => set({ plain })} />
          <SwitchField label={t("assume16")} value={draft.assume16} onChange={(assume16) => set({ assume16 })} />
          <SwitchField label={t("noMillis")} value={draft.noMillis} onChange={(noMillis) => set({ noMillis })} />
          <TextField label={t("otherQuirks")} value={draft.others} onChange={(others) => set({ others })} error={wrong.others} mono />
        </Fields>
        {wrong.all ? <p className={classes["error"]} role="alert">{wrong.all}</p> : null}
        <footer><Button type="submit" kind="primary" busy={busy}>{t("save")}</Button></footer>
      </form>
    </Card>
  );
}

function readObject(typed: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(typed.trim() === "" ? "{}" : typed);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
