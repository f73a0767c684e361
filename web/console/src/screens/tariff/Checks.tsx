/** What to know before it is published: the law on public prices, gaps in the week, VAT. */
import { useText } from "#shared/i18n/i18n";
import { Icon } from "#shared/icon/Icon";
import { Card, Tag } from "#shared/page/Page";
import type { Condition } from "#shared/tariff/model";
import type { Week } from "./queries";
import { text, type TextKey } from "./text";
import classes from "./tariff.module.css";

interface Check {
  key: TextKey;
  passes: boolean;
}

/** The checks of a week of prices. */
export function checksOf(week: Week): Check[] {
  const open = week.posted.filter((one) => (one.when as Condition).reservation === undefined && !(one.when as Condition).audiences);
  const has = (dimension: string) => open.some((one) => one.dimension === dimension);
  // Article 5 of Regulation (EU) 2023/1804: from 50 kW on per kWh, and a fee per minute for occupancy only.
  const fast = has("energy") && !has("charging_time") && !has("flat");
  const everyHour = week.week.every((part) => part.energy !== null || part.charging !== null);
  return [
    { key: fast ? "checkFast" : "checkFastNot", passes: fast },
    { key: everyHour ? "checkHours" : "checkHoursNot", passes: everyHour },
    { key: week.posted.every((one) => one.tax_percent !== null) ? "checkVat" : "checkVatNot", passes: week.posted.every((one) => one.tax_percent !== null) },
  ];
}

export function Checks({ week }: { week: Week | undefined }) {
  const t = useText(text);
  if (!week) return null;
  const checks = checksOf(week);
  const passed = checks.filter((check) => check.passes).length;
  return (
    <Card title={t("checks")} actions={<>{passed ? <Tag tone="ok">{t("pass", { count: passed })}</Tag> : null}{passed < checks.length ? <Tag tone="warn">{t("toRead", { count: checks.length - passed })}</Tag> : null}</>}>
      <ul className={classes["checks"]}>
        {checks.map((check) => (
          <li key={check.key} data-passes={check.passes || undefined}><Icon name={check.passes ? "check" : "warn"} /> {t(check.key)}</li>
        ))}
      </ul>
    </Card>
  );
}
