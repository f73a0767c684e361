/** A location: is it open, what does it draw, which of its stations need somebody. */
import { Drawer } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useLiveRefetch } from "#console/live/Live";
import { api, data, type ApiError } from "#shared/api/client";
import { useMay } from "#shared/api/session";
import { Button, ButtonLink } from "#shared/button/Button";
import { LiveChart } from "#shared/chart/LiveChart";
import { useCommands } from "#shared/command/CommandsProvider";
import { Changed } from "#shared/format/Changed";
import { Time, useNow } from "#shared/format/Time";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { Card, Facts, Note, Page, Tag } from "#shared/page/Page";
import { QueryState } from "#shared/page/States";
import { LocationForm, type Location } from "#shared/place/LocationForm";
import { StateMark } from "#shared/state/StateMark";
import { connectorState, worstState } from "#shared/state/vocabulary";
import { usePhone } from "#shared/theme/useSize";
import { loadQuery, locationQuery, momentIn, sessionsQuery, stationsQuery, wallClock, type StationRow } from "./api";
import { Hours, OpenNow } from "./Hours";
import { Tariffs } from "./Tariffs";
import { text } from "./text";
import classes from "./location.module.css";

export function Screen() {
  const t = useText(text);
  const { location: id = "" } = useParams({ strict: false }) as { location?: string };
  const query = useQuery(locationQuery(id));
  useLiveRefetch(["location.*"], ["locations", id]);
  useLiveRefetch(["station.*", "connector.*", "session.updated", "session.ended"], ["stations", "at", id]);
  return (
    <Page crumbs={[{ label: t("title"), to: "/locations" }, { label: query.data?.value.name ?? t("what") }]}>
      <QueryState query={query} what={t("what")}>{({ value, etag }) => <Shown location={value} etag={etag} />}</QueryState>
    </Page>
  );
}

function Shown({ location, etag }: { location: Location; etag: string | null }) {
  const t = useText(text);
  const f = useFormat();
  const may = useMay();
  const stations = useQuery({ ...stationsQuery(location.id), enabled: may("stations:read") });
  const rows = useMemo(() => stations.data?.items ?? [], [stations.data]);
  const power = rows.reduce((sum, row) => sum + Number(row.power_w ?? 0), 0);
  const energy = rows.reduce((sum, row) => sum + Number(row.energy_today_wh), 0);
  const sessions = rows.reduce((sum, row) => sum + row.open_sessions, 0);
  const states = rows.flatMap((row) => row.connectors.map((one) => connectorState(row.link, one)));
  const place = location.latitude && location.longitude ? `${location.latitude}, ${location.longitude}` : t("noPlace");
  return (
    <>
      <Head location={location} etag={etag} stations={rows} />
      <div className={classes["tiles"]}>
        <div className={classes["tile"]}><span>{t("power")}</span><b><Changed value={power}>{stations.data ? f.power(power) : t("loading")}</Changed></b></div>
        <div className={classes["tile"]}><span>{t("sessionsNow")}</span><b>{stations.data ? f.number(sessions, 0) : t("loading")}</b></div>
        <div className={classes["tile"]}><span>{t("energy")}</span><b>{stations.data ? f.energy(energy) : t("loading")}</b></div>
        <div className={classes["tile"]}><span>{t("connectors")}</span><b>{states.length > 0 ? <StateMark state={worstState(states)} /> : stations.data ? f.number(0, 0) : t("loading")}</b></div>
      </div>
      <div className={classes["columns"]}>
        <div className={classes["stack"]}>
          {may("sessions:read") ? <Load location={location} /> : null}
          <Card title={t("stations")} note={f.number(rows.length, 0)} bare>
            <QueryState query={stations} what={t("stations")}>{() => <Stations rows={rows} />}</QueryState>
          </Card>
          {may("sessions:read") ? <Sessions location={location} /> : null}
        </div>
        <div className={classes["stack"]}>
          <Hours hours={location.opening_hours} zone={location.time_zone} />
          <Card title={t("facts")}>
            <Facts facts={[[t("address"), [location.address, [location.postal_code, location.city].filter(Boolean).join(" "), location.country].filter(Boolean).join(", ")], [t("place"), place], [t("zone"), location.time_zone]]} />
          </Card>
          {may("tariffs:read") ? <Tariffs location={location.id} stations={rows} /> : null}
        </div>
      </div>
    </>
  );
}

