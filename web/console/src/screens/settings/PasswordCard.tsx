import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { faults, NewPassword } from "#console/frame/entry/NewPassword";
import { useEntryText } from "#console/frame/entry/words";
import { api, ApiError } from "#shared/api/client";
import { Button } from "#shared/button/Button";
import { useCommands } from "#shared/command/CommandsProvider";
import { TextField } from "#shared/form/fields";
import { useText } from "#shared/i18n/i18n";
import { Card, Note } from "#shared/page/Page";
import { text } from "./text";
import classes from "./settings.module.css";

const EMPTY = { old: "", password: "", repeated: "" };

/** A new password for oneself; the old one is asked for. */
export function PasswordCard() {
  const t = useText(text);
  const { wrong } = useEntryText();
  const { say } = useCommands();
  const [typed, setTyped] = useState(EMPTY);
  const [shown, setShown] = useState(false);
  const change = useMutation({
    mutationFn: () => api.POST("/api/v1/me/password", { body: { old_password: typed.old, new_password: typed.password } }),
    onSuccess: () => {
      setTyped(EMPTY);
      setShown(false);
      say(t("password"), t("passwordChanged"));
    },
  });
  const problem = change.error instanceof ApiError && change.error.code === "SignInFailed" ? t("oldWrong") : wrong(change.error);
  return (
    <Card title={t("password")}>
      <form
        className={classes["form"]}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setShown(true);
          if (typed.old !== "" && Object.keys(faults(typed)).length === 0) change.mutate();
        }}
      >
        {problem ? <Note tone="bad">{problem}</Note> : null}
        <TextField
          label={t("oldPassword")}
          type="password"
          autoComplete="current-password"
          value={typed.old}
          onChange={(old) => setTyped({ ...typed, old })}
          error={shown && typed.old === "" ? t("missing") : undefined}
        />
        <NewPassword value={typed} onChange={(next) => setTyped({ ...typed, ...next })} shown={shown} />
        <footer><Button type="submit" kind="primary" busy={change.isPending}>{t("changePassword")}</Button></footer>
      </form>
    </Card>
  );
}
