/**
 * Changes of how one signs in: the API asks for a fresh proof if signing in is too long ago; then this asks for the
 * password and does the change again.
 *
 *     const { run, dialog } = useSecure();
 *     await run(() => api.DELETE("/api/v1/me/totp"));     // rejects if the person gives up, or the API refuses
 */
import { Modal } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useRef, useState, type ReactNode } from "react";
import { api, ApiError } from "#shared/api/client";
import { Button } from "#shared/button/Button";
import { useCommands } from "#shared/command/CommandsProvider";
import { TextField } from "#shared/form/fields";
import { useText } from "#shared/i18n/i18n";
import { Note } from "#shared/page/Page";
import { text } from "./text";
import classes from "./settings.module.css";

/** The person gave up. */
export class GivenUp extends Error {}

/** Says what was refused; giving up needs no words. */
export function useTell(): (error: unknown) => void {
  const t = useText(text);
  const { refuse } = useCommands();
  return (error) => {
    if (error instanceof GivenUp) return;
    if (error instanceof DOMException) return refuse(t("cancelled"), new ApiError(0, error.name, error.message));
    const problem = error instanceof ApiError ? error : new ApiError(0, "Unexpected", String(error));
    refuse(problem.code === "SecondFactorNeeded" ? t("lastFactor") : t("failed"), problem);
  };
}

export function useSecure(): { run: <T>(change: () => Promise<T>) => Promise<T>; dialog: ReactNode } {
  const [asking, setAsking] = useState(false);
  const settle = useRef<{ confirmed: () => void; givenUp: () => void } | null>(null);
  const ask = () =>
    new Promise<void>((confirmed, reject) => {
      settle.current = { confirmed, givenUp: () => reject(new GivenUp()) };
      setAsking(true);
    });
  const run = async <T,>(change: () => Promise<T>): Promise<T> => {
    try {
      return await change();
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== "ConfirmationRequired") throw error;
    }
    await ask();
    return change();
  };
  const close = (confirmed: boolean) => {
    setAsking(false);
    if (confirmed) settle.current?.confirmed();
    else settle.current?.givenUp();
    settle.current = null;
  };
  return { run, dialog: asking ? <Confirm onClose={close} /> : null };
}

function Confirm({ onClose }: { onClose: (confirmed: boolean) => void }) {
  const t = useText(text);
  const [password, setPassword] = useState("");
  const send = useMutation({ mutationFn: () => api.POST("/api/v1/me/confirm", { body: { password } }), onSuccess: () => onClose(true) });
  const problem = send.error instanceof ApiError ? send.error : null;
  return (
    <Modal opened onClose={() => onClose(false)} title={t("confirmTitle")} closeButtonProps={{ "aria-label": t("cancel") }}>
      <form
        className={classes["form"]}
        onSubmit={(event) => {
          event.preventDefault();
          if (password) send.mutate();
        }}
      >
        <p className={classes["quiet"]}>{t("confirmHelp")}</p>
        {problem ? <Note tone="bad">{problem.status === 429 ? t("throttled") : t("wrongPassword")}</Note> : null}
        <TextField label={t("password")} type="password" autoComplete="current-password" autoFocus value={password} onChange={setPassword} />
        <footer>
          <Button onClick={() => onClose(false)}>{t("cancel")}</Button>
          <Button type="submit" kind="primary" busy={send.isPending} disabled={!password}>{t("confirm")}</Button>
        </footer>
      </form>
    </Modal>
  );
}
