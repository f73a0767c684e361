import { ApiError } from "#shared/api/client";
import { useText, type Params } from "#shared/i18n/i18n";
import { text as frameText, type FrameWord } from "../text";
import { text, type EntryWord } from "./text";

const ENTRY: Record<string, EntryWord> = {
  CodeWrong: "codeWrong", ChallengeOver: "over", PasskeyRefused: "passkeyRefused", PasswordTooWeak: "tooWeak",
  ResetOver: "resetOver", InvitationOver: "acceptOver", EmailTaken: "taken",
};
const FRAME: Record<string, FrameWord> = { OperatorChoiceRequired: "chooseOperator", SignInFailed: "wrong" };

/** Words of these pages, and those for what went wrong on them. */
export function useEntryText(): { t: (key: EntryWord, params?: Params) => string; f: (key: FrameWord, params?: Params) => string; wrong: (error: unknown) => string | null } {
  const t = useText(text);
  const f = useText(frameText);
  const wrong = (error: unknown) => {
    if (error === null || error === undefined) return null;
    // The browser's own refusal: the person cancelled, or has no passkey for this address.
    if (error instanceof DOMException) return t("passkeyCancelled");
    if (!(error instanceof ApiError)) return t("failed", { code: String(error) });
    if (ENTRY[error.code]) return t(ENTRY[error.code] as EntryWord);
    if (FRAME[error.code]) return f(FRAME[error.code] as FrameWord);
    if (error.status === 429) return f("throttled");
    if (error.status === 0) return f("noServer");
    return t("failed", { code: error.code });
  };
  return { t, f, wrong };
}
