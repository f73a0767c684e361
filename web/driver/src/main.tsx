import "#shared/theme/styles";
import { MantineProvider } from "@mantine/core";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { defineText, LanguageProvider, useText } from "#shared/i18n/i18n";
import { cssVariables, theme } from "#shared/theme/theme";
import classes from "./main.module.css";

const text = defineText(
  { title: "Charge here", body: "Paying by phone is not offered at this charger yet. Use your charging card.", operator: "For operators: the console" },
  { title: "Hier laden", body: "Bezahlen mit dem Telefon gibt es an dieser Station noch nicht. Nutzen Sie Ihre Ladekarte.", operator: "Für Betreiber: die Konsole" },
);

function Page() {
  const t = useText(text);
  return (
    <main className={classes["page"]}>
      <h1>{t("title")}</h1>
      <p>{t("body")}</p>
      <a className="fc-link" href="/console">{t("operator")}</a>
    </main>
  );
}

const place = document.getElementById("root");
if (!place) throw new Error("the page has no #root");
createRoot(place).render(
  <StrictMode>
    <LanguageProvider>
      <MantineProvider theme={theme} cssVariablesResolver={cssVariables} deduplicateCssVariables={false} defaultColorScheme="auto">
        <Page />
      </MantineProvider>
    </LanguageProvider>
  </StrictMode>,
);
