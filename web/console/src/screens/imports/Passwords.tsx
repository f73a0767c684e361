import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, data, type ApiError } from "#shared/api/client";
import { Button } from "#shared/button/Button";
import { useCommands } from "#shared/command/CommandsProvider";
import { useText } from "#shared/i18n/i18n";
import { Card, Note } from "#shared/page/Page";
import { csvOf, runQuery, save, type Run } from "./api";
import { text } from "./text";
import classes from "./imports.module.css";

/** Passwords of new stations: made on demand, seen once. They stay in this component only. */
export function Passwords({ run }: { run: Run }) {
  const t = useText(text);
  const client = useQueryClient();
  const { refuse } = useCommands();
  const taking = useMutation({
    mutationFn: () => data(api.POST("/api/v1/imports/{run}/passwords", { params: { path: { run: run.id } } })),
    onSuccess: () => void client.invalidateQueries({ queryKey: runQuery(run.id).queryKey, exact: true }),
    onError: (error) => refuse(t("passwords"), error as ApiError),
    gcTime: 0,
  });
  const items = taking.data?.items;
  if (!items && !run.passwords_ready) return null;
  return (
    <Card title={t("passwords")}>
      {items ? (
        <div className={classes["stack"]}>
          <Note tone="warn">{t("passwordsShown")}</Note>
          <div className={classes["passwords"]} tabIndex={0} role="region" aria-label={t("passwords")}>
            <table>
              <thead>
                <tr><th scope="col">{t("identity")}</th><th scope="col">{t("password")}</th></tr>
              </thead>
              <tbody className="fc-mono">
                {items.map((item) => <tr key={item.identity}><td>{item.identity}</td><td>{item.password}</td></tr>)}
              </tbody>
            </table>
          </div>
          <div>
            <Button kind="primary" icon="export" onClick={() => save("station-passwords.csv", csvOf([["identity", "password"], ...items.map((item) => [item.identity, item.password])]))}>
              {t("savePasswords")}
            </Button>
          </div>
        </div>
      ) : (
        <>
          <p>{t("passwordsHelp")}</p>
          <div className={classes["actions"]}><Button kind="primary" icon="lock" busy={taking.isPending} onClick={() => taking.mutate()}>{t("take")}</Button></div>
        </>
      )}
    </Card>
  );
}
