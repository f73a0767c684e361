import { Button } from "#shared/button/Button";
import { Segments } from "#shared/button/Segments";
import { useLanguage, useText } from "#shared/i18n/i18n";
import { faultOf, momentIn, wallClock, type Exception, type Hours, type Period } from "./hours";
import { text, weekdays } from "./text";
import classes from "./place.module.css";

interface HoursFieldProps {
  value: Hours | null;
  /** Of the location: exceptions are its wall clock's. */
  zone: string;
  onChange: (value: Hours | null) => void;
}

/** Opening hours: not known, always, or by weekday; with exceptions. */
export function HoursField({ value, zone, onChange }: HoursFieldProps) {
  const t = useText(text);
  const mode = value === null ? "unknown" : value.twentyfourseven ? "always" : "regular";
  const choose = (next: string) => {
    if (next === "unknown") onChange(null);
    else onChange({ ...value, twentyfourseven: next === "always", regular_hours: next === "always" ? [] : usual(value) });
  };
  return (
    <div className={classes["hours"]}>
      <Segments
        label={t("hours")}
        value={mode}
        onChange={choose}
        options={[{ value: "unknown", label: t("hoursUnknown") }, { value: "always", label: t("hoursAlways") }, { value: "regular", label: t("hoursRegular") }]}
      />
      {value !== null && mode === "regular" ? <Week periods={value.regular_hours ?? []} onChange={(regular_hours) => onChange({ ...value, regular_hours })} /> : null}
      {value !== null ? (
        <>
          <Exceptions label={t("closing")} add={t("addClosing")} zone={zone} list={value.exceptional_closings ?? []} onChange={(exceptional_closings) => onChange({ ...value, exceptional_closings })} />
          {mode === "regular" ? (
            <Exceptions label={t("opening")} add={t("addOpening")} zone={zone} list={value.exceptional_openings ?? []} onChange={(exceptional_openings) => onChange({ ...value, exceptional_openings })} />
          ) : null}
        </>
      ) : null}
    </div>
  );
}

function usual(value: Hours | null): Period[] {
  if (value?.regular_hours?.length) return value.regular_hours;
  return [1, 2, 3, 4, 5].map((weekday) => ({ weekday, period_begin: "08:00", period_end: "20:00" }));
}

function Week({ periods, onChange }: { periods: readonly Period[]; onChange: (periods: Period[]) => void }) {
  const t = useText(text);
  const { language } = useLanguage();
  return weekdays(language).map((day, index) => {
    const weekday = index + 1;
    const own = periods.filter((one) => one.weekday === weekday);
    const put = (next: Period[]) => onChange([...periods.filter((one) => one.weekday !== weekday), ...next].toSorted((a, b) => a.weekday - b.weekday));
    const set = (at: number, change: Partial<Period>) => put(own.map((one, place) => (place === at ? { ...one, ...change } : one)));
    const fault = faultOf(own);
    return (
      <div key={day} className={classes["day"]}>
        <span>{day}</span>
        <div className={classes["periods"]}>
          {own.length === 0 ? <span className={classes["quiet"]}>{t("closed")}</span> : null}
          {own.map((period, at) => (
            <span key={at} className={classes["period"]}>
              <input type="time" aria-label={t("from", { day })} value={period.period_begin} onChange={(event) => set(at, { period_begin: event.currentTarget.value })} />
              –
              <input type="time" aria-label={t("until", { day })} value={period.period_end} onChange={(event) => set(at, { period_end: event.currentTarget.value })} />
              <Button size="sm" kind="quiet" icon="close" aria-label={t("removePeriod", { day })} onClick={() => put(own.filter((_, place) => place !== at))} />
            </span>
          ))}
          {fault ? <span className={classes["error"]} role="alert">{t(fault)}</span> : null}
        </div>
        <Button size="sm" kind="quiet" icon="plus" aria-label={t("addPeriod", { day })} onClick={() => put([...own, { weekday, period_begin: own.at(-1)?.period_end ?? "08:00", period_end: "20:00" }])} />
      </div>
    );
  });
}

interface ExceptionsProps {
  label: string;
  add: string;
  zone: string;
  list: readonly Exception[];
  onChange: (list: Exception[]) => void;
}

function Exceptions({ label, add, zone, list, onChange }: ExceptionsProps) {
  const t = useText(text);
  const set = (at: number, change: Partial<Exception>) => onChange(list.map((one, place) => (place === at ? { ...one, ...change } : one)));
  const tomorrow = () => wallClock(zone, Date.now() + 86_400_000).slice(0, 10);
  return (
    <>
      {list.map((one, at) => (
        <span key={at} className={classes["period"]}>
          <span>{label}</span>
          <input type="datetime-local" aria-label={`${label}: ${t("exceptionFrom")}`} value={wallClock(zone, Date.parse(one.period_begin))} onChange={(event) => event.currentTarget.value && set(at, { period_begin: momentIn(zone, event.currentTarget.value) })} />
          –
          <input type="datetime-local" aria-label={`${label}: ${t("exceptionUntil")}`} value={wallClock(zone, Date.parse(one.period_end))} onChange={(event) => event.currentTarget.value && set(at, { period_end: momentIn(zone, event.currentTarget.value) })} />
          <Button size="sm" kind="quiet" icon="close" aria-label={t("removeException")} onClick={() => onChange(list.filter((_, place) => place !== at))} />
          {Date.parse(one.period_end) <= Date.parse(one.period_begin) ? <span className={classes["error"]} role="alert">{t("exceptionOrder")}</span> : null}
        </span>
      ))}
      <div>
        <Button size="sm" icon="plus" onClick={() => onChange([...list, { period_begin: momentIn(zone, `${tomorrow()}T00:00`), period_end: momentIn(zone, `${tomorrow()}T23:59`) }])}>{add}</Button>
      </div>
    </>
  );
}
