import { Modal } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { AppEnrolment } from "#console/frame/entry/AppEnrolment";
import { RecoveryCodes } from "#console/frame/entry/RecoveryCodes";
import { useEntryText } from "#console/frame/entry/words";
import { api, data, type Schema } from "#shared/api/client";
import { useMe } from "#shared/api/session";
import { Button } from "#shared/button/Button";
import { useCommands } from "#shared/command/CommandsProvider";
import { TextField } from "#shared/form/fields";
import { useText } from "#shared/i18n/i18n";
import { Card, Note, Tag } from "#shared/page/Page";
import { QueryState } from "#shared/page/States";
import { secondFactorQuery } from "./rows";
import { text } from "./text";
import { useSecure, useTell } from "./useSecure";
import classes from "./settings.module.css";

/** The authenticator app and the recovery codes. */
export function SecondFactorCard() {
  const t = useText(text);
  const me = useMe();
  const client = useQueryClient();
  const tell = useTell();
  const { ask } = useCommands();
  const { run, dialog } = useSecure();
  const query = useQuery(secondFactorQuery);
  const [enrolment, setEnrolment] = useState<Schema["EnrolmentOut"] | null>(null);
  const [codes, setCodes] = useState<string[]>([]);
  const load = () => client.invalidateQueries({ queryKey: secondFactorQuery.queryKey });
  const begin = useMutation({ mutationFn: () => run(() => data(api.POST("/api/v1/me/totp"))), onSuccess: setEnrolment, onError: tell });
  const remove = useMutation({ mutationFn: () => run(() => api.DELETE("/api/v1/me/totp")), onSuccess: load, onError: tell });
  const renew = useMutation({
    mutationFn: () => run(() => data(api.POST("/api/v1/me/recovery-codes"))),
    onSuccess: async (made) => {
      setCodes(made.recovery_codes);
      await load();
    },
    onError: tell,
  });
  const askRemove = async () => {
    if (await ask({ title: t("takeAppTitle"), consequences: [{ text: t("takeAppEffect"), harms: true }], verb: t("removeVerb"), harms: true })) remove.mutate();
  };
  const askRenew = async () => {
    if (await ask({ title: t("newCodesTitle"), consequences: [{ text: t("newCodesEffect"), harms: true }], verb: t("make") })) renew.mutate();
  };
  return (
    <Card title={t("second")}>
      <QueryState query={query} what={t("second")}>
        {(state) => (
          <div className={classes["form"]}>
            {state.required && !state.totp && state.passkeys.length === 0 ? <Note tone="warn">{t("requiredHere", { operator: me.operator.name })}</Note> : null}
            <ul className={classes["list"]}>
              <li>
                <span>{t("app")} {state.totp ? <Tag tone="ok">{t("appOn")}</Tag> : <Tag>{t("appOff")}</Tag>}</span>
                {state.totp ? (
                  <Button size="sm" busy={remove.isPending} onClick={() => void askRemove()}>{t("takeAway")}</Button>
                ) : (
                  <Button size="sm" busy={begin.isPending} onClick={() => begin.mutate()}>{t("setUp")}</Button>
                )}
              </li>
              {state.totp || state.passkeys.length > 0 ? (
                <li>
                  <span>{t("codesLeft", { count: state.recovery_codes_left })}</span>
                  <Button size="sm" busy={renew.isPending} onClick={() => void askRenew()}>{t("newCodes")}</Button>
                </li>
              ) : null}
            </ul>
          </div>
        )}
      </QueryState>
      {enrolment ? (
        <EnrolDialog
          enrolment={enrolment}
          onClose={(fresh) => {
            setEnrolment(null);
            setCodes(fresh);
            void load();
          }}
        />
      ) : null}
      <CodesDialog codes={codes} onClose={() => setCodes([])} />
      {dialog}
    </Card>
  );
}

/** Recovery codes in a dialog, as long as there are some to show. */
export function CodesDialog({ codes, onClose }: { codes: string[]; onClose: () => void }) {
  const t = useText(text);
  return (
    <Modal opened={codes.length > 0} onClose={onClose} title={t("codesTitle")} closeOnClickOutside={false} closeButtonProps={{ "aria-label": t("close") }}>
      <RecoveryCodes codes={codes} onKept={onClose} />
    </Modal>
  );
}

function EnrolDialog({ enrolment, onClose }: { enrolment: Schema["EnrolmentOut"]; onClose: (codes: string[]) => void }) {
  const t = useText(text);
  const { wrong } = useEntryText();
  const [code, setCode] = useState("");
  const confirm = useMutation({
    mutationFn: () => data(api.POST("/api/v1/me/totp/confirm", { body: { code: code.trim() } })),
    onSuccess: (made) => onClose(made.recovery_codes),
  });
  const problem = wrong(confirm.error);
  return (
    <Modal opened onClose={() => onClose([])} title={t("appTitle")} closeButtonProps={{ "aria-label": t("close") }}>
      <form
        className={classes["form"]}
        onSubmit={(event) => {
          event.preventDefault();
          if (code.trim().length >= 6) confirm.mutate();
        }}
      >
        {problem ? <Note tone="bad">{problem}</Note> : null}
        <AppEnrolment svg={enrolment.svg} secret={enrolment.secret} />
        <TextField label={t("code")} mono autoComplete="one-time-code" value={code} onChange={setCode} />
        <footer><Button type="submit" kind="primary" busy={confirm.isPending}>{t("finish")}</Button></footer>
      </form>
    </Modal>
  );
}
