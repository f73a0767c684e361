import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useMay } from "#shared/api/session";
import { api, ApiError, data } from "#shared/api/client";
import { Button } from "#shared/button/Button";
import { useCommands } from "#shared/command/CommandsProvider";
import { Age } from "#shared/format/Time";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { Card, Facts, Tag } from "#shared/page/Page";
import { Marked } from "#shared/state/StateMark";
import type { Channel } from "./queries";
import { resultOf } from "./sentences";
import { text, type AlertWord } from "./text";
import classes from "./alerts.module.css";

interface ChannelCardProps {
  channel: Channel;
  onEdit: () => void;
  onSecret: (secret: { name: string; value: string }) => void;
}

/** One channel: where it leads, how the last sending ended, and a test. */
export function ChannelCard({ channel, onEdit, onSecret }: ChannelCardProps) {
  const t = useText(text);
  const f = useFormat();
  const may = useMay()("alerts:write");
  const { test, rotate, remove, busy } = useChannel(channel, onSecret);
  const last = channel.last_delivery;
  const rotating = channel.old_secret_until !== null && Date.parse(channel.old_secret_until) > Date.now();
  return (
    <Card
      title={channel.name}
      note={t(channel.kind as AlertWord)}
      actions={channel.enabled ? null : <Tag>{t("off")}</Tag>}
    >
      <Facts
        facts={[
          channel.kind === "email"
            ? [t("recipients"), channel.recipients?.join(", ") ?? ""]
            : [t("url"), <span key="url" className="fc-mono">{channel.url}</span>],
          [
            t("lastSent"),
            last ? (
              <span key="last" className={classes["last"]}>
                <Marked {...resultOf(t, last)} /> <Age at={last.created_at} />
              </span>
            ) : (
              t("neverSent")
            ),
          ],
        ]}
      />
      {last?.error ? <p className={classes["problem"]}>{last.error}</p> : null}
      {rotating ? <p className={classes["again"]}>{t("oldSecret", { time: f.time(channel.old_secret_until, "dateTime") })}</p> : null}
      {may ? (
        <div className={classes["buttons"]}>
          <Button size="sm" busy={busy} onClick={test}>{t("test")}</Button>
          <Button size="sm" onClick={onEdit}>{t("edit")}</Button>
          {channel.kind === "webhook" ? <Button size="sm" disabled={busy} onClick={() => void rotate()}>{t("rotate")}</Button> : null}
          <Button size="sm" kind="quiet" disabled={busy} onClick={() => void remove()}>{t("remove")}</Button>
        </div>
      ) : null}
    </Card>
  );
}

function useChannel(channel: Channel, onSecret: ChannelCardProps["onSecret"]) {
  const t = useText(text);
  const client = useQueryClient();
  const { say, ask, refuse } = useCommands();
  const path = { channel: channel.id };
  const reload = () => void client.invalidateQueries({ queryKey: ["alerts"] });
  const onError = (error: unknown) => (error instanceof ApiError ? refuse(t("notDone"), error) : undefined);
  const test = useMutation({
    mutationFn: () => data(api.POST("/api/v1/alert-channels/{channel}/test", { params: { path } })),
    // The log follows what waits; the card shows it once it is sent.
    onSuccess: () => {
      reload();
      setTimeout(reload, 1500);
      setTimeout(reload, 5000);
    },
    onError,
  });
  const rotate = useMutation({
    mutationFn: () => data(api.POST("/api/v1/alert-channels/{channel}/rotate-secret", { params: { path } })),
    onSuccess: (made) => {
      if (made.secret) onSecret({ name: channel.name, value: made.secret });
      reload();
    },
    onError,
  });
  const remove = useMutation({
    mutationFn: () => api.DELETE("/api/v1/alert-channels/{channel}", { params: { path } }),
    onSuccess: () => {
      say(t("channelRemoved"));
      reload();
    },
    onError,
  });
  return {
    busy: test.isPending || rotate.isPending || remove.isPending,
    test: () => test.mutate(),
    rotate: async () => {
      const answer = await ask({ title: t("rotateTitle", { name: channel.name }), consequences: [{ text: t("rotateKeeps") }, { text: t("rotateOnce") }], verb: t("rotateVerb") });
      if (answer) rotate.mutate();
    },
    remove: async () => {
      const answer = await ask({ title: t("removeChannel", { name: channel.name }), consequences: [{ text: t("removeChannelStops"), harms: true }], verb: t("removeRuleVerb"), harms: true });
      if (answer) remove.mutate();
    },
  };
}
