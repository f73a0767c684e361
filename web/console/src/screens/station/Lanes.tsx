import { useState, type CSSProperties, type KeyboardEvent } from "react";
import { ChartTable } from "#shared/chart/ChartTable";
import { useFormat } from "#shared/format/useFormat";
import { useLanguage, useText } from "#shared/i18n/i18n";
import { LOOKS } from "#shared/state/vocabulary";
import { StateMark } from "#shared/state/StateMark";
import { ticksOf, type Lane, type LaneState, type Period, type Stretch, type Window } from "./lanes";
import { text } from "./text";
import classes from "./station.module.css";

/** Hollow is quiet, solid is use or trouble. */
const SOLID: ReadonlySet<LaneState> = new Set(["faulted", "offline", "suspended_station", "suspended_car", "charging", "reserved", "unavailable", "finishing", "preparing", "occupied"]);

interface LanesProps {
  lanes: readonly Lane[];
  /** Names of the lanes by their key. */
  names: ReadonlyMap<string, string>;
  window: Window;
  period: Period;
  now: number;
  zone: string;
}

/** Status over time: one lane for each connector and one for the connection; hatched is unknown, the black line is now. */
export function Lanes({ lanes, names, window, period, now, zone }: LanesProps) {
  const t = useText(text);
  const f = useFormat();
  const { language } = useLanguage();
  const [chosen, setChosen] = useState<{ lane: string; index: number } | null>(null);
  const width = window.until - window.from;
  const percent = (at: number) => `${((at - window.from) / width) * 100}%`;
  const word = (state: LaneState, lane: string) => (state === "unknown" ? t("unknown") : lane === "link" && state === "available" ? t("online") : LOOKS[state][language]);
  const stamp = (at: number) => f.time(new Date(at), period === "day" ? "time" : "dateTime", zone);
  const tell = (lane: string, one: Stretch) =>
    t("stretch", { state: word(one.state, lane), from: stamp(one.from), to: one.to >= now ? t("untilNow") : stamp(one.to), duration: f.duration((one.to - one.from) / 1000) }) + (one.info ? `, ${one.info}` : "");
  const shown = lanes.find((lane) => lane.key === chosen?.lane)?.stretches[chosen?.index ?? -1];
  const move = (lane: Lane) => (event: KeyboardEvent) => {
    const last = lane.stretches.length - 1;
    const at = chosen?.lane === lane.key ? chosen.index : last;
    const next = { ArrowLeft: at - 1, ArrowDown: at - 1, ArrowRight: at + 1, ArrowUp: at + 1, Home: 0, End: last }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    setChosen({ lane: lane.key, index: Math.max(0, Math.min(last, next)) });
  };
  return (
    <div className={classes["lanes"]}>
      {lanes.map((lane) => {
        const at = chosen?.lane === lane.key ? chosen.index : lane.stretches.length - 1;
        const current = lane.stretches[at];
        return (
          <div key={lane.key} className={classes["lane"]}>
            <span className={classes["laneName"]}>{names.get(lane.key) ?? lane.key}</span>
            <div
              className={classes["track"]}
              role="slider"
              tabIndex={0}
              aria-label={names.get(lane.key) ?? lane.key}
              aria-valuemin={0}
              aria-valuemax={Math.max(0, lane.stretches.length - 1)}
              aria-valuenow={Math.max(0, at)}
              aria-valuetext={current ? tell(lane.key, current) : t("unknown")}
              aria-description={t("laneHelp")}
              onKeyDown={move(lane)}
              onFocus={() => setChosen({ lane: lane.key, index: Math.max(0, at) })}
            >
              {lane.stretches.map((one, index) => (
                <i
                  key={index}
                  data-solid={SOLID.has(one.state) || undefined}
                  data-unknown={one.state === "unknown" || undefined}
                  data-chosen={(chosen?.lane === lane.key && chosen.index === index) || undefined}
                  style={{ left: percent(one.from), width: `${((one.to - one.from) / width) * 100}%`, ...(one.state === "unknown" ? {} : { "--c": `var(--fc-${LOOKS[one.state].colour})`, "--s": `var(--fc-${LOOKS[one.state].colour}-soft)` }) } as CSSProperties}
                  onPointerEnter={() => setChosen({ lane: lane.key, index })}
                />
              ))}
              {now < window.until && now > window.from ? <b style={{ left: percent(now) }} /> : null}
            </div>
          </div>
        );
      })}
      <div className={classes["ticks"]} aria-hidden="true">
        {ticksOf(period, window).map((tick) => (
          <span key={tick} style={{ left: percent(tick) }}>{period === "day" ? f.time(new Date(tick), "time", zone) : f.time(new Date(tick), "date", zone).replace(/[ .]*\d{4}$/, "")}</span>
        ))}
      </div>
      <p className={classes["told"]}>
        {shown && chosen ? (
          <>
            <b>{names.get(chosen.lane)}</b> {shown.state === "unknown" ? null : <StateMark state={shown.state} as="mark" size={14} word={word(shown.state, chosen.lane)} />} {tell(chosen.lane, shown)}
          </>
        ) : (
          t("laneHelp")
        )}
      </p>
      <ChartTable
        caption={t("history")}
        columns={[t("laneWho"), t("laneState"), t("laneFrom"), t("laneTo"), t("laneInfo")]}
        rows={() => lanes.flatMap((lane) => lane.stretches.map((one) => [names.get(lane.key) ?? lane.key, word(one.state, lane.key), stamp(one.from), one.to >= now ? t("untilNow") : stamp(one.to), one.info ?? ""]))}
      />
    </div>
  );
}
