/** A week of prices as a heat map; the same in words for screen readers and as a table. */
import { useState } from "react";
import { Segments } from "#shared/button/Segments";
import { ChartTable } from "#shared/chart/ChartTable";
import { useLanguage, useText, translate, type Language } from "#shared/i18n/i18n";
import { Card } from "#shared/page/Page";
import { Lines } from "#shared/page/States";
import { DAYS } from "#shared/tariff/model";
import type { Week } from "./queries";
import { currencySymbol } from "#shared/tariff/sentences";
import { text } from "./text";
import { showDecimal } from "#shared/tariff/values";
import { cells, scale, stretches, type Measure, type Part } from "./week";
import { words, type Word } from "#shared/tariff/words";
import classes from "./tariff.module.css";

/** A unit price with its currency's sign, as typed. */
export function unitPrice(price: string, currency: string, language: Language): string {
  const symbol = currencySymbol(currency, language);
  const digits = showDecimal(price, language, 2);
  return language === "de" ? `${digits}\u00a0${symbol}` : `${symbol}\u00a0${digits}`;
}

interface WeekCardProps {
  week: Week | undefined;
  stale: boolean;
  /** Where the example session lies: hours from Monday, and how many it takes. */
  mark: { from: number; hours: number } | null;
  power: string;
  onPower: (power: string) => void;
  zone: string;
}

export function WeekCard({ week, stale, mark, power, onPower, zone }: WeekCardProps) {
  const t = useText(text);
  const { language } = useLanguage();
  const [measure, setMeasure] = useState<Measure>("energy");
  const shades = week ? scale(week.week, measure) : [];
  const per = t(measure === "energy" ? "perKwh" : "perHour");
  const said = (price: string | null) => (price === null || !week ? t("noPrice") : `${unitPrice(price, week.currency, language)} ${per}`);
  return (
    <Card
      title={t("week")}
      note={t("weekNote", { zone })}
      actions={
        <Segments
          label={t("weekShow")}
          value={measure}
          onChange={(value) => setMeasure(value as Measure)}
          options={[{ value: "energy", label: t("weekEnergy") }, { value: "charging", label: t("weekCharging") }, { value: "standing", label: t("weekStanding") }]}
        />
      }
    >
      {week ? (
        <div className={classes["week"]} data-stale={stale || undefined}>
          <div className={classes["grid"]} role="img" aria-label={t("weekSummary", { list: shades.map((one) => said(one.price)).join("; ") || t("noPrice") })}>
            {cells(week.week).map((hours, day) => (
              <div key={day} className={classes["day"]}>
                <span>{translate(words, language, `${DAYS[day] ?? "monday"}Short` as Word)}</span>
                {hours.map((parts, hour) => (
                  <i key={hour} style={{ background: shadeOf(parts, measure, shades) }} title={parts.map((part) => `${clock(part)}: ${said(part[measure])}`).join("\n")} />
                ))}
              </div>
            ))}
            {mark ? <Mark from={mark.from} hours={mark.hours} /> : null}
            <div className={classes["axis"]} aria-hidden="true">
              {[0, 6, 12, 18, 24].map((hour) => <span key={hour}>{String(hour).padStart(2, "0")}:00</span>)}
            </div>
          </div>
          <div className={classes["legend"]}>
            {shades.slice(0, 8).map((one) => (
              <span key={one.price}><i style={{ background: `var(--fc-h${one.shade})` }} />{unitPrice(one.price, week.currency, language)}</span>
            ))}
            {shades.length === 0 ? <span><i className={classes["none"]} />{t("noPrice")}</span> : <span>{per}, {t("withVat")}</span>}
            <span className={classes["space"]} />
            <label>
              {t("atPower")} <input value={power} inputMode="decimal" size={4} onChange={(event) => onPower(event.currentTarget.value)} /> kW
            </label>
          </div>
          <ChartTable
            caption={t("week")}
            columns={[t("day"), t("hours"), per]}
            rows={() => DAYS.flatMap((day, index) => stretches(week.week, index, measure).map((one) => [translate(words, language, day), `${one.from} – ${one.to}`, said(one.price)]))}
          />
        </div>
      ) : <Lines count={5} />}
    </Card>
  );
}

const clock = (part: Part) => `${String(part.hour).padStart(2, "0")}:${String(part.start_minute).padStart(2, "0")}`;

/** One colour, or one beside the other where the price changes within the hour. */
function shadeOf(parts: readonly Part[], measure: Measure, shades: readonly { price: string; shade: number }[]): string {
  const colour = (part: Part) => {
    const shade = shades.find((one) => one.price === part[measure])?.shade;
    return shade === undefined ? "var(--fc-sunken)" : `var(--fc-h${shade})`;
  };
  const [only] = parts;
  if (only === undefined) return "var(--fc-sunken)";
  if (parts.length === 1) return colour(only);
  return `linear-gradient(to right, ${parts.map((part) => `${colour(part)} ${(part.start_minute / 60) * 100}% ${(part.end_minute / 60) * 100}%`).join(", ")})`;
}

/** The example session in the week; what runs past midnight goes on in the next line. */
function Mark({ from, hours }: { from: number; hours: number }) {
  const lines: { day: number; from: number; to: number }[] = [];
  for (let at = from, left = Math.min(hours, 48); left > 0.001; ) {
    const day = Math.floor(at / 24);
    const step = Math.min(left, (day + 1) * 24 - at);
    lines.push({ day: day % 7, from: at - day * 24, to: at - day * 24 + step });
    at += step;
    left -= step;
  }
  return (
    <>
      {lines.map((line) => (
        <b key={line.day} className={classes["mark"]} style={{ "--day": line.day, "--from": line.from / 24, "--to": line.to / 24 } as React.CSSProperties} />
      ))}
    </>
  );
}
