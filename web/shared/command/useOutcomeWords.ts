import { useMemo } from "react";
import { ApiError } from "#shared/api/client";
import type { Format } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { isOpen, secondsLeft, secondsTaken, type CommandOut } from "./outcome";
import { text } from "./text";

/** A command's outcome as a sentence: `words.of(command, now, f)`; `words.ofError(error)` for one that was not sent. */
export function useOutcomeWords() {
  const t = useText(text);
  return useMemo(
    () => ({
      of(command: CommandOut, now: number, f: Format): string {
        const left = secondsLeft(command, now);
        switch (command.status) {
          case "pending":
            return t("pending");
          case "sent":
            return left > 0 ? t("sentWait", { wait: f.duration(left) }) : t("sentWaiting");
          case "accepted":
            return isOpen(command) ? t("acceptedWait") : t("acceptedDone");
          case "effective":
            return t("effectiveAfter", { time: f.duration(secondsTaken(command)) });
          case "rejected":
            return t("rejectedBy", { reason: command.reason ?? t("rejected") });
          case "timed_out":
            return t("timedOut");
          case "ineffective":
            return t("noEffect");
          default:
            return command.reason === "station_offline" || command.reason === "not_connected"
              ? t("offline")
              : t("failedBy", { reason: command.reason ?? t("failed") });
        }
      },
      ofError(error: ApiError): string {
        return t("notSent", { reason: error.detail });
      },
      word(status: string): string {
        return status in text.en ? t(status as keyof (typeof text)["en"]) : status;
      },
    }),
    [t],
  );
}
