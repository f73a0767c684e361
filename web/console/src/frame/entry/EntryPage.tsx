import type { ReactNode } from "react";
import { useDocumentTitle } from "@mantine/hooks";
import { useLanguage, useText } from "#shared/i18n/i18n";
import { Logo } from "../Logo";
import { SchemeMenu } from "../SchemeMenu";
import { text as frameText } from "../text";
import classes from "./Entry.module.css";

/** What stands before the console: one card, the language and the appearance below it. */
export function EntryPage({ title, children }: { title?: string | undefined; children: ReactNode }) {
  const t = useText(frameText);
  const { language, setLanguage } = useLanguage();
  useDocumentTitle(title ? `${title} · Forecourt` : "Forecourt");
  return (
    <div className={classes["page"]}>
      <main className={classes["card"]}>
        <header>
          <Logo size={40} />
          <h1>Forecourt</h1>
          {title ? <h2>{title}</h2> : <p>{t("tagline")}</p>}
        </header>
        {children}
      </main>
      <footer className={classes["foot"]}>
        <button type="button" lang={language === "en" ? "de" : "en"} onClick={() => setLanguage(language === "en" ? "de" : "en")}>
          {language === "en" ? "Deutsch" : "English"}
        </button>
        <SchemeMenu />
      </footer>
    </div>
  );
}
