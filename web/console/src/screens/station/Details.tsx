import { useQuery } from "@tanstack/react-query";
import { api, data } from "#shared/api/client";
import { Age, Time } from "#shared/format/Time";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { Card, Facts, Tag } from "#shared/page/Page";
import { QueryState } from "#shared/page/States";
import type { Station } from "./queries";
import { text } from "./text";
import classes from "./station.module.css";

/** A clock may be off by so many milliseconds and still count as right. */
const RIGHT_MS = 500;
const SECURITY = ["securityPlain", "securityBasic", "securityTls", "securityMutual"] as const;

/** What the station is, in short. */
export function StationFacts({ station, zone }: { station: Station; zone: string }) {
  const t = useText(text);
  const f = useFormat();
  const skew = station.clock_skew_ms;
  const off = Math.abs(skew);
  const time = off < 60_000 ? f.quantity(off / 1000, "s", 1) : f.duration(off / 1000);
  const clock = off <= RIGHT_MS ? t("clockRight") : t(skew > 0 ? "ahead" : "behind", { time });
  const security = SECURITY[station.security_profile];
  return (
    <Facts
      facts={[
        [t("model"), station.model ?? f.number(null)],
        [t("vendor"), station.vendor ?? f.number(null)],
        [t("firmware"), station.firmware_version ?? f.number(null)],
        [t("serial"), <span key="s" className="fc-mono">{station.serial_number ?? f.number(null)}</span>],
        [t("protocol"), station.protocol ? station.protocol.toUpperCase().replace("OCPP", "OCPP ") : f.number(null)],
        [t("security"), `${t("profile", { n: station.security_profile })}${security ? `, ${t(security)}` : ""}`],
        [t("clock"), off > 5_000 ? <Tag key="c" tone="warn">{clock}</Tag> : clock],
        [t("lastSeen"), <Age key="a" at={station.last_seen_at} />],
        [t("booted"), <Time key="b" at={station.booted_at} zone={zone} style="dateTime" />],
      ]}
    />
  );
}

/** All that is known of the hardware: link, modem, boots, problems. */
export function Details({ station, zone }: { station: Station; zone: string }) {
  const t = useText(text);
  const f = useFormat();
  const boots = useQuery({ queryKey: ["stations", station.id, "boots"], queryFn: () => data(api.GET("/api/v1/stations/{station}/boots", { params: { path: { station: station.id }, query: { limit: 20 } } })) });
  const links = useQuery({ queryKey: ["stations", station.id, "links"], queryFn: () => data(api.GET("/api/v1/links", { params: { query: { station: station.id } } })) });
  const events = useQuery({ queryKey: ["stations", station.id, "events"], queryFn: () => data(api.GET("/api/v1/stations/{station}/events", { params: { path: { station: station.id }, query: { limit: 50 } } })) });
  const modem = boots.data?.items.map((boot) => boot.data as { iccid?: string; imsi?: string }).find((one) => one.iccid ?? one.imsi);
  const link = links.data?.items[0];
  return (
    <div className={classes["halves"]}>
      <div className={classes["column"]}>
        <Card title={t("details")}>
          <StationFacts station={station} zone={zone} />
        </Card>
        <Card title={t("connection")}>
          <Facts
            facts={[
              [t("gateway"), <span key="g" className="fc-mono">{link?.node ?? f.number(null)}</span>],
              [t("epoch"), f.number(link?.epoch ?? null)],
              [t("connectedSince"), <Time key="c" at={link?.connected_at} zone={zone} style="dateTime" />],
              ...(link?.disconnected_at ? [[t("disconnectedAt"), <Time key="d" at={link.disconnected_at} zone={zone} style="dateTime" />] as [string, React.ReactNode]] : []),
              [t("address"), <span key="r" className="fc-mono">{station.remote_address ?? f.number(null)}</span>],
              [t("iccid"), <span key="i" className="fc-mono">{modem?.iccid ?? f.number(null)}</span>],
              [t("imsi"), <span key="m" className="fc-mono">{modem?.imsi ?? f.number(null)}</span>],
              [t("firstSeen"), <Time key="f" at={station.created_at} zone={zone} style="date" />],
            ]}
          />
        </Card>
      </div>
      <div className={classes["column"]}>
        <Card bare title={t("boots")}>
          <QueryState query={boots} what={t("boots")}>
            {(page) =>
              page.items.length === 0 ? <p className={classes["none"]}>{t("bootNone")}</p> : (
                <table className={classes["table"]}>
                  <caption className="fc-hidden">{t("boots")}</caption>
                  <thead><tr><th scope="col">{t("when")}</th><th scope="col">{t("reason")}</th><th scope="col">{t("firmware")}</th><th scope="col">{t("answer")}</th></tr></thead>
                  <tbody>
                    {page.items.map((boot) => (
                      <tr key={boot.first_at}>
                        <td><Time at={boot.last_at} zone={zone} style="dateTime" /> {boot.count > 1 ? <small className={classes["quiet"]}>{t("bootTimes", { count: boot.count })}</small> : null}</td>
                        <td>{boot.reason ?? ""}</td>
                        <td>{(boot.data as { firmware_version?: string }).firmware_version ?? ""}</td>
                        <td>{boot.answer}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              )
            }
          </QueryState>
        </Card>
        <Card bare title={t("events")}>
          <QueryState query={events} what={t("events")}>
            {(page) =>
              page.items.length === 0 ? <p className={classes["none"]}>{t("eventsNone")}</p> : (
                <table className={classes["table"]}>
                  <caption className="fc-hidden">{t("events")}</caption>
                  <thead><tr><th scope="col">{t("when")}</th><th scope="col">{t("what")}</th><th scope="col">{t("connector")}</th><th scope="col"><span className="fc-hidden">{t("state")}</span></th></tr></thead>
                  <tbody>
                    {page.items.map((event) => (
                      <tr key={event.id}>
                        <td><Time at={event.reported_at ?? event.received_at} zone={zone} style="dateTime" /></td>
                        <td className="fc-mono">{event.code}</td>
                        <td>{event.evse_no ?? ""}</td>
                        <td>{event.cleared ? <Tag tone="ok">{t("cleared")}</Tag> : null}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              )
            }
          </QueryState>
        </Card>
      </div>
    </div>
  );
}
