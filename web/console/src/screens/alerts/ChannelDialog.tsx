import { Modal } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, ApiError, data } from "#shared/api/client";
import { Button } from "#shared/button/Button";
import { useCommands } from "#shared/command/CommandsProvider";
import { SelectField, SwitchField, TextField } from "#shared/form/fields";
import { useText } from "#shared/i18n/i18n";
import { CopyText } from "#shared/page/States";
import { usePhone } from "#shared/theme/useSize";
import type { Edited } from "./Channels";
import { readAddresses } from "./sentences";
import { text, type AlertWord } from "./text";
import classes from "./alerts.module.css";

interface ChannelDialogProps {
  edited: Edited;
  onClose: () => void;
  onSecret: (secret: { name: string; value: string }) => void;
}

/** A new channel, or what there is to change about one. */
export function ChannelDialog({ edited, onClose, onSecret }: ChannelDialogProps) {
  const t = useText(text);
  const phone = usePhone();
  const { kind, channel } = edited;
  const title = channel ? t("editChannel", { name: channel.name }) : t(kind === "email" ? "newEmail" : "newWebhook");
  return (
    <Modal opened onClose={onClose} title={title} size={520} fullScreen={phone} closeButtonProps={{ "aria-label": t("close") }}>
      <Form edited={edited} onClose={onClose} onSecret={onSecret} />
    </Modal>
  );
}

function Form({ edited, onClose, onSecret }: ChannelDialogProps) {
  const t = useText(text);
  const { kind, channel } = edited;
  const [name, setName] = useState(channel?.name ?? "");
  const [enabled, setEnabled] = useState(channel?.enabled ?? true);
  const [recipients, setRecipients] = useState((channel?.recipients ?? []).join("\n"));
  const [language, setLanguage] = useState(channel?.language ?? "en");
  const [url, setUrl] = useState(channel?.url ?? "");
  const save = useSave(edited, onClose, onSecret);
  const addresses = readAddresses(recipients);
  const ready = name.trim() !== "" && (kind === "email" ? addresses.length > 0 : url.trim() !== "");
  const words = { name: name.trim(), enabled, language: language as "en" | "de" };
  const body = kind === "email" ? { ...words, recipients: addresses } : { ...words, url: url.trim() };
  const error = save.error instanceof ApiError ? save.error : null;
  const said = error ? (error.code in text.en ? t(error.code as AlertWord) : error.detail) : undefined;
  return (
    <form
      className={classes["form"]}
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) save.mutate(body);
      }}
    >
      <TextField label={t("name")} value={name} onChange={setName} maxLength={100} autoFocus />
      {kind === "email" ? (
        <>
          <TextField label={t("recipients")} help={t("recipientsHelp")} rows={4} value={recipients} onChange={setRecipients} error={said} />
          <SelectField label={t("language")} value={language} onChange={setLanguage} options={[{ value: "en", label: t("english") }, { value: "de", label: t("german") }]} />
        </>
      ) : (
        <TextField label={t("url")} help={t("urlHelp")} type="url" mono value={url} onChange={setUrl} error={said} placeholder="https://" />
      )}
      {channel ? <SwitchField label={t("on")} value={enabled} onChange={setEnabled} /> : null}
      <div className={classes["dialogButtons"]}>
        <Button onClick={onClose}>{t("cancel")}</Button>
        <Button kind="primary" type="submit" busy={save.isPending} disabled={!ready}>{t("save")}</Button>
      </div>
    </form>
  );
}

type Body = { name: string; enabled: boolean; language: "en" | "de"; recipients?: string[]; url?: string };

function useSave({ kind, channel }: Edited, onClose: () => void, onSecret: ChannelDialogProps["onSecret"]) {
  const t = useText(text);
  const client = useQueryClient();
  const { say } = useCommands();
  return useMutation({
    mutationFn: async (body: Body) => {
      if (!channel) return (await data(api.POST("/api/v1/alert-channels", { body: { ...body, kind } }))).secret;
      const params = { path: { channel: channel.id }, header: { "if-match": `"${channel.revision}"` } };
      await data(api.PATCH("/api/v1/alert-channels/{channel}", { params, body }));
      return null;
    },
    onSuccess: (secret, body) => {
      void client.invalidateQueries({ queryKey: ["alerts"] });
      say(t("channelSaved"));
      onClose();
      if (secret) onSecret({ name: body.name, value: secret });
    },
  });
}

/** A webhook's secret, shown this once. */
export function SecretDialog({ name, value, onClose }: { name: string; value: string; onClose: () => void }) {
  const t = useText(text);
  return (
    <Modal opened onClose={onClose} title={t("secretTitle", { name })} size={520} closeOnClickOutside={false} closeButtonProps={{ "aria-label": t("close") }}>
      <div className={classes["form"]}>
        <p>{t("secretOnce")}</p>
        <CopyText value={value} />
        <div className={classes["dialogButtons"]}>
          <Button kind="primary" onClick={onClose}>{t("close")}</Button>
        </div>
      </div>
    </Modal>
  );
}