function Head({ location, etag, stations }: { location: Location; etag: string | null; stations: readonly StationRow[] }) {
  const t = useText(text);
  const may = useMay();
  const phone = usePhone();
  const navigate = useNavigate();
  const client = useQueryClient();
  const { ask, say, refuse } = useCommands();
  const { edit } = useSearch({ strict: false }) as { edit?: string };
  const show = (on: boolean) => void navigate({ to: ".", search: { edit: on ? "1" : undefined } as never });
  const writes = may("locations:write");
  const title = writes ? undefined : t("notAllowed", { permission: "locations:write" });
  const retiring = useMutation({
    mutationFn: () => data(api.POST("/api/v1/locations/{location}/retire", { params: { path: { location: location.id } } })),
    onSuccess: () => {
      say(t("retiredNow", { name: location.name }));
      void client.invalidateQueries({ queryKey: ["locations"] });
    },
    onError: (error) => refuse(t("retireTitle", { name: location.name }), error as ApiError),
  });
  const retire = async () => {
    const standing = stations.length;
    const answer = await ask({
      title: t("retireTitle", { name: location.name }),
      consequences: [...(standing > 0 ? [{ text: t("retireStations", { count: standing }), harms: true }] : []), { text: t("retireEffect") }, { text: t("retireForGood"), harms: true }],
      verb: t("retireVerb"),
      harms: true,
    });
    if (answer) retiring.mutate();
  };
  return (
    <div className={classes["head"]}>
      <h2>{location.name}</h2>
      {location.retired_at ? <Tag tone="warn">{t("retired")}</Tag> : <OpenNow hours={location.opening_hours} zone={location.time_zone} />}
      <span className={classes["space"]} />
      {location.retired_at ? null : (
        <>
          <Button icon="edit" disabled={!writes} title={title} onClick={() => show(true)}>{t("edit")}</Button>
          <Button disabled={!writes} title={title} busy={retiring.isPending} onClick={() => void retire()}>{t("retire")}</Button>
        </>
      )}
      {edit && writes ? (
        <Drawer opened onClose={() => show(false)} position="right" size={phone ? "100%" : 640} title={location.name} closeButtonProps={{ "aria-label": t("close") }}>
          <LocationForm
            key={location.revision}
            location={location}
            etag={etag}
            onDone={() => {
              say(t("saved"));
              show(false);
            }}
            onCancel={() => show(false)}
          />
        </Drawer>
      ) : null}
    </div>
  );
}

function Load({ location }: { location: Location }) {
  const t = useText(text);
  const query = useQuery(loadQuery(location.id));
  const day = Date.parse(query.data?.day ?? "") / 1000;
  return (
    <Card title={t("load")} note={location.time_zone}>
      <QueryState query={query} what={t("load")}>
        {(load) => (
          <LiveChart
            label={t("loadLabel")}
            times={load.at.map((at) => Date.parse(at) / 1000)}
            every={900}
            until={day + 86_400}
            zone={location.time_zone}
            height={200}
            series={[{ label: t("power"), unit: "kW", decimals: 1, kind: "power", values: load.power_w.map((watts) => (watts === null ? null : Number(watts) / 1000)) }]}
          />
        )}
      </QueryState>
    </Card>
  );
}

function Stations({ rows }: { rows: readonly StationRow[] }) {
  const t = useText(text);
  const f = useFormat();
  if (rows.length === 0) return <div className={classes["empty"]}><Note>{t("noStations")} <ButtonLink size="sm" kind="quiet" to="/imports?for=stations">{t("addStation")}</ButtonLink></Note></div>;
  return (
    <div className={classes["scroll"]}>
      <table className={classes["table"]}>
        <thead>
          <tr><th scope="col">{t("station")}</th><th scope="col">{t("state")}</th><th scope="col">{t("connectors")}</th><th scope="col">{t("model")}</th><th scope="col" className={classes["right"]}>{t("power")}</th></tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <td><Link to={`/stations/${row.id}`} className="fc-mono">{row.identity}</Link></td>
              <td><StateMark state={row.state} /></td>
              <td><span className={classes["marks"]}>{row.connectors.map((one) => <StateMark key={one.id} state={connectorState(row.link, one)} as="mark" />)}</span></td>
              <td className={classes["quiet"]}>{row.model}</td>
              <td className={classes["right"]}>{f.power(row.power_w)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Sessions({ location }: { location: Location }) {
  const t = useText(text);
  const f = useFormat();
  const hour = Math.floor(useNow() / 3_600_000);
  const midnight = useMemo(() => momentIn(location.time_zone, `${wallClock(location.time_zone, hour * 3_600_000).slice(0, 10)}T00:00`), [location.time_zone, hour]);
  const query = useQuery(sessionsQuery(location.id, midnight));
  return (
    <Card title={t("sessions")} note={location.time_zone} actions={<ButtonLink size="sm" kind="quiet" to="/sessions">{t("allSessions")}</ButtonLink>} bare>
      <QueryState query={query} what={t("sessions")}>
        {(page) =>
          page.items.length === 0 ? (
            <p className={classes["empty"]}>{t("noSessions")}</p>
          ) : (
            <div className={classes["scroll"]}>
              <table className={classes["table"]}>
                <thead>
                  <tr><th scope="col">{t("began")}</th><th scope="col" className={classes["right"]}>{t("energyOf")}</th><th scope="col" className={classes["right"]}>{t("cost")}</th></tr>
                </thead>
                <tbody>
                  {page.items.map((session) => (
                    <tr key={session.id}>
                      <td><Link to={`/sessions/${session.id}`}><Time at={session.started_at ?? session.opened_at} zone={location.time_zone} /></Link></td>
                      <td className={classes["right"]}>{f.energy(session.energy_wh, 2)}</td>
                      <td className={classes["right"]}>{session.cost_after_taxes ? f.money(session.cost_after_taxes, session.currency) : ""}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </QueryState>
    </Card>
  );
}
