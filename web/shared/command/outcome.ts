/** What became of a command, in the words of the guide, section 6. Pure. */
import type { Schema } from "#shared/api/client";
import type { IconName } from "#shared/icon/Icon";

export type CommandOut = Schema["CommandOut"];
export type CommandStatus =
  | "pending" | "sent" | "accepted" | "effective" | "rejected" | "failed" | "timed_out" | "ineffective" | "refused";

/** Kinds whose effect the station's later behaviour proves; for the others `accepted` is the end. */
const PROVEN = new Set(["remote-start", "remote-stop", "reset", "change-availability"]);
/** How long a proof is waited for, in milliseconds; the server gives a reset 15 minutes. */
const PROOF_MS = 16 * 60_000;

/** Whether more may come. */
export function isOpen(command: Pick<CommandOut, "status" | "kind" | "answered_at">, now: number = Date.now()): boolean {
  if (command.status === "pending" || command.status === "sent") return true;
  if (command.status !== "accepted" || !PROVEN.has(command.kind)) return false;
  return command.answered_at === null || now - new Date(command.answered_at).getTime() < PROOF_MS;
}

export type Tone = "wait" | "accent" | "ok" | "bad";

/** Accepted is petrol, only effective is a green tick; what did not work is red. */
export function toneOf(status: string): Tone {
  if (status === "effective") return "ok";
  if (status === "accepted") return "accent";
  return status === "pending" || status === "sent" ? "wait" : "bad";
}

export const TONE_ICON: Record<Tone, IconName> = { wait: "clock", accent: "check", ok: "check", bad: "close" };

/** Seconds until the station counts as silent. */
export function secondsLeft(command: Pick<CommandOut, "expires_at">, now: number): number {
  return Math.max(0, Math.ceil((new Date(command.expires_at).getTime() - now) / 1000));
}

/** Seconds from the request to the proof. */
export function secondsTaken(command: Pick<CommandOut, "created_at" | "effective_at">): number | null {
  if (!command.effective_at) return null;
  return Math.max(0, (new Date(command.effective_at).getTime() - new Date(command.created_at).getTime()) / 1000);
}
