import { Modal } from "@mantine/core";
import { useText } from "#shared/i18n/i18n";
import { text } from "../text";
import { Enrol } from "./Enrol";
import { RecoveryCodes } from "./RecoveryCodes";
import { SecondFactor } from "./SecondFactor";
import type { Arrival } from "./useArrival";
import { useEntryText } from "./words";
import classes from "./Entry.module.css";

/** What another operator asks for before it lets somebody in. */
export function ArrivalDialog({ arrival }: { arrival: Arrival }) {
  const t = useText(text);
  const { t: e } = useEntryText();
  const { stage } = arrival;
  return (
    <Modal
      opened
      onClose={arrival.restart}
      title={stage.step === "codes" ? e("codesTitle") : stage.step === "enrol" ? e("enrolTitle") : e("secondTitle")}
      closeButtonProps={{ "aria-label": t("close") }}
    >
      <div className={classes["stack"]}>
        {stage.step === "second" ? <SecondFactor asked={stage.asked} onDone={arrival.take} /> : null}
        {stage.step === "enrol" ? <Enrol challenge={stage.challenge} onDone={arrival.showCodes} /> : null}
        {stage.step === "codes" ? <RecoveryCodes codes={stage.codes} onKept={arrival.enter} /> : null}
      </div>
    </Modal>
  );
}
