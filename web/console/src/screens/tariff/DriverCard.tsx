/** The prices as the driver will see them, in the order of the law, in either language. */
import { useState } from "react";
import { Segments } from "#shared/button/Segments";
import { translate, useLanguage, useText, type Language } from "#shared/i18n/i18n";
import { Card } from "#shared/page/Page";
import { Lines } from "#shared/page/States";
import type { Document } from "#shared/tariff/model";
import { driverLines, driverTerms } from "#shared/tariff/posted";
import type { Week } from "./queries";
import { text } from "./text";
import classes from "./tariff.module.css";

export function DriverCard({ document, week }: { document: Document; week: Week | undefined }) {
  const t = useText(text);
  const { language } = useLanguage();
  const [shown, setShown] = useState<Language>(language);
  const lines = week ? driverLines(week.posted, week.currency, shown) : [];
  const [first, ...rest] = lines;
  const known = week?.posted.every((one) => one.tax_percent !== null || document.tax_included) ?? false;
  return (
    <Card
      title={t("driver")}
      actions={<Segments label={t("driverLanguage")} value={shown} onChange={(value) => setShown(value as Language)} options={[{ value: "en", label: "English" }, { value: "de", label: "Deutsch" }]} />}
    >
      {week ? (
        <div className={classes["driver"]} lang={shown}>
          {first ? <p className={classes["first"]}><b>{first.price}</b> {first.when}</p> : null}
          {rest.map((line, index) => <p key={index}><b>{line.price}</b> {line.when}</p>)}
          {driverTerms(document, shown).map((line) => <p key={line}>{line}</p>)}
          <p className={classes["help"]}>{translate(text, shown, known ? "driverVat" : "driverVatUnknown")}</p>
        </div>
      ) : <Lines count={3} />}
      <p className={classes["help"]}>{t("driverOrder")}</p>
    </Card>
  );
}
