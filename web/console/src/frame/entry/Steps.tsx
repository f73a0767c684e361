import type { ReactNode } from "react";
import { EntryPage } from "./EntryPage";
import { Enrol } from "./Enrol";
import { RecoveryCodes } from "./RecoveryCodes";
import { SecondFactor } from "./SecondFactor";
import type { Arrival } from "./useArrival";
import { useEntryText } from "./words";
import classes from "./Entry.module.css";

/** What follows a first proof (a password, an invitation): `children` is that first page. */
export function Steps({ arrival, title, children }: { arrival: Arrival; title?: string | undefined; children: ReactNode }) {
  const { t } = useEntryText();
  const { stage } = arrival;
  const back = (
    <p className={classes["links"]}>
      <button type="button" onClick={arrival.restart}>{t("back")}</button>
    </p>
  );
  if (stage.step === "second") return <EntryPage title={t("secondTitle")}><SecondFactor asked={stage.asked} onDone={arrival.take} />{back}</EntryPage>;
  if (stage.step === "enrol") return <EntryPage title={t("enrolTitle")}><Enrol challenge={stage.challenge} onDone={arrival.showCodes} />{back}</EntryPage>;
  if (stage.step === "codes") return <EntryPage title={t("codesTitle")}><RecoveryCodes codes={stage.codes} onKept={arrival.enter} /></EntryPage>;
  return <EntryPage title={title}>{children}</EntryPage>;
}
