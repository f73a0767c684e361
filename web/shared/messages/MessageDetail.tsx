import { useClipboard } from "@mantine/hooks";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Button } from "#shared/button/Button";
import { Segments } from "#shared/button/Segments";
import { useCommands } from "#shared/command/CommandsProvider";
import { useFormat } from "#shared/format/useFormat";
import { useLanguage, useText } from "#shared/i18n/i18n";
import { Note, Tag } from "#shared/page/Page";
import { curlOf, jsonOf, scenarioOf, type StationFacts } from "./copies";
import { DirectionMark } from "./DirectionMark";
import { errorCode, inFrame, leaves, type Exchange, type Json, type Quirk } from "./exchange";
import { Frame } from "./Frame";
import { errorWords, quirkWords } from "./quirkWords";
import { latency } from "./latency";
import { text } from "./text";
import classes from "./messages.module.css";

interface MessageDetailProps {
  exchange: Exchange;
  station: StationFacts | undefined;
  zone: string | null;
  /** Inside the station's own page its name is no link. */
  embedded: boolean;
  onClose: () => void;
}

/** One exchange: what was said, read and raw, what is wrong with it, and ways to take it along. */
export function MessageDetail({ exchange, station, zone, embedded, onClose }: MessageDetailProps) {
  const t = useText(text);
  const f = useFormat();
  const { language } = useLanguage();
  const [view, setView] = useState("pretty");
  const code = errorCode(exchange);
  // A deviation of ours cannot be: the marks are in what the station wrote.
  const own = exchange.direction === "in";
  const marks = exchange.quirks.map((quirk) => inFrame(quirk.path, own ? 3 : 2));
  const error = exchange.error ?? code;
  const said = (at: string) => `${f.time(at, "seconds", zone)}.${at.slice(20, 23).replace(/\D/g, "0")}`;
  return (
    <section className={classes["detail"]} aria-label={t("detail", { action: exchange.action })}>
      <header className={classes["detailHead"]}>
        <DirectionMark direction={exchange.direction} />
        <h2>{exchange.action}</h2>
        <span className={classes["space"]} />
        <Segments label={t("view")} value={view} onChange={setView} options={[{ value: "pretty", label: t("pretty") }, { value: "raw", label: t("raw") }]} />
        <Button size="sm" kind="quiet" icon="close" aria-label={t("close")} onClick={onClose} />
      </header>
      <div className={classes["detailBody"]}>
        <div className={classes["pair"]}>
          <h3>
            {t("request")}{" "}
            <small>
              {t(own ? "fromStation" : "toStation", { time: said(exchange.at) })}, {t("bytes", { count: new Blob([exchange.request]).size })}
            </small>
          </h3>
          <p className={classes["links"]}>
            {station && !embedded ? <Link className="fc-link fc-mono" to={`/stations/${station.id}`}>{station.identity}</Link> : null}
            <span className="fc-mono">{exchange.messageId}</span>
            {exchange.correlation && station ? (
              <Link className="fc-link" to={`/stations/${station.id}`} search={{ tab: "commands", command: exchange.correlation } as never}>{t("commandOf")}</Link>
            ) : null}
          </p>
          {view === "pretty" ? <Leaves value={exchange.requestPayload} quirks={own ? exchange.quirks : []} /> : null}
        </div>
        {error || exchange.quirks.length > 0 ? (
          <div className={classes["pair"]}>
            {error ? (
              <Note tone="bad">
                <b>{t("refused")}: <code className="fc-mono">{error}</code></b> {errorWords(error, language)}
              </Note>
            ) : null}
            {exchange.quirks.map((quirk, index) => (
              <Note key={index} tone="warn">
                <b>{t("finding")}: <code className="fc-mono">{quirk.path.replace(/^\$\.?/, "") || "$"}</code></b> {quirkWords(quirk.code, language)}
                {quirk.raw === undefined || quirk.raw === null ? null : <> <span className="fc-mono">{t("sent", { raw: JSON.stringify(quirk.raw) })}</span></>}
              </Note>
            ))}
          </div>
        ) : null}
        <div className={classes["pair"]}>
          {exchange.requestPayload === undefined ? <p className={classes["quiet"]}>{t("unreadable")}</p> : null}
          <Frame text={exchange.request} marked={own ? marks : []} />
        </div>
        <div className={classes["pair"]}>
          <h3>
            {t("answer")}{" "}
            <small>{exchange.latencyMs === null ? t("answerNone") : t("answerAfter", { time: latency(f, exchange.latencyMs) })}</small>
            <span className={classes["space"]} />
            {exchange.answerType === null ? null : <Tag tone={exchange.answerType === 4 ? "bad" : "ok"}>{exchange.answerType === 4 ? "CALLERROR" : "CALLRESULT"}</Tag>}
          </h3>
          {exchange.answer === null ? null : (
            <>
              {view === "pretty" && exchange.direction === "out" ? <Leaves value={exchange.answerPayload} quirks={exchange.quirks} /> : null}
              <Frame text={exchange.answer} marked={own ? [] : marks} />
            </>
          )}
        </div>
      </div>
      <footer className={classes["detailFoot"]}>
        <Copy label={t("copyJson")} value={() => jsonOf(exchange)} />
        <Copy label={t("copyCurl")} value={() => curlOf(exchange, location.origin)} />
        {station ? <Copy label={t("copyScenario")} value={() => scenarioOf(exchange, station, location.origin)} /> : null}
      </footer>
    </section>
  );
}

function Leaves({ value, quirks }: { value: Json | undefined; quirks: readonly Quirk[] }) {
  const t = useText(text);
  if (value === undefined) return null;
  const found = leaves(value);
  if (found.length === 0) return <p className={classes["quiet"]}>{t("emptyPayload")}</p>;
  const wrong = (path: string) => quirks.some((quirk) => quirk.path !== "$" && (path === quirk.path || path.startsWith(`${quirk.path}.`) || path.startsWith(`${quirk.path}[`)));
  return (
    <dl className={classes["leaves"]}>
      {found.map((leaf) => (
        <div key={leaf.path} data-wrong={wrong(leaf.path) || undefined}>
          <dt>{leaf.name || "$"}</dt>
          <dd>{leaf.value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Copy({ label, value }: { label: string; value: () => string }) {
  const t = useText(text);
  const { say } = useCommands();
  const clipboard = useClipboard({ timeout: 1500 });
  const copy = () => {
    // Without https there is no clipboard to write to.
    if (!navigator.clipboard) say(t("copyFailed"));
    else clipboard.copy(value());
  };
  return (
    <Button size="sm" icon={clipboard.copied ? "check" : "copy"} onClick={copy}>{clipboard.copied ? t("copied") : label}</Button>
  );
}
