import { ApiError } from "#shared/api/client";
import { useCommands } from "#shared/command/CommandsProvider";
import { useText } from "#shared/i18n/i18n";
import { text, type Word } from "./text";
import classes from "./people.module.css";

/** A person's initials in a circle, as in the audit trail. */
export function Avatar({ name }: { name: string }) {
  const initials = name.split(/\s+/).map((word) => word[0] ?? "").slice(0, 2).join("").toUpperCase();
  return <span className={classes["avatar"]} aria-hidden="true">{initials}</span>;
}

const KNOWN: Record<string, Word> = { EmailTaken: "taken", InvitationOpen: "open", GrantTooWide: "noGiveAbove", PreconditionFailed: "faster" };

/** A refusal in words: those that we know, else the API's own. */
export function useRefusal(): { words: (error: unknown) => string | null; tell: (error: unknown) => void } {
  const t = useText(text);
  const { refuse } = useCommands();
  const words = (error: unknown) => {
    if (!error) return null;
    if (!(error instanceof ApiError)) return String(error);
    const known = KNOWN[error.code];
    return known ? t(known) : `${error.detail} (${error.code})`;
  };
  const tell = (error: unknown) => refuse(t("failed"), error instanceof ApiError ? error : new ApiError(0, "Unexpected", String(error)));
  return { words, tell };
}
