/** Asks for a link by mail. Says the same whether the address is known or not. */
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState, type FormEvent } from "react";
import { api, data } from "#shared/api/client";
import { Button } from "#shared/button/Button";
import { TextField } from "#shared/form/fields";
import { Note } from "#shared/page/Page";
import { EntryPage } from "./EntryPage";
import { useEntryText } from "./words";
import classes from "./Entry.module.css";

export function Forgotten() {
  const { t, f, wrong } = useEntryText();
  const [email, setEmail] = useState(() => localStorage.getItem("forecourt.email") ?? "");
  const [missing, setMissing] = useState(false);
  const ask = useMutation({ mutationFn: () => data(api.POST("/api/v1/password-reset/request", { body: { email: email.trim() } })) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const bad = !/^\S+@\S+$/.test(email.trim());
    setMissing(bad);
    if (!bad) ask.mutate();
  };
  const back = <p className={classes["links"]}><Link to="/">{t("back")}</Link></p>;
  if (ask.isSuccess) return <EntryPage title={t("sentTitle")}><p>{t("sent", { email: email.trim() })}</p>{back}</EntryPage>;
  const problem = wrong(ask.error);
  return (
    <EntryPage title={t("forgotTitle")}>
      <form onSubmit={submit} noValidate>
        {problem ? <Note tone="bad">{problem}</Note> : null}
        <TextField
          label={f("email")}
          help={t("forgotHelp")}
          type="email"
          name="email"
          autoComplete="username"
          autoFocus
          value={email}
          onChange={setEmail}
          error={missing ? f("missing", { field: f("email") }) : undefined}
        />
        <Button type="submit" kind="primary" busy={ask.isPending} className={classes["submit"]}>{t("sendLink")}</Button>
      </form>
      {back}
    </EntryPage>
  );
}
