/** The sign-in page: e-mail and password, or a passkey; the operator where they fit several; then the second factor. */
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState, type FormEvent } from "react";
import { api, ApiError, data } from "#shared/api/client";
import { hasPasskeys } from "#shared/api/passkey";
import { Button } from "#shared/button/Button";
import { SelectField, TextField } from "#shared/form/fields";
import { Note } from "#shared/page/Page";
import { signInByPasskey } from "./entry/SecondFactor";
import { Steps } from "./entry/Steps";
import { useArrival } from "./entry/useArrival";
import { useEntryText } from "./entry/words";
import classes from "./entry/Entry.module.css";

const EMAIL_KEY = "forecourt.email";

export function SignIn() {
  const { t: e, f: t, wrong } = useEntryText();
  const arrival = useArrival();
  const [email, setEmail] = useState(() => localStorage.getItem(EMAIL_KEY) ?? "");
  const [password, setPassword] = useState("");
  const [operator, setOperator] = useState("");
  const [missing, setMissing] = useState<{ email?: boolean; password?: boolean }>({});

  const signIn = useMutation({
    mutationFn: () =>
      data(api.POST("/api/v1/sign-in", { body: { email: email.trim(), password, ...(operator ? { operator } : {}) } })),
    onSuccess: (answer) => {
      localStorage.setItem(EMAIL_KEY, email.trim());
      arrival.take(answer);
    },
  });
  const byPasskey = useMutation({ mutationFn: () => signInByPasskey(), onSuccess: arrival.take });
  const problem = signIn.error instanceof ApiError ? signIn.error : null;
  const operators = problem?.code === "OperatorChoiceRequired" ? (problem.params["operators"] as string[]) : null;
  const words = wrong(signIn.error) ?? wrong(byPasskey.error);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const empty = { email: email.trim() === "", password: password === "" };
    setMissing(empty);
    if (!empty.email && !empty.password) signIn.mutate();
  };

  return (
    <Steps arrival={arrival}>
      <form onSubmit={submit} noValidate>
        {words ? <Note tone={operators ? "warn" : "bad"}>{words}</Note> : null}
        <TextField
          label={t("email")}
          type="email"
          name="email"
          autoComplete="username"
          autoFocus={email === ""}
          value={email}
          onChange={setEmail}
          error={missing.email ? t("missing", { field: t("email") }) : undefined}
        />
        <TextField
          label={t("password")}
          type="password"
          name="password"
          autoComplete="current-password"
          autoFocus={email !== ""}
          value={password}
          onChange={setPassword}
          error={missing.password ? t("missing", { field: t("password") }) : undefined}
        />
        {operators || operator ? (
          <SelectField
            label={t("operator")}
            value={operator}
            onChange={setOperator}
            options={(operators ?? [operator]).map((slug) => ({ value: slug, label: slug }))}
          />
        ) : null}
        <Button type="submit" kind="primary" busy={signIn.isPending} className={classes["submit"]}>
          {t("signIn")}
        </Button>
        {hasPasskeys() ? (
          <>
            <p className={classes["or"]}>{e("or")}</p>
            <Button icon="lock" busy={byPasskey.isPending} className={classes["submit"]} onClick={() => byPasskey.mutate()}>
              {e("withPasskey")}
            </Button>
          </>
        ) : null}
      </form>
      <p className={classes["links"]}>
        <Link to="/forgotten">{e("forgot")}</Link>
      </p>
    </Steps>
  );
}
