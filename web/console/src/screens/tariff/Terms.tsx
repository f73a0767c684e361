/** What holds for every session: currency and tax, minimum and maximum, idling, what is free. */
import { Menu } from "@mantine/core";
import { useContext } from "react";
import { Button } from "#shared/button/Button";
import { useLanguage, useText } from "#shared/i18n/i18n";
import { Card } from "#shared/page/Page";
import { termsFor } from "./additions";
import { focusPath } from "./focus";
import { withValue, type Document } from "#shared/tariff/model";
import { plainText, termSentences } from "#shared/tariff/sentences";
import { EditingContext, Sentence } from "./Slot";
import { text } from "./text";
import classes from "./tariff.module.css";

export function Terms({ document, onChange, menuOpened, onMenu }: { document: Document; onChange: (next: Document) => void; menuOpened: boolean; onMenu: (opened: boolean) => void }) {
  const t = useText(text);
  const { language } = useLanguage();
  const { editable } = useContext(EditingContext);
  const today = new Date().toISOString().slice(0, 10);
  return (
    <Card
      title={t("terms")}
      bare
      actions={
        editable ? (
          <Menu position="bottom-end" opened={menuOpened} onChange={onMenu}>
            <Menu.Target>
              <Button size="sm" icon="plus">{t("addTerm")} <kbd>M</kbd></Button>
            </Menu.Target>
            <Menu.Dropdown className={classes["longMenu"] ?? ""}>
              {termsFor(document, today).map((one) => (
                <Menu.Item
                  key={one.key}
                  onClick={() => {
                    onChange(one.make(document));
                    focusPath(one.focus);
                  }}
                >
                  {t(one.key)}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        ) : null
      }
    >
      <ul className={classes["terms"]} aria-label={t("terms")}>
        {termSentences(document, language).map((sentence) => (
          <li key={sentence.id}>
            <div><Sentence pieces={sentence.pieces} /></div>
            {editable && sentence.id !== "currency" ? (
              <Button kind="quiet" size="sm" icon="close" aria-label={t("removeTerm", { what: plainText(sentence.pieces) })} onClick={() => onChange(withValue(document, sentence.id, undefined))} />
            ) : null}
          </li>
        ))}
        <li className={classes["rounding"]}>{t("rounding")}</li>
      </ul>
    </Card>
  );
}
