import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, data } from "#shared/api/client";
import { useMay } from "#shared/api/session";
import { ButtonLink } from "#shared/button/Button";
import { useCommands } from "#shared/command/CommandsProvider";
import type { CommandOut } from "#shared/command/outcome";
import { Changed } from "#shared/format/Changed";
import { Time, useNow } from "#shared/format/Time";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { Fresh } from "#shared/page/States";
import { StateMark } from "#shared/state/StateMark";
import { Power } from "./Power";
import { openCommand, type Outlet, type Session, type Station } from "./queries";
import { StartDialog } from "./StartDialog";
import { StatusButton } from "./StatusButton";
import { text } from "./text";
import { useSend } from "./useSend";
import { outletName } from "./words";
import classes from "./station.module.css";

/** How often a session reports by default, in seconds; after two of them a value is old. */
const REPORTS_EVERY = 300;

interface ConnectorCardProps {
  station: Station;
  outlet: Outlet;
  commands: readonly CommandOut[];
  last: Session | null;
  use: number | null;
  zone: string | null;
}

/** One connector: its state, what charges there, and its buttons. */
export function ConnectorCard({ station, outlet, commands, last, use, zone }: ConnectorCardProps) {
  const t = useText(text);
  const f = useFormat();
  const now = useNow();
  const { ask } = useCommands();
  const send = useSend(station.id);
  const [starting, setStarting] = useState(false);
  const { session, name } = outlet;
  const energy = session ? f.energy(session.energy_wh, 2) : "";
  const price = session ? f.money(session.cost_after_taxes, session.currency) : "";
  const here = (params: Record<string, unknown>) => params["evse_no"] === outlet.evseNo;
  const startOpen = openCommand(commands, "remote-start", here);
  const stopOpen = session?.transaction ? openCommand(commands, "remote-stop", (params) => params["transaction"] === session.transaction) : null;
  const unlockOpen = openCommand(commands, "unlock-connector", (params) => here(params) && (params["connector_no"] ?? 1) === (outlet.several ? outlet.connectorNo : (params["connector_no"] ?? 1)));

  const stop = async () => {
    if (!session) return;
    const title = t("stopOn", { name, station: station.identity });
    const answer = await ask({ title, consequences: [{ text: t("stopEnds", { energy, price }), harms: true }, { text: t("stopDriver") }], verb: t("stopVerb"), harms: true });
    if (answer) await send.stop(session.id, title);
  };
  const unlock = async () => {
    const title = t("unlockOn", { name, station: station.identity });
    if (session) {
      const answer = await ask({ title, consequences: [{ text: t("unlockEnds", { energy, price }), harms: true }], verb: t("unlock"), harms: true });
      if (!answer) return;
    }
    await send.command("unlock-connector", { evse_no: outlet.evseNo, connector_no: outlet.several ? outlet.connectorNo : 1 }, title);
  };
  const trouble = outlet.state === "faulted";
  return (
    <section className={classes["connector"]} data-alarm={trouble || undefined} aria-label={t("connectorN", { name })}>
      <header>
        <span className={classes["no"]}>{name}</span>
        <span className={classes["plug"]}>{outletName(outlet, t, f)}</span>
        <StateMark state={outlet.state} as="pill" />
      </header>
      {session ? (
        <>
          <div className={classes["live"]}>
            <div className={classes["bigLine"]}>
              <span className={classes["big"]}><Fresh at={session.last_at} every={REPORTS_EVERY}><Changed value={session.power_w}>{f.power(session.power_w)}</Changed></Fresh></span>
              <span className={classes["aside"]} data-alarm={trouble || undefined}>
                {trouble && outlet.errorCode ? outlet.errorCode : session.soc_percent === null ? null : t("battery", { soc: f.quantity(session.soc_percent, "%") })}
              </span>
            </div>
            <Power session={session.id} label={t("powerOf", { name })} zone={zone} />
          </div>
          <dl className={classes["kv"]}>
            <div><dt>{t("energy")}</dt><dd><Changed value={session.energy_wh}>{energy}</Changed></dd></div>
            <div><dt>{t("priceSoFar")}, {t("vatIncl")}</dt><dd>{price}</dd></div>
            <div><dt>{t("elapsed")}</dt><dd>{f.duration((now - Date.parse(session.started_at ?? session.opened_at)) / 1000)}</dd></div>
          </dl>
        </>
      ) : (
        <>
          <div className={classes["live"]}>
            <div className={classes["bigLine"]}>
              <span className={classes["big"]} data-quiet>{outlet.state === "available" ? t("free") : <StateMark state={outlet.state} />}</span>
              {trouble && outlet.errorCode ? <span className={classes["aside"]} data-alarm>{outlet.errorCode}</span> : null}
            </div>
            <p className={classes["before"]}>
              {last ? (
                <>
                  <Link className="fc-link" to={`/sessions/${last.id}`}>{t("lastUsed", { from: f.time(last.started_at ?? last.opened_at, "dateTime", zone), to: f.time(last.ended_at, "time", zone) })}</Link>
                  <br />
                  {f.energy(last.energy_wh, 2)} · {f.money(last.cost_after_taxes, last.currency)}
                </>
              ) : t("lastNone")}
            </p>
          </div>
          <dl className={classes["kv"]}>
            <div><dt>{t("priceNow")}</dt><dd><TariffNow location={station.location_id} evse={outlet.evseId} /></dd></div>
            <div><dt>{t("inUse")}</dt><dd>{f.percent(use, 0)}</dd></div>
            {outlet.statusSince ? <div><dt>{t("since")}</dt><dd><Time at={outlet.statusSince} zone={zone} /></dd></div> : null}
          </dl>
        </>
      )}
      <footer>
        {session ? (
          <StatusButton size="sm" icon="stop" open={stopOpen} label={t("stop")} name={t("stopOn", { name, station: station.identity })} busyLabel={t("stopping")} disabled={session.stopped_at !== null || session.transaction === null} onPress={() => void stop()} />
        ) : (
          <StatusButton size="sm" icon="play" open={startOpen} label={t("start")} name={t("startOn", { name, station: station.identity })} busyLabel={t("starting")} disabled={station.link !== "online"} onPress={() => setStarting(true)} />
        )}
        <StatusButton size="sm" icon="unlock" open={unlockOpen} label={t("unlock")} name={t("unlockLabel", { name })} busyLabel={t("unlocking")} disabled={station.link !== "online"} onPress={() => void unlock()} />
        <span className={classes["space"]} />
        {session ? <ButtonLink size="sm" kind="quiet" icon="bolt" to={`/sessions/${session.id}`}>{t("session")}</ButtonLink> : null}
      </footer>
      {starting ? <StartDialog station={station} outlet={outlet} onClose={() => setStarting(false)} onStart={(token) => void send.start(outlet.evseId, token, t("startOn", { name, station: station.identity }))} /> : null}
    </section>
  );
}

/** The tariff that a start would get now. */
function TariffNow({ location, evse }: { location: string | null; evse: string }) {
  const t = useText(text);
  const may = useMay()("tariffs:read");
  const applied = useQuery({
    queryKey: ["tariffs", "applied", location, evse],
    queryFn: () => data(api.GET("/api/v1/tariff-assignments/applied", { params: { query: { evse, ...(location ? { location } : {}) } } })),
    enabled: may,
  });
  const id = applied.data?.tariff_id ?? null;
  const tariff = useQuery({
    queryKey: ["tariffs", id],
    queryFn: () => data(api.GET("/api/v1/tariffs/{tariff}", { params: { path: { tariff: id ?? "" } } })),
    enabled: id !== null,
  });
  if (!may || (applied.data && id === null)) return <>{t("noTariff")}</>;
  return tariff.data ? <Link className="fc-link" to={`/tariffs/${tariff.data.id}`}>{tariff.data.name}</Link> : <>…</>;
}
