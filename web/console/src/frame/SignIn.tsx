/** The sign-in page: e-mail and password, and the operator where both fit several. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { api, ApiError, data } from "#shared/api/client";
import { meQuery } from "#shared/api/session";
import { Button } from "#shared/button/Button";
import { SelectField, TextField } from "#shared/form/fields";
import { useLanguage, useText } from "#shared/i18n/i18n";
import { Note } from "#shared/page/Page";
import { Logo } from "./Logo";
import { SchemeMenu } from "./SchemeMenu";
import { text } from "./text";
import classes from "./SignIn.module.css";

const EMAIL_KEY = "forecourt.email";

export function SignIn() {
  const t = useText(text);
  const client = useQueryClient();
  const { language, setLanguage } = useLanguage();
  const [email, setEmail] = useState(() => localStorage.getItem(EMAIL_KEY) ?? "");
  const [password, setPassword] = useState("");
  const [operator, setOperator] = useState("");
  const [missing, setMissing] = useState<{ email?: boolean; password?: boolean }>({});

  const signIn = useMutation({
    mutationFn: () =>
      data(api.POST("/api/v1/sign-in", { body: { email: email.trim(), password, ...(operator ? { operator } : {}) } })),
    onSuccess: async () => {
      localStorage.setItem(EMAIL_KEY, email.trim());
      await client.invalidateQueries({ queryKey: meQuery.queryKey });
    },
  });
  const problem = signIn.error instanceof ApiError ? signIn.error : null;
  const operators = problem?.code === "OperatorChoiceRequired" ? (problem.params["operators"] as string[]) : null;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const empty = { email: email.trim() === "", password: password === "" };
    setMissing(empty);
    if (!empty.email && !empty.password) signIn.mutate();
  };

  return (
    <div className={classes["page"]}>
      <main className={classes["card"]}>
        <header>
          <Logo size={40} />
          <h1>Forecourt</h1>
          <p>{t("tagline")}</p>
        </header>
        <form onSubmit={submit} noValidate>
          {problem ? <Note tone={operators ? "warn" : "bad"}>{words(problem, t)}</Note> : null}
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
        </form>
      </main>
      <footer className={classes["foot"]}>
        <button type="button" lang={language === "en" ? "de" : "en"} onClick={() => setLanguage(language === "en" ? "de" : "en")}>
          {language === "en" ? "Deutsch" : "English"}
        </button>
        <SchemeMenu />
      </footer>
    </div>
  );
}

function words(problem: ApiError, t: ReturnType<typeof useText<keyof (typeof text)["en"]>>): string {
  if (problem.code === "OperatorChoiceRequired") return t("chooseOperator");
  if (problem.code === "SignInFailed") return t("wrong");
  if (problem.status === 429) return t("throttled");
  if (problem.status === 0) return t("noServer");
  return t("signInFailed", { code: problem.code });
}
