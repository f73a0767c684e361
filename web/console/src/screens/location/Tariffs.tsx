import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useText } from "#shared/i18n/i18n";
import { Card } from "#shared/page/Page";
import { appliedQuery, tariffQuery, type StationRow } from "./api";
import { text } from "./text";
import classes from "./location.module.css";

const MOST = 20;

/** Which tariff a session that starts now at each EVSE is priced by. */
export function Tariffs({ location, stations }: { location: string; stations: readonly StationRow[] }) {
  const t = useText(text);
  const evses = new Map(stations.flatMap((station) => station.connectors.map((one) => [one.evse_id, one.evse_uid] as const)));
  const all = [...evses];
  return (
    <Card title={t("tariffs")} bare>
      {all.length === 0 ? <p className={classes["empty"]}>{t("noStations")}</p> : null}
      <div className={classes["scroll"]}>
        <table className={classes["table"]}>
          <tbody>
            {all.slice(0, MOST).map(([id, uid]) => <Line key={id} location={location} evse={id} uid={uid} />)}
          </tbody>
        </table>
      </div>
      {all.length > MOST ? <p className={classes["empty"]}>{t("moreTariffs", { count: all.length - MOST })}</p> : null}
    </Card>
  );
}

function Line({ location, evse, uid }: { location: string; evse: string; uid: string }) {
  const t = useText(text);
  const applied = useQuery(appliedQuery(location, evse)).data;
  const tariffId = applied?.tariff_id ?? null;
  const tariff = useQuery({ ...tariffQuery(tariffId ?? ""), enabled: tariffId !== null }).data;
  return (
    <tr>
      <td className="fc-mono">{uid}</td>
      <td>{tariff ? <Link to={`/tariffs/${tariff.id}`}>{tariff.name}</Link> : applied && !tariffId ? t("none") : t("loading")}</td>
      <td className={classes["right"]}>{tariff ? <Link to={`/tariffs/${tariff.id}`} search={{ location, evse } as never}>{t("why")}</Link> : null}</td>
    </tr>
  );
}
