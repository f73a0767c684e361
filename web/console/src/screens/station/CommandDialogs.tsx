import { Modal } from "@mantine/core";
import { useState } from "react";
import { Button } from "#shared/button/Button";
import { SelectField, TextField } from "#shared/form/fields";
import { useText } from "#shared/i18n/i18n";
import type { Outlet, Station } from "./queries";
import { text } from "./text";
import classes from "./station.module.css";

const TRIGGERS_16 = ["BootNotification", "Heartbeat", "StatusNotification", "MeterValues", "FirmwareStatusNotification", "DiagnosticsStatusNotification"];
const TRIGGERS_2X = ["BootNotification", "Heartbeat", "StatusNotification", "MeterValues", "TransactionEvent", "FirmwareStatusNotification", "LogStatusNotification", "SignChargingStationCertificate"];

interface TriggerProps {
  station: Station;
  outlets: readonly Outlet[];
  onClose: () => void;
  onSend: (message: string, evseNo: number | null) => void;
}

/** Which message the station is to send now. */
export function TriggerDialog({ station, outlets, onClose, onSend }: TriggerProps) {
  const t = useText(text);
  const [message, setMessage] = useState("StatusNotification");
  const [evse, setEvse] = useState("");
  const numbers = [...new Set(outlets.map((one) => one.evseNo))];
  const messages = station.protocol === "ocpp1.6" ? TRIGGERS_16 : TRIGGERS_2X;
  return (
    <Modal opened onClose={onClose} title={t("triggerTitle", { name: station.identity })} size={420} closeButtonProps={{ "aria-label": t("cancel") }}>
      <form className={classes["dialog"]} onSubmit={(event) => { event.preventDefault(); onClose(); onSend(message, evse ? Number(evse) : null); }}>
        <SelectField label={t("message")} value={message} onChange={setMessage} options={messages.map((one) => ({ value: one, label: one }))} />
        <SelectField label={t("connector")} value={evse} onChange={setEvse} placeholder={t("whole")} options={numbers.map((one) => ({ value: String(one), label: String(one) }))} />
        <footer>
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button type="submit" kind="primary">{t("send")}</Button>
        </footer>
      </form>
    </Modal>
  );
}

/** Reads a payload: the object, or what is wrong with the text. */
export function readPayload(typed: string): { payload: Record<string, unknown> } | { wrong: "json" | "object"; error: string } {
  let value: unknown;
  try {
    value = JSON.parse(typed.trim() === "" ? "{}" : typed);
  } catch (error) {
    return { wrong: "json", error: error instanceof Error ? error.message : String(error) };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return { wrong: "object", error: "" };
  return { payload: value as Record<string, unknown> };
}

interface RawProps {
  station: Station;
  onClose: () => void;
  onSend: (action: string, payload: Record<string, unknown>) => void;
}

/** Any action with its payload; the JSON is checked before it is sent. */
export function RawDialog({ station, onClose, onSend }: RawProps) {
  const t = useText(text);
  const [action, setAction] = useState("");
  const [payload, setPayload] = useState("{}");
  const [wrong, setWrong] = useState<{ action?: string; payload?: string }>({});
  const check = () => {
    const read = readPayload(payload);
    const found = { ...(action.trim() === "" ? { action: t("rawNoAction") } : {}), ...("wrong" in read ? { payload: read.wrong === "json" ? t("rawInvalid", { error: read.error }) : t("rawObject") } : {}) };
    setWrong(found);
    return "payload" in read && Object.keys(found).length === 0 ? read.payload : null;
  };
  const tidy = () => {
    const read = readPayload(payload);
    if ("payload" in read) setPayload(JSON.stringify(read.payload, null, 2));
    else check();
  };
  return (
    <Modal opened onClose={onClose} title={t("rawTitle", { name: station.identity })} size={560} closeButtonProps={{ "aria-label": t("cancel") }}>
      <form
        className={classes["dialog"]}
        onSubmit={(event) => {
          event.preventDefault();
          const read = check();
          if (read === null) return;
          onClose();
          onSend(action.trim(), read);
        }}
      >
        <p className={classes["quiet"]}>{t("rawHelp")}</p>
        <TextField label={t("rawAction")} value={action} onChange={setAction} error={wrong.action} mono placeholder="GetLocalListVersion" maxLength={50} />
        <TextField label={t("rawPayload")} value={payload} onChange={setPayload} onBlur={() => payload.trim() !== "" && check()} error={wrong.payload} mono rows={10} />
        <footer>
          <Button onClick={tidy}>{t("format")}</Button>
          <span className={classes["space"]} />
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button type="submit" kind="primary">{t("send")}</Button>
        </footer>
      </form>
    </Modal>
  );
}
