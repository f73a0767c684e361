/** The second step: a code of the authenticator app, a recovery code, or a passkey. */
import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { api, data, type Schema } from "#shared/api/client";
import { askPasskey, hasPasskeys } from "#shared/api/passkey";
import { Button } from "#shared/button/Button";
import { TextField } from "#shared/form/fields";
import { Note } from "#shared/page/Page";
import { useEntryText } from "./words";
import classes from "./Entry.module.css";

type Answer = Schema["SignedInOut"];
export interface Challenge {
  challenge: string;
  methods: string[];
}

/** Asks the API's question to an authenticator; with a challenge as the second step, without instead of a password. */
export async function signInByPasskey(challenge?: string): Promise<Answer> {
  const asked = await data(api.POST("/api/v1/sign-in/passkey/options", { body: challenge ? { challenge } : {} }));
  const credential = await askPasskey(asked.options);
  return data(api.POST("/api/v1/sign-in/passkey", { body: { challenge: asked.challenge, credential } }));
}

export function SecondFactor({ asked, onDone }: { asked: Challenge; onDone: (answer: Answer) => void }) {
  const { t, wrong } = useEntryText();
  const passkey = asked.methods.includes("passkey") && hasPasskeys();
  const totp = asked.methods.includes("totp");
  const [recovery, setRecovery] = useState(false);
  const [code, setCode] = useState("");
  const send = useMutation({
    mutationFn: () => data(api.POST("/api/v1/sign-in/second-factor", { body: { challenge: asked.challenge, code: code.trim(), recovery } })),
    onSuccess: onDone,
  });
  const byPasskey = useMutation({ mutationFn: () => signInByPasskey(asked.challenge), onSuccess: onDone });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (code.trim().length >= 6) send.mutate();
  };
  const problem = wrong(send.error) ?? wrong(byPasskey.error);
  const byCode = totp || recovery;
  return (
    <>
      <form onSubmit={submit} noValidate>
        {problem ? <Note tone="bad">{problem}</Note> : null}
        {passkey ? (
          <Button kind={byCode ? "default" : "primary"} icon="lock" busy={byPasskey.isPending} className={classes["submit"]} onClick={() => byPasskey.mutate()}>
            {t("usePasskey")}
          </Button>
        ) : null}
        {passkey && byCode ? <p className={classes["or"]}>{t("or")}</p> : null}
        {byCode ? (
          <>
            <TextField
              key={String(recovery)}
              label={recovery ? t("recoveryLabel") : t("codeLabel")}
              help={recovery ? t("recoveryHelp") : t("codeHelp")}
              name="code"
              autoComplete={recovery ? "off" : "one-time-code"}
              autoFocus
              mono
              value={code}
              onChange={setCode}
            />
            <Button type="submit" kind="primary" busy={send.isPending} className={classes["submit"]}>{t("go")}</Button>
          </>
        ) : null}
      </form>
      {asked.methods.includes("recovery_code") ? (
        <p className={classes["links"]}>
          <button
            type="button"
            onClick={() => {
              setRecovery(!recovery);
              setCode("");
              send.reset();
            }}
          >
            {recovery && totp ? t("useCode") : recovery ? t("usePasskey") : t("useRecovery")}
          </button>
        </p>
      ) : null}
    </>
  );
}
