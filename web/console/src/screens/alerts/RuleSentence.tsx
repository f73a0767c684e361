import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Switch } from "@mantine/core";
import { useState } from "react";
import { useMay } from "#shared/api/session";
import { api, ApiError, data } from "#shared/api/client";
import { Button } from "#shared/button/Button";
import { useCommands } from "#shared/command/CommandsProvider";
import { useText } from "#shared/i18n/i18n";
import { Tag } from "#shared/page/Page";
import { Marked } from "#shared/state/StateMark";
import { Pick } from "./Pick";
import type { Channel, Rule } from "./queries";
import { draftOf, lookOf, MOST_AGAIN, MOST_DELAY, readMinutes, termsOf, type RuleDraft } from "./sentences";
import { text, type AlertWord } from "./text";
import classes from "./alerts.module.css";

interface RuleSentenceProps {
  rule: Rule;
  places: readonly { id: string; name: string }[];
  channels: readonly Channel[];
}

const WHEN: Record<string, AlertWord> = { station_offline: "ruleStation", connector_faulted: "ruleConnector", session_without_energy: "ruleSession" };
const SEVERITIES = [["critical", "aCritical"], ["warning", "aWarning"], ["info", "anInfo"]] as const;

/** "When a station is offline for 15 min at all locations, open a warning and tell every channel." */
export function RuleSentence({ rule, places, channels }: RuleSentenceProps) {
  const t = useText(text);
  const may = useMay()("alerts:write");
  const [draft, setDraft] = useState(() => draftOf(rule));
  const set = (change: Partial<RuleDraft>) => setDraft((before) => ({ ...before, ...change }));
  const { save, remove, busy } = useRule(rule);
  const changed = JSON.stringify(draft) !== JSON.stringify(draftOf(rule));
  const terms = termsOf(draft);
  const wrong = [readMinutes(draft.delay, MOST_DELAY) === null ? MOST_DELAY : 0, readMinutes(draft.again, MOST_AGAIN) === null ? MOST_AGAIN : 0].find(Boolean);
  const look = lookOf(rule.kind);
  return (
    <section className={classes["rule"]} data-off={!draft.enabled || undefined} aria-label={t(`kind_${rule.kind}` as AlertWord)}>
      <Marked mark={look.mark} colour={look.colour} word={t(`kind_${rule.kind}` as AlertWord)} as="mark" size={20} />
      <div className={classes["sentence"]}>
        <p>
          {t("ruleWhen")} <b>{t(WHEN[rule.kind] ?? "ruleStation")}</b> {t("ruleFor")}{" "}
          <Minutes label={t("ruleFor")} value={draft.delay} onChange={(delay) => set({ delay })} disabled={!may} invalid={readMinutes(draft.delay, MOST_DELAY) === null} /> {t("minutes")} {t("ruleAt")}{" "}
          <Pick
            label={t("locationsWhat")} value={draft.locations} onChange={(locations) => set({ locations })} options={places} disabled={!may}
            all={t("everywhere")} none={t("places", { count: 0 })} count={(count) => t("places", { count })}
          />
          , {t("ruleOpen")}{" "}
          <select className={classes["word"]} aria-label={t("severity")} value={draft.severity} disabled={!may} onChange={(event) => set({ severity: event.currentTarget.value })}>
            {SEVERITIES.map(([value, word]) => <option key={value} value={value}>{t(word)}</option>)}
          </select>{" "}
          {t("ruleIncident")}{" "}
          <Pick
            label={t("channels")} value={draft.channels} onChange={(chosen) => set({ channels: chosen })} options={channels} disabled={!may}
            all={t("everyChannel")} none={t("nobody")} count={(count) => t("channelCount", { count })}
          />
          .
        </p>
        <p className={classes["again"]}>
          {t("ruleAgain")}{" "}
          <Minutes label={t("ruleAgain")} value={draft.again} onChange={(again) => set({ again })} disabled={!may} invalid={readMinutes(draft.again, MOST_AGAIN) === null} /> {t("minutes")}, {t("ruleAgainEnd")}
        </p>
        {wrong ? <p className={classes["error"]} role="alert">{t("wholeMinutes", { most: wrong })}</p> : null}
        {changed && may ? (
          <div className={classes["buttons"]}>
            <Button size="sm" kind="primary" busy={busy} disabled={terms === null} onClick={() => terms && save(terms)}>{t("save")}</Button>
            <Button size="sm" disabled={busy} onClick={() => setDraft(draftOf(rule))}>{t("discard")}</Button>
          </div>
        ) : null}
      </div>
      <div className={classes["side"]}>
        <Switch aria-label={t("on")} checked={draft.enabled} disabled={!may} onChange={(event) => set({ enabled: event.currentTarget.checked })} />
        {rule.open_incidents > 0 ? <Tag tone="warn">{t("openNow", { count: rule.open_incidents })}</Tag> : null}
        {rule.builtin || !may ? null : <Button size="sm" kind="quiet" disabled={busy} onClick={() => void remove()}>{t("remove")}</Button>}
      </div>
    </section>
  );
}

function Minutes({ label, value, onChange, disabled, invalid }: { label: string; value: string; onChange: (value: string) => void; disabled: boolean; invalid: boolean }) {
  return (
    <input
      className={classes["minutes"]} aria-label={label} inputMode="numeric" value={value} disabled={disabled} maxLength={5}
      aria-invalid={invalid || undefined} onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

function useRule(rule: Rule) {
  const t = useText(text);
  const client = useQueryClient();
  const { say, ask, refuse } = useCommands();
  const path = { rule: rule.id };
  const reload = () => void client.invalidateQueries({ queryKey: ["alerts"] });
  const failed = (error: unknown) => {
    reload();
    if (error instanceof ApiError && error.status === 412) say(t("tooLate"));
    else if (error instanceof ApiError) refuse(t("notDone"), error);
  };
  const save = useMutation({
    mutationFn: (terms: NonNullable<ReturnType<typeof termsOf>>) => data(api.PATCH("/api/v1/alert-rules/{rule}", { params: { path, header: { "if-match": `"${rule.revision}"` } }, body: terms })),
    onSuccess: () => {
      say(t("ruleSaved"));
      reload();
    },
    onError: failed,
  });
  const remove = useMutation({
    mutationFn: () => api.DELETE("/api/v1/alert-rules/{rule}", { params: { path } }),
    onSuccess: () => {
      say(t("ruleRemoved"));
      reload();
    },
    onError: failed,
  });
  return {
    busy: save.isPending || remove.isPending,
    save: save.mutate,
    remove: async () => {
      const answer = await ask({ title: t("removeRule"), consequences: [{ text: t("removeRuleEnds") }], verb: t("removeRuleVerb"), harms: true });
      if (answer) remove.mutate();
    },
  };
}
