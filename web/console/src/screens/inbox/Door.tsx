import { Modal } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, ApiError } from "#shared/api/client";
import { useMay } from "#shared/api/session";
import { Button } from "#shared/button/Button";
import { useCommands } from "#shared/command/CommandsProvider";
import { Fields, NumberField } from "#shared/form/fields";
import { useNow } from "#shared/format/Time";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { Icon } from "#shared/icon/Icon";
import { letIn, windowsQuery } from "./knocks";
import { text } from "./text";
import classes from "./inbox.module.css";

/** Whether unknown stations may come in now, and for how long. */
export function Door() {
  const t = useText(text);
  const f = useFormat();
  const now = useNow();
  const client = useQueryClient();
  const { say, refuse } = useCommands();
  const may = useMay()("inbox:write");
  const [asking, setAsking] = useState(false);
  const windows = useQuery(windowsQuery);
  const open = (windows.data ?? []).find((one) => Date.parse(one.closes_at) > now);
  const again = () => void client.invalidateQueries({ queryKey: ["inbox"] });
  const close = async () => {
    try {
      await api.DELETE("/api/v1/inbox/windows");
      say(t("closed"));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      refuse(t("close"), error);
    }
    again();
  };
  return (
    <section className={classes["door"]} data-open={open ? true : undefined} aria-label={open ? t("opened") : t("doorClosed")}>
      <Icon name={open ? "unlock" : "lock"} />
      <div>
        <b role="timer">{open ? t("doorOpen", { time: f.duration((Date.parse(open.closes_at) - now) / 1000) }) : t("doorClosed")}</b>
        <p>{open ? t("openedBy", { name: open.opened_by ?? "?", count: letIn(open) }) : t("doorHelp")}</p>
      </div>
      {open ? <Button size="sm" disabled={!may} onClick={() => void close()}>{t("close")}</Button> : <Button size="sm" disabled={!may} onClick={() => setAsking(true)}>{t("open")}</Button>}
      {asking ? <OpenDialog onClose={() => { setAsking(false); again(); }} /> : null}
    </section>
  );
}

function OpenDialog({ onClose }: { onClose: () => void }) {
  const t = useText(text);
  const { say } = useCommands();
  const [draft, setDraft] = useState({ minutes: "15", cap: "5" });
  const [wrong, setWrong] = useState<{ minutes?: string; cap?: string; all?: string }>({});
  const within = (typed: string, most: number) => /^\d+$/.test(typed.trim()) && Number(typed) >= 1 && Number(typed) <= most;
  const open = async () => {
    const found = { ...(within(draft.minutes, 120) ? {} : { minutes: t("minutesWrong") }), ...(within(draft.cap, 500) ? {} : { cap: t("capWrong") }) };
    setWrong(found);
    if (Object.keys(found).length > 0) return;
    try {
      await api.POST("/api/v1/inbox/windows", { body: { minutes: Number(draft.minutes), max_per_address: Number(draft.cap) } });
      say(t("opened"));
      onClose();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setWrong({ all: error.detail });
    }
  };
  return (
    <Modal opened onClose={onClose} title={t("openTitle")} size={420} closeButtonProps={{ "aria-label": t("cancel") }}>
      <form className={classes["dialog"]} onSubmit={(event) => { event.preventDefault(); void open(); }}>
        <p className={classes["quiet"]}>{t("doorHelp")}</p>
        <Fields columns={2}>
          <NumberField label={t("minutes")} help={t("minutesHelp")} unit={t("min")} value={draft.minutes} onChange={(minutes) => setDraft({ ...draft, minutes })} error={wrong.minutes} />
          <NumberField label={t("cap")} help={t("capHelp")} value={draft.cap} onChange={(cap) => setDraft({ ...draft, cap })} error={wrong.cap} />
        </Fields>
        {wrong.all ? <p className={classes["error"]} role="alert">{wrong.all}</p> : null}
        <footer>
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button type="submit" kind="primary">{t("openVerb")}</Button>
        </footer>
      </form>
    </Modal>
  );
}
