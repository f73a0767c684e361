/** Publishing a draft: at once or at a set time, with what it changes and whom it touches. */
import { Modal } from "@mantine/core";
import { useState } from "react";
import { ApiError } from "#shared/api/client";
import { Button } from "#shared/button/Button";
import { ChoiceField, TextField } from "#shared/form/fields";
import { useText } from "#shared/i18n/i18n";
import { Note } from "#shared/page/Page";
import { fromLocal } from "./example";
import type { Document } from "#shared/tariff/model";
import { useProblemWords } from "./problems";
import type { Version } from "./queries";
import { text } from "./text";
import { Changes } from "./Versions";
import classes from "./tariff.module.css";

interface PublishDialogProps {
  name: string;
  number: number;
  document: Document;
  live: Version | undefined;
  places: number;
  zone: string;
  onPublish: (at: string | null) => Promise<void>;
  onClose: () => void;
}

export function PublishDialog({ name, number, document, live, places, zone, onPublish, onClose }: PublishDialogProps) {
  const t = useText(text);
  const words = useProblemWords();
  const [when, setWhen] = useState("later");
  const [date, setDate] = useState(() => new Date(Date.now() + 86_400_000).toLocaleDateString("sv-SE", { timeZone: zone }));
  const [time, setTime] = useState("00:00");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const readable = /^\d{4}-\d{2}-\d{2}$/.test(date) && /^\d{2}:\d{2}$/.test(time);
  const at = readable ? fromLocal(date, time, zone) : NaN;
  const late = when === "later" && !(at > Date.now());
  const send = async () => {
    if (late) return setError(t("notFuture"));
    setBusy(true);
    try {
      await onPublish(when === "later" ? new Date(at).toISOString() : null);
    } catch (problem) {
      setError(problem instanceof ApiError ? words(problem) : String(problem));
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={t("publishTitle", { number, name })} size={640} closeButtonProps={{ "aria-label": t("close") }}>
      <form
        className={classes["dialog"]}
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <ChoiceField
          label={t("publishWhen")}
          value={when}
          onChange={setWhen}
          options={[{ value: "later", label: t("publishLater"), help: t("publishLaterHelp") }, { value: "now", label: t("publishNow"), help: t("publishNowHelp") }]}
        />
        {when === "later" ? (
          <div className={classes["pair"]}>
            <TextField label={t("publishDate")} type="date" value={date} onChange={setDate} />
            <TextField label={t("publishTime", { zone })} type="time" value={time} onChange={setTime} />
          </div>
        ) : null}
        <ul className={classes["consequences"]}>
          <li>{places === 0 ? t("appliesNowhere") : t("appliesCount", { count: places })}</li>
          <li>{live ? t("replaces", { number: live.number }) : t("firstVersion")}</li>
          <li>{t("runningKeep")}</li>
        </ul>
        {live ? <Changes before={live.tariff} after={document} /> : null}
        {error ? <Note tone="bad">{error}</Note> : null}
        <footer>
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button type="submit" kind="primary" busy={busy}>{t(when === "later" ? "schedule" : "publish")}</Button>
        </footer>
      </form>
    </Modal>
  );
}
