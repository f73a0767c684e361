/** Chooses a new password with the link of a mail. */
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState, type FormEvent } from "react";
import { api, ApiError, data } from "#shared/api/client";
import { Button } from "#shared/button/Button";
import { Note } from "#shared/page/Page";
import { EntryPage } from "./EntryPage";
import { faults, NewPassword } from "./NewPassword";
import { linkToken } from "./token";
import { useEntryText } from "./words";
import classes from "./Entry.module.css";

export function Reset() {
  const { t, f, wrong } = useEntryText();
  const [token] = useState(linkToken);
  const [typed, setTyped] = useState({ password: "", repeated: "" });
  const [shown, setShown] = useState(false);
  const reset = useMutation({ mutationFn: () => data(api.POST("/api/v1/password-reset", { body: { token, password: typed.password } })) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setShown(true);
    if (Object.keys(faults(typed)).length === 0) reset.mutate();
  };
  const over = token.length < 20 || (reset.error instanceof ApiError && reset.error.code === "ResetOver");
  if (reset.isSuccess) {
    return (
      <EntryPage title={t("resetTitle")}>
        <p>{t("resetDone")}</p>
        <p className={classes["links"]}><Link to="/">{f("signIn")}</Link></p>
      </EntryPage>
    );
  }
  if (over) {
    return (
      <EntryPage title={t("resetTitle")}>
        <Note tone="bad">{t("resetOver")}</Note>
        <p className={classes["links"]}><Link to="/forgotten">{t("askAgain")}</Link></p>
      </EntryPage>
    );
  }
  const problem = wrong(reset.error);
  return (
    <EntryPage title={t("resetTitle")}>
      <form onSubmit={submit} noValidate>
        {problem ? <Note tone="bad">{problem}</Note> : null}
        <NewPassword value={typed} onChange={setTyped} shown={shown} />
        <Button type="submit" kind="primary" busy={reset.isPending} className={classes["submit"]}>{t("save")}</Button>
      </form>
    </EntryPage>
  );
}
