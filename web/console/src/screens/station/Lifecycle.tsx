import { Modal } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, ApiError, data } from "#shared/api/client";
import { Button } from "#shared/button/Button";
import { useCommands } from "#shared/command/CommandsProvider";
import { SelectField } from "#shared/form/fields";
import { useText } from "#shared/i18n/i18n";
import { Card, Note } from "#shared/page/Page";
import { CopyText } from "#shared/page/States";
import type { Outlet, Station } from "./queries";
import { text } from "./text";
import classes from "./station.module.css";

/** Move, swap, block, retire. */
export function Lifecycle({ station, outlets, reload }: { station: Station; outlets: readonly Outlet[]; reload: () => void }) {
  const t = useText(text);
  const { ask, say, refuse } = useCommands();
  const [dialog, setDialog] = useState<"move" | "swap" | null>(null);
  const name = station.identity;
  const running = outlets.filter((one) => one.session !== null).length;
  const attempt = async (title: string, work: () => Promise<unknown>) => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      refuse(title, error);
    }
    reload();
  };
  const block = async () => {
    if (!station.blocked) {
      const answer = await ask({ title: t("blockTitle", { name }), consequences: [{ text: t("blockHarm"), harms: true }], verb: t("blockVerb"), harms: true });
      if (!answer) return;
    }
    await attempt(t("blockTitle", { name }), () => api.PATCH("/api/v1/stations/{station}", { params: { path: { station: station.id } }, body: { blocked: !station.blocked } }));
  };
  const retire = async () => {
    const answer = await ask({
      title: t("retireTitle", { name }),
      consequences: [...(running > 0 ? [{ text: t("retireSessions", { count: running }), harms: true }] : []), { text: t("retireHarm"), harms: true }],
      verb: t("retireVerb"),
      harms: true,
    });
    if (!answer) return;
    await attempt(t("retireTitle", { name }), async () => {
      await api.POST("/api/v1/stations/{station}/retire", { params: { path: { station: station.id } } });
      say(t("retired", { name }));
    });
  };
  if (station.registration === "retired") return null;
  return (
    <Card title={t("lifecycle")}>
      <div className={classes["wrap"]}>
        <Button onClick={() => setDialog("move")}>{t("move")}</Button>
        <Button onClick={() => setDialog("swap")}>{t("swap")}</Button>
        <Button onClick={() => void block()}>{t(station.blocked ? "unblock" : "block")}</Button>
        <Button onClick={() => void retire()}>{t("retire")}</Button>
      </div>
      {dialog === "move" ? <Move station={station} onClose={() => { setDialog(null); reload(); }} /> : null}
      {dialog === "swap" ? <Swap station={station} onClose={() => setDialog(null)} /> : null}
    </Card>
  );
}

function Move({ station, onClose }: { station: Station; onClose: () => void }) {
  const t = useText(text);
  const { say } = useCommands();
  const [location, setLocation] = useState("");
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const locations = useQuery({ queryKey: ["locations", "names"], queryFn: () => data(api.GET("/api/v1/locations", { params: { query: { limit: 500, sort: "name" } } })) });
  const others = (locations.data?.items ?? []).filter((one) => one.id !== station.location_id);
  const move = async () => {
    if (!location) {
      setError(t("chosenNone"));
      return;
    }
    setBusy(true);
    try {
      await api.PATCH("/api/v1/stations/{station}", { params: { path: { station: station.id } }, body: { location_id: location } });
      say(t("moved", { name: others.find((one) => one.id === location)?.name ?? "" }));
      onClose();
    } catch (thrown) {
      if (!(thrown instanceof ApiError)) throw thrown;
      setError(thrown.detail);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={t("moveTitle", { name: station.identity })} size={420} closeButtonProps={{ "aria-label": t("cancel") }}>
      <form className={classes["dialog"]} onSubmit={(event) => { event.preventDefault(); void move(); }}>
        <Note>{t("moveHelp")}</Note>
        <SelectField label={t("location")} value={location} onChange={setLocation} error={error || undefined} placeholder="" options={others.map((one) => ({ value: one.id, label: [one.name, one.city].filter(Boolean).join(", ") }))} />
        <footer>
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button type="submit" kind="primary" busy={busy}>{t("moveVerb")}</Button>
        </footer>
      </form>
    </Modal>
  );
}

function Swap({ station, onClose }: { station: Station; onClose: () => void }) {
  const t = useText(text);
  const navigate = useNavigate();
  const [knock, setKnock] = useState("");
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const [made, setMade] = useState<{ id: string; name: string; password: string | null } | null>(null);
  const knocks = useQuery({ queryKey: ["inbox", "knocks", "waiting"], queryFn: () => data(api.GET("/api/v1/inbox/knocks", { params: { query: { limit: 200 } } })) });
  const swap = async () => {
    if (!knock) {
      setError(t("chosenNone"));
      return;
    }
    setBusy(true);
    try {
      const swapped = await data(api.POST("/api/v1/stations/{station}/swap", { params: { path: { station: station.id } }, body: { knock_id: knock } }));
      setMade({ id: swapped.station.id, name: swapped.station.identity, password: swapped.password });
    } catch (thrown) {
      if (!(thrown instanceof ApiError)) throw thrown;
      setError(thrown.detail);
    } finally {
      setBusy(false);
    }
  };
  const leave = () => {
    onClose();
    if (made) void navigate({ to: `/stations/${made.id}` });
  };
  return (
    <Modal opened onClose={leave} title={made ? t("passwordNew", { name: made.name }) : t("swapTitle", { name: station.identity })} size={480} closeButtonProps={{ "aria-label": t("cancel") }}>
      {made ? (
        <div className={classes["dialog"]}>
          {made.password ? (
            <>
              <Note tone="warn">{t("passwordOnce")}</Note>
              <CopyText value={made.password} />
            </>
          ) : null}
          <footer><Button kind="primary" onClick={leave}>{t("done")}</Button></footer>
        </div>
      ) : (
        <form className={classes["dialog"]} onSubmit={(event) => { event.preventDefault(); void swap(); }}>
          <Note>{t("swapHelp")}</Note>
          {knocks.data?.items.length === 0 ? <p>{t("swapNone")}</p> : (
            <SelectField label={t("swapWith")} value={knock} onChange={setKnock} error={error || undefined} placeholder="" options={(knocks.data?.items ?? []).map((one) => ({ value: one.id, label: t("swapKnock", { name: one.identity }) }))} />
          )}
          <footer>
            <Button onClick={onClose}>{t("cancel")}</Button>
            <Button type="submit" kind="primary" busy={busy} disabled={knocks.data?.items.length === 0}>{t("swapVerb")}</Button>
          </footer>
        </form>
      )}
    </Modal>
  );
}
