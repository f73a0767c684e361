import { useEffect, useRef } from "react";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { Tag } from "#shared/page/Page";
import { DirectionMark } from "./DirectionMark";
import { errorCode, gist, type Exchange } from "./exchange";
import { latency } from "./latency";
import { text } from "./text";
import classes from "./messages.module.css";

/** A bar is full at this latency, in milliseconds; beyond half of it the answer is slow. */
const SLOW_MS = 600;

interface MessageRowsProps {
  exchanges: readonly Exchange[];
  chosen: string | null;
  zone: string | null;
  /** Names of stations by id, if the list is of several. */
  nameOf: ((stationId: string) => string) | null;
  onChoose: (id: string) => void;
}

/** One line an exchange. */
export function MessageRows({ exchanges, chosen, zone, nameOf, onChoose }: MessageRowsProps) {
  const t = useText(text);
  const f = useFormat();
  const body = useRef<HTMLTableSectionElement>(null);
  useEffect(() => {
    body.current?.querySelector("[data-chosen]")?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  const zoneName = exchanges[0] && zone ? `, ${f.zoneName(zone, new Date(exchanges[0].at))}` : "";
  const today = new Date().toDateString();
  const stamp = (at: string) => {
    const date = new Date(at).toDateString() === today ? "" : `${f.time(at, "date", zone).replace(/ \d{4}$/, "")} `;
    return `${date}${f.time(at, "seconds", zone)}.${at.slice(20, 23).replace(/\D/g, "0").padEnd(3, "0")}`;
  };
  return (
    <table className={classes["rows"]}>
      <caption className="fc-hidden">{t("messages")}</caption>
      <thead>
        <tr>
          <th scope="col">{t("received")}{zoneName}</th>
          {nameOf ? <th scope="col">{t("station")}</th> : null}
          <th scope="col"><span className="fc-hidden">{t("direction")}</span></th>
          <th scope="col">{t("action")}</th>
          <th scope="col" className={classes["wide"]}>{t("content")}</th>
          <th scope="col" data-align="right">{t("answeredIn")}</th>
          <th scope="col"><span className="fc-hidden">{t("finding")}</span></th>
        </tr>
      </thead>
      <tbody ref={body}>
        {exchanges.map((one) => (
          <tr key={one.id} data-chosen={one.id === chosen || undefined}>
            <td className="fc-mono">{stamp(one.at)}</td>
            {nameOf ? <td className="fc-mono">{nameOf(one.stationId)}</td> : null}
            <td><DirectionMark direction={one.direction} /></td>
            <td>
              <button type="button" className={classes["open"]} aria-pressed={one.id === chosen} onClick={() => onChoose(one.id)}>{one.action}</button>
            </td>
            <td className={classes["gist"]}>{gist(one)}</td>
            <td data-align="right" className={classes["latency"]}>
              {one.latencyMs === null ? (
                <span data-bad={one.unanswered || undefined}>{one.unanswered ? t("none") : ""}</span>
              ) : (
                <>
                  <i data-slow={one.latencyMs > SLOW_MS / 2 || undefined} style={{ "--w": `${Math.max(12, Math.min(100, (one.latencyMs / SLOW_MS) * 100))}%` } as React.CSSProperties} />
                  {latency(f, one.latencyMs)}
                </>
              )}
            </td>
            <td><Findings exchange={one} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Findings({ exchange }: { exchange: Exchange }) {
  const t = useText(text);
  const code = exchange.error ?? errorCode(exchange);
  if (code) return <Tag tone="bad">{code}</Tag>;
  if (exchange.unanswered && Date.now() - new Date(exchange.at).getTime() > 60_000) return <Tag tone="bad">{t("timedOut")}</Tag>;
  if (exchange.quirks.length > 0) return <Tag tone="warn">{t("findings", { count: exchange.quirks.length })}</Tag>;
  return exchange.correlation ? <Tag tone="accent">{t("command")}</Tag> : null;
}
