import { Menu } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useMay } from "#shared/api/session";
import { Button } from "#shared/button/Button";
import { CommandButton, useCommandsOff } from "#shared/command/CommandButton";
import { useNow } from "#shared/format/Time";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { Icon } from "#shared/icon/Icon";
import { Marked } from "#shared/state/StateMark";
import { RawDialog, TriggerDialog } from "./CommandDialogs";
import type { Outlet, Station } from "./queries";
import { text } from "./text";
import { useActions } from "./useActions";
import { VerdictLine } from "./VerdictLine";
import classes from "./station.module.css";

interface HeaderProps {
  station: Station;
  outlets: readonly Outlet[];
  locationName: string | null;
  onTab: (tab: string) => void;
}

/** The answer first: who it is, how it is, what is wrong, what to press. */
export function Header({ station, outlets, locationName, onTab }: HeaderProps) {
  const t = useText(text);
  const f = useFormat();
  const now = useNow();
  const may = useMay();
  const off = useCommandsOff();
  const actions = useActions(station, outlets);
  const [dialog, setDialog] = useState<"trigger" | "raw" | null>(null);
  const online = station.link === "online";
  const blocked = off !== null || !online;
  return (
    <>
      <div className={classes["head"]}>
        <div className={classes["who"]}>
          <h2 className={classes["name"]}>
            <span>{station.identity}</span>
            <Marked mark={online ? "available" : "offline"} colour={online ? "available" : "offline"} word={t(online ? "online" : "offline")} as="pill" />
            {station.label ? <small>{station.label}</small> : null}
          </h2>
          <ul className={classes["facts"]}>
            <li><Icon name="pin" size={14} />{station.location_id ? <Link to={`/locations/${station.location_id}`}>{locationName ?? "…"}</Link> : t("noLocation")}</li>
            {station.model ? <li><Icon name="station" size={14} />{[station.vendor, station.model].filter(Boolean).join(" ")}</li> : null}
            {station.protocol ? <li><Icon name="cert" size={14} />{`${station.protocol.toUpperCase().replace("OCPP", "OCPP ")}, ${t("profile", { n: station.security_profile })}`}</li> : null}
            <li><Icon name="clock" size={14} />{station.last_seen_at ? t("lastMessage", { age: f.age(station.last_seen_at, now) }) : t("neverSeen")}</li>
          </ul>
        </div>
        <span className={classes["space"]} />
        <div className={classes["buttons"]}>
          <CommandButton station={station.id} kindOfCommand="reset" confirm={actions.resetQuestion} paramsOf={(answer) => ({ type: answer.option })} title={t("resetOf", { name: station.identity })} label={t("reset")} busyLabel={t("resetting")} icon="power" disabled={!online} />
          <Menu position="bottom-end">
            <Menu.Target><Button disabled={blocked} title={off ?? undefined}>{t("availability")}<Icon name="down" /></Button></Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={() => void actions.availability(true)}>{t("operative")}</Menu.Item>
              <Menu.Item onClick={() => void actions.availability(false)}>{t("inoperative")}</Menu.Item>
            </Menu.Dropdown>
          </Menu>
          <Menu position="bottom-end">
            <Menu.Target><Button icon="more" aria-label={t("more")} /></Menu.Target>
            <Menu.Dropdown>
              <Menu.Item disabled={blocked} onClick={() => setDialog("trigger")}>{t("trigger")}</Menu.Item>
              <Menu.Item disabled={blocked} onClick={() => void actions.clearCache()}>{t("clearCache")}</Menu.Item>
              <Menu.Item disabled={blocked} onClick={() => setDialog("raw")}>{t("raw")}</Menu.Item>
              {may("stations:write") ? (
                <>
                  <Menu.Divider />
                  <Menu.Item onClick={() => onTab("access")}>{t("lifecycle")}…</Menu.Item>
                </>
              ) : null}
            </Menu.Dropdown>
          </Menu>
        </div>
      </div>
      <VerdictLine station={station} outlets={outlets} onTab={onTab} onReset={() => void actions.reset()} onOperative={() => void actions.availability(true)} onUnlock={(outlet) => void actions.send.command("unlock-connector", { evse_no: outlet.evseNo, connector_no: outlet.several ? outlet.connectorNo : 1 }, t("unlockOn", { name: outlet.name, station: station.identity }))} />
      {dialog === "trigger" ? (
        <TriggerDialog station={station} outlets={outlets} onClose={() => setDialog(null)} onSend={(message, evse) => void actions.send.command("trigger-message", { message, ...(evse ? { evse_no: evse } : {}) }, t("triggerOf", { message, name: station.identity }))} />
      ) : null}
      {dialog === "raw" ? <RawDialog station={station} onClose={() => setDialog(null)} onSend={(action, payload) => void actions.send.command("raw", { action, payload }, t("rawOf", { action, name: station.identity }))} /> : null}
    </>
  );
}
