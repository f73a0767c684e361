import { useNow } from "#shared/format/Time";
import { useFormat } from "#shared/format/useFormat";
import { useLanguage, useText } from "#shared/i18n/i18n";
import { Card, Tag } from "#shared/page/Page";
import { isOpen, localMoment, readHours, type Exception } from "#shared/place/hours";
import { weekdays } from "#shared/place/text";
import { text } from "./text";
import classes from "./location.module.css";

/** "Open now", by the location's own clock. */
export function OpenNow({ hours, zone }: { hours: unknown; zone: string }) {
  const t = useText(text);
  const open = isOpen(readHours(hours), zone, useNow());
  if (open === null) return <Tag>{t("hoursUnknown")}</Tag>;
  return <Tag tone={open ? "ok" : "warn"}>{open ? t("openNow") : t("closedNow")}</Tag>;
}

export function Hours({ hours: stored, zone }: { hours: unknown; zone: string }) {
  const t = useText(text);
  const f = useFormat();
  const { language } = useLanguage();
  const now = useNow();
  const hours = readHours(stored);
  const today = localMoment(now, zone).weekday;
  const coming = (list: readonly Exception[] | undefined) => (list ?? []).filter((one) => Date.parse(one.period_end) > now);
  const span = (one: Exception) => ({ from: f.time(one.period_begin, "dateTime", zone), until: f.time(one.period_end, "dateTime", zone) });
  return (
    <Card title={t("hours")} note={zone}>
      {hours === null ? <p className={classes["quiet"]}>{t("hoursUnknown")}</p> : null}
      {hours?.twentyfourseven ? <p>{t("always")}</p> : null}
      {hours && !hours.twentyfourseven ? (
        <div className={classes["hours"]}>
          {weekdays(language).map((day, index) => {
            const periods = (hours.regular_hours ?? []).filter((one) => one.weekday === index + 1);
            const mark = today === index + 1 || undefined;
            return [
              <span key={day} data-today={mark}>{day}</span>,
              <span key={`${day}-hours`} data-today={mark}>{periods.length > 0 ? periods.map((one) => `${one.period_begin}–${one.period_end}`).join(", ") : t("closed")}</span>,
            ];
          })}
        </div>
      ) : null}
      {coming(hours?.exceptional_closings).map((one) => <p key={one.period_begin}>{t("closedFrom", span(one))}</p>)}
      {coming(hours?.exceptional_openings).map((one) => <p key={one.period_begin}>{t("openFrom", span(one))}</p>)}
    </Card>
  );
}
