import { useNavigate } from "@tanstack/react-router";
import { useQueryClient } from "@tanstack/react-query";
import { api } from "#shared/api/client";
import { useMay } from "#shared/api/session";
import { Button } from "#shared/button/Button";
import { useCommandsOff } from "#shared/command/CommandButton";
import { useNow } from "#shared/format/Time";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { Icon } from "#shared/icon/Icon";
import { stationQuery, type Outlet, type Station } from "./queries";
import { text } from "./text";
import { verdictOf, type VerdictKey } from "./verdict";
import classes from "./station.module.css";

const WORDS: Record<VerdictKey, "vRetired" | "vKnocking" | "vBlocked" | "vNever" | "vOffline" | "vFaulted" | "vUnavailable" | "vStuck" | "vBusy" | "vFree" | "vUnknown"> = {
  retired: "vRetired", knocking: "vKnocking", blocked: "vBlocked", never: "vNever", offline: "vOffline", faulted: "vFaulted", unavailable: "vUnavailable", stuck: "vStuck", busy: "vBusy", free: "vFree", unknown: "vUnknown",
};

interface VerdictLineProps {
  station: Station;
  outlets: readonly Outlet[];
  onTab: (tab: string) => void;
  onReset: () => void;
  onOperative: () => void;
  onUnlock: (outlet: Outlet) => void;
}

/** How the station is, in a sentence, and one next action. */
export function VerdictLine({ station, outlets, onTab, onReset, onOperative, onUnlock }: VerdictLineProps) {
  const t = useText(text);
  const f = useFormat();
  const now = useNow();
  const navigate = useNavigate();
  const client = useQueryClient();
  const mayWrite = useMay()("stations:write");
  const off = useCommandsOff();
  const verdict = verdictOf(station, outlets.map((one) => ({ name: one.name, state: one.state, since: one.statusSince, errorCode: one.errorCode })), now);
  const names = verdict.outlets.map((one) => t("connectorN", { name: one.name })).join(", ");
  const code = verdict.outlets.map((one) => one.errorCode).find((one) => one && one !== "NoError");
  const first = outlets.find((one) => one.name === verdict.outlets[0]?.name);
  const unblock = async () => {
    await api.PATCH("/api/v1/stations/{station}", { params: { path: { station: station.id } }, body: { blocked: false } });
    await client.invalidateQueries({ queryKey: stationQuery(station.id).queryKey });
  };
  const button = (label: string, run: () => void, enabled = true) => <Button size="sm" disabled={!enabled} onClick={run}>{label}</Button>;
  const next = {
    adopt: () => button(t("nextAdopt"), () => void navigate({ to: "/inbox" })),
    unblock: () => button(t("nextUnblock"), () => void unblock(), mayWrite),
    credentials: () => button(t("nextCredentials"), () => onTab("access")),
    messages: () => button(t("nextMessages"), () => onTab("messages")),
    reset: () => button(t("nextReset"), onReset, off === null),
    operative: () => button(t("nextOperative"), onOperative, off === null),
    unlock: () => (first ? button(t("nextUnlock", { name: t("connectorN", { name: first.name }) }), () => onUnlock(first), off === null) : null),
  };
  return (
    <div className={classes["verdict"]} data-tone={verdict.tone} role={verdict.tone === "bad" ? "alert" : "status"}>
      <Icon name={verdict.tone === "plain" ? "check" : "warn"} />
      <span>{t(WORDS[verdict.key], { names, age: verdict.since ? f.duration((now - Date.parse(verdict.since)) / 1000) : "", code: code ? ` (${code})` : "" })}</span>
      {verdict.next ? next[verdict.next]() : null}
    </div>
  );
}
