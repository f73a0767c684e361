/** Sets up an authenticator app before the first session, where the operator asks for a second factor. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { api, data } from "#shared/api/client";
import { Button } from "#shared/button/Button";
import { TextField } from "#shared/form/fields";
import { Note } from "#shared/page/Page";
import { Lines } from "#shared/page/States";
import { AppEnrolment } from "./AppEnrolment";
import { useEntryText } from "./words";
import classes from "./Entry.module.css";

export function Enrol({ challenge, onDone }: { challenge: string; onDone: (codes: string[]) => void }) {
  const { t, wrong } = useEntryText();
  const [code, setCode] = useState("");
  const made = useQuery({
    queryKey: ["enrol", challenge],
    queryFn: () => data(api.POST("/api/v1/sign-in/enrol", { body: { challenge } })),
    staleTime: Infinity,
    gcTime: 0,
  });
  const confirm = useMutation({
    mutationFn: () => data(api.POST("/api/v1/sign-in/enrol/confirm", { body: { challenge, code: code.trim() } })),
    onSuccess: (answer) => onDone(answer.recovery_codes),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (code.trim().length >= 6) confirm.mutate();
  };
  const problem = wrong(made.error) ?? wrong(confirm.error);
  return (
    <form onSubmit={submit} noValidate>
      <p>{t("enrolWhyPlain")}</p>
      {problem ? <Note tone="bad">{problem}</Note> : null}
      {made.data ? (
        <>
          <AppEnrolment svg={made.data.svg} secret={made.data.secret} />
          <TextField label={t("thenCode")} name="code" autoComplete="one-time-code" mono value={code} onChange={setCode} />
          <Button type="submit" kind="primary" busy={confirm.isPending} className={classes["submit"]}>{t("finish")}</Button>
        </>
      ) : made.error ? null : <Lines count={4} />}
    </form>
  );
}
