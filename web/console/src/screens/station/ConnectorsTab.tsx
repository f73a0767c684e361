import { Modal } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, ApiError, type Schema } from "#shared/api/client";
import { useMay } from "#shared/api/session";
import { Button } from "#shared/button/Button";
import { useCommands } from "#shared/command/CommandsProvider";
import { NumberField, readDecimal, SelectField, TextField } from "#shared/form/fields";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { Card } from "#shared/page/Page";
import { CopyText, Empty } from "#shared/page/States";
import { StateMark } from "#shared/state/StateMark";
import type { Outlet, Station } from "./queries";
import { text } from "./text";
import { plugName, PLUGS } from "./words";
import classes from "./station.module.css";

interface ConnectorsTabProps {
  station: Station;
  outlets: readonly Outlet[];
  connectors: readonly Schema["ConnectorOut"][];
  evses: readonly Schema["EvseOut"][];
}

/** EVSE ids as they stand on the sticker, and what is said of each plug. */
export function ConnectorsTab({ station, outlets, connectors, evses }: ConnectorsTabProps) {
  const t = useText(text);
  const f = useFormat();
  const mayWrite = useMay()("stations:write");
  const [edited, setEdited] = useState<Outlet | null>(null);
  if (outlets.length === 0) return <Card><Empty icon="plug" tone="plain" title={t("noConnectors")}>{t("noConnectorsHelp")}</Empty></Card>;
  return (
    <Card bare title={t("connectors")} note={station.identity}>
      <div className={classes["scrollX"]} tabIndex={0} role="group" aria-label={t("connectors")}>
        <table className={classes["table"]}>
          <caption className="fc-hidden">{t("connectors")}</caption>
          <thead>
            <tr>
              <th scope="col">{t("connector")}</th>
              <th scope="col">{t("uid")}</th>
              <th scope="col">{t("label")}</th>
              <th scope="col">{t("plug")}</th>
              <th scope="col" data-align="right">{t("powerKw")}</th>
              <th scope="col">{t("state")}</th>
              <th scope="col">{t("qr")}</th>
              <th scope="col"><span className="fc-hidden">{t("edit")}</span></th>
            </tr>
          </thead>
          <tbody>
            {outlets.map((one) => (
              <tr key={one.id}>
                <th scope="row">{one.name}</th>
                <td className="fc-mono">{one.evseUid}</td>
                <td>{one.label ?? ""}</td>
                <td>{plugName(one.plug, t)}</td>
                <td data-align="right">{f.power(one.maxPowerW)}</td>
                <td><StateMark state={one.state} /></td>
                <td><CopyText value={`${location.origin}/c/${encodeURIComponent(one.evseUid)}`} /></td>
                <td data-align="right"><Button size="sm" icon="edit" disabled={!mayWrite} aria-label={`${t("edit")} ${t("connectorN", { name: one.name })}`} onClick={() => setEdited(one)} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {edited ? <Edit outlet={edited} connector={connectors.find((one) => one.id === edited.id)} evse={evses.find((one) => one.id === edited.evseId)} station={station} onClose={() => setEdited(null)} /> : null}
    </Card>
  );
}

interface EditProps {
  outlet: Outlet;
  connector: Schema["ConnectorOut"] | undefined;
  evse: Schema["EvseOut"] | undefined;
  station: Station;
  onClose: () => void;
}

function Edit({ outlet, connector, evse, station, onClose }: EditProps) {
  const t = useText(text);
  const client = useQueryClient();
  const { say } = useCommands();
  const [draft, setDraft] = useState({
    label: evse?.label ?? "",
    plug: connector?.connector_type ?? "",
    format: connector?.format ?? "",
    power_type: connector?.power_type ?? "",
    kw: connector?.max_power_w === null || connector?.max_power_w === undefined ? "" : String(connector.max_power_w / 1000),
    amps: connector?.max_current_a ?? "",
    volts: connector?.max_voltage_v ?? "",
  });
  const [error, setError] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);
  const watts = draft.kw === "" ? null : Math.round(Number(readDecimal(draft.kw) ?? Number.NaN) * 1000);
  const save = async () => {
    if (!connector || !evse || Number.isNaN(watts)) return;
    setBusy(true);
    try {
      if ((evse.label ?? "") !== draft.label) {
        await api.PATCH("/api/v1/evses/{evse}", { params: { path: { evse: evse.id }, header: { "if-match": `"${evse.revision}"` } }, body: { label: draft.label || null } });
      }
      await api.PATCH("/api/v1/connectors/{connector}", {
        params: { path: { connector: connector.id } },
        body: {
          connector_type: (draft.plug || null) as never,
          format: (draft.format || null) as never,
          power_type: (draft.power_type || null) as never,
          max_power_w: watts,
          max_current_a: readDecimal(draft.amps),
          max_voltage_v: readDecimal(draft.volts),
        },
      });
      say(t("saved"));
      onClose();
    } catch (thrown) {
      if (!(thrown instanceof ApiError)) throw thrown;
      setError(thrown);
    } finally {
      setBusy(false);
      void client.invalidateQueries({ queryKey: ["stations", station.id] });
    }
  };
  const set = (change: Partial<typeof draft>) => setDraft({ ...draft, ...change });
  return (
    <Modal opened onClose={onClose} title={`${t("edit")}: ${t("connectorN", { name: outlet.name })}, ${outlet.evseUid}`} size={480} closeButtonProps={{ "aria-label": t("cancel") }}>
      <form className={classes["dialog"]} onSubmit={(event) => { event.preventDefault(); void save(); }}>
        <TextField label={t("label")} value={draft.label} onChange={(label) => set({ label })} maxLength={100} />
        <SelectField label={t("plug")} value={draft.plug} onChange={(plug) => set({ plug })} placeholder={t("notKnown")} options={[...new Set([...Object.keys(PLUGS), ...(draft.plug ? [draft.plug] : [])])].map((one) => ({ value: one, label: plugName(one, t) }))} />
        <SelectField label={t("formatOf")} value={draft.format} onChange={(format) => set({ format: format as typeof draft.format })} placeholder={t("notKnown")} options={[{ value: "socket", label: t("fixed") }, { value: "cable", label: t("cable") }]} />
        <SelectField label={t("powerType")} value={draft.power_type} onChange={(power_type) => set({ power_type: power_type as typeof draft.power_type })} placeholder={t("notKnown")} options={[{ value: "ac_1_phase", label: t("ac1") }, { value: "ac_3_phase", label: t("ac3") }, { value: "dc", label: t("dc") }]} />
        <NumberField label={t("powerKw")} unit="kW" value={draft.kw} onChange={(kw) => set({ kw })} />
        <NumberField label={t("current")} unit="A" value={draft.amps} onChange={(amps) => set({ amps })} />
        <NumberField label={t("voltage")} unit="V" value={draft.volts} onChange={(volts) => set({ volts })} />
        {error ? <p className={classes["error"]} role="alert">{error.status === 412 ? t("changedMeanwhile") : error.detail}</p> : null}
        <footer>
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button type="submit" kind="primary" busy={busy}>{t("save")}</Button>
        </footer>
      </form>
    </Modal>
  );
}
