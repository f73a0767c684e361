import { Tooltip } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, ApiError, data } from "#shared/api/client";
import { Button } from "#shared/button/Button";
import { useCommandsOff } from "#shared/command/CommandButton";
import { useCommands } from "#shared/command/CommandsProvider";
import { isOpen, secondsLeft } from "#shared/command/outcome";
import { useCommandOutcome } from "#shared/command/useCommand";
import { useNow } from "#shared/format/Time";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import type { Row } from "./queries";
import { text } from "./text";

/** Ends the session from afar: asks first, then is its own status until the station has proven it. */
export function StopButton({ row, cost, idle }: { row: Row; cost: string | null; idle: boolean }) {
  const t = useText(text);
  const f = useFormat();
  const now = useNow();
  const client = useQueryClient();
  const { ask, track, refuse } = useCommands();
  const refused = useCommandsOff();
  const [id, setId] = useState<string | null>(null);
  const [sending, setSending] = useState(false);
  const command = useCommandOutcome(id).data ?? null;
  const name = row.station ?? row.station_id;
  const title = t("stopTitle", { station: row.evse_no === null ? name : `${name} · ${row.evse_no}` });

  if (row.ended_at !== null || row.stopped_at !== null) return null;
  const press = async () => {
    const answer = await ask({
      title,
      consequences: [
        { text: t("stopNow", { energy: f.energy(row.energy_wh, 2) }), harms: true },
        { text: cost === null ? t("stopNoCost") : t("stopCost", { amount: f.money(cost, row.currency) }) },
        ...(idle ? [{ text: t("stopIdle") }] : []),
        { text: t("stopProof") },
      ],
      verb: t("stopVerb"),
      harms: true,
    });
    if (answer === null) return;
    setSending(true);
    try {
      const sent = await data(api.POST("/api/v1/sessions/{session}/stop", { params: { path: { session: row.id } } }));
      client.setQueryData(["commands", "one", sent.id], sent);
      setId(sent.id);
      track(sent.id, title);
    } catch (thrown) {
      if (!(thrown instanceof ApiError)) throw thrown;
      refuse(title, thrown);
    } finally {
      setSending(false);
    }
  };
  if (sending || (command !== null && isOpen(command))) {
    const left = command === null || command.status === "accepted" ? 0 : secondsLeft(command, now);
    return <Button icon="clock" disabled data-status="open">{left > 0 ? `${t("stopping")}, ${f.duration(left)}` : `${t("stopping")} …`}</Button>;
  }
  const off = refused ?? (row.transaction === null ? t("stopWaits") : row.link !== null && row.link !== "online" ? t("stopOffline") : null);
  const button = <Button icon="stop" disabled={off !== null} onClick={() => void press()}>{t("stop")}</Button>;
  return off === null ? button : <Tooltip label={off}><span>{button}</span></Tooltip>;
}
