import { useEffect } from "react";
import type { ApiError } from "#shared/api/client";
import { useNow } from "#shared/format/Time";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { Icon } from "#shared/icon/Icon";
import { isOpen, toneOf, TONE_ICON, type Tone } from "./outcome";
import { text } from "./text";
import { useCommandOutcome } from "./useCommand";
import { useOutcomeWords } from "./useOutcomeWords";
import classes from "./command.module.css";

export interface ToastEntry {
  key: number;
  title: string;
  commandId?: string;
  error?: ApiError;
  detail?: string | undefined;
}

/** How long a toast that has ended well stays, in milliseconds; one that failed stays until dismissed. */
const STAY_MS = 6_000;

/** The commands under way and what was said last, at the bottom right. */
export function Toasts({ toasts, onDismiss }: { toasts: ToastEntry[]; onDismiss: (key: number) => void }) {
  const t = useText(text);
  return (
    <section className={classes["toasts"]} aria-label={t("notifications")} aria-live="polite">
      {toasts.map((toast) => (
        <Toast key={toast.key} toast={toast} onDismiss={() => onDismiss(toast.key)} />
      ))}
    </section>
  );
}

function Toast({ toast, onDismiss }: { toast: ToastEntry; onDismiss: () => void }) {
  const t = useText(text);
  const words = useOutcomeWords();
  const f = useFormat();
  const now = useNow();
  const command = useCommandOutcome(toast.commandId ?? null).data;
  let tone: Tone = toast.error ? "bad" : toast.commandId ? "wait" : "ok";
  let detail = toast.error ? words.ofError(toast.error) : (toast.detail ?? "");
  if (command) {
    tone = toneOf(command.status);
    detail = words.of(command, now, f);
  }
  const over = command ? !isOpen(command) : !toast.commandId;
  const stays = tone === "bad" || !over;
  useEffect(() => {
    if (stays) return;
    const timer = setTimeout(onDismiss, STAY_MS);
    return () => clearTimeout(timer);
    // Dismissal is by key and does not change what it means.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [stays]);
  return (
    <div className={classes["toast"]} data-tone={tone}>
      <Icon name={TONE_ICON[tone]} />
      <div>
        <b>{toast.title}</b>
        {detail ? <p>{detail}</p> : null}
      </div>
      <button type="button" onClick={onDismiss} aria-label={t("dismiss")}>
        <Icon name="close" />
      </button>
    </div>
  );
}
