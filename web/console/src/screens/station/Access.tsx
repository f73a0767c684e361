import { Modal } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, ApiError, data, type Schema } from "#shared/api/client";
import { useMay } from "#shared/api/session";
import { Button } from "#shared/button/Button";
import { useCommands } from "#shared/command/CommandsProvider";
import { SwitchField } from "#shared/form/fields";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { Icon } from "#shared/icon/Icon";
import { Card, Note, Tag } from "#shared/page/Page";
import { CopyText, QueryState, Refused } from "#shared/page/States";
import { Lifecycle } from "./Lifecycle";
import { Policy } from "./Policy";
import type { Outlet, Station } from "./queries";
import { text } from "./text";
import classes from "./station.module.css";

interface AccessProps {
  station: Station;
  outlets: readonly Outlet[];
  zone: string;
  reload: () => void;
}

/** Who may connect as this station and how; where it stands; its end. */
export function Access({ station, outlets, zone, reload }: AccessProps) {
  const t = useText(text);
  const may = useMay();
  if (!may("stations:write")) return <Refused what={t("access")} permission="stations:write" />;
  return (
    <div className={classes["halves"]}>
      <div className={classes["column"]}>
        <Passwords station={station} zone={zone} />
        <Lifecycle station={station} outlets={outlets} reload={reload} />
      </div>
      <div className={classes["column"]}>
        <Policy key={station.revision} station={station} reload={reload} />
      </div>
    </div>
  );
}

function Passwords({ station, zone }: { station: Station; zone: string }) {
  const t = useText(text);
  const f = useFormat();
  const client = useQueryClient();
  const { ask, refuse } = useCommands();
  const [rotating, setRotating] = useState(false);
  const key = ["stations", station.id, "credentials"];
  const query = useQuery({ queryKey: key, queryFn: () => data(api.GET("/api/v1/stations/{station}/credentials", { params: { path: { station: station.id } } })) });
  const again = () => void client.invalidateQueries({ queryKey: key });
  const revoke = async (credential: Schema["CredentialOut"]) => {
    const answer = await ask({ title: t("revokeTitle"), consequences: [{ text: t("revokeHarm"), harms: true }], verb: t("revoke"), harms: true });
    if (!answer) return;
    try {
      await api.DELETE("/api/v1/stations/{station}/credentials/{credential}", { params: { path: { station: station.id, credential: credential.id } } });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      refuse(t("revokeTitle"), error);
    }
    again();
  };
  return (
    <Card bare title={t("passwords")} actions={<Button size="sm" onClick={() => setRotating(true)}>{t("rotate")}</Button>}>
      <QueryState query={query} what={t("passwords")}>
        {(credentials) =>
          credentials.length === 0 ? <p className={classes["none"]}>{t("passwordNone")}</p> : (
            <ul>
              {credentials.map((one) => (
                <li key={one.id} className={classes["row"]}>
                  <Icon name="lock" />
                  <span>
                    {t("made", { time: f.time(one.created_at, "dateTime", zone), name: one.created_by ?? t("system") })}{" "}
                    {one.weak ? <Tag tone="warn">{t("weak")}</Tag> : null} {one.replaced_at ? <Tag>{t("replaced")}</Tag> : null}{" "}
                    {one.expires_at ? <small className={classes["quiet"]}>{t("expires", { time: f.time(one.expires_at, "dateTime", zone) })}</small> : null}
                  </span>
                  <Button size="sm" kind="quiet" onClick={() => void revoke(one)}>{t("revoke")}</Button>
                </li>
              ))}
            </ul>
          )
        }
      </QueryState>
      {rotating ? <Rotate station={station} onClose={() => { setRotating(false); again(); }} /> : null}
    </Card>
  );
}

function Rotate({ station, onClose }: { station: Station; onClose: () => void }) {
  const t = useText(text);
  const [push, setPush] = useState(station.link === "online");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  // Kept in this dialog only: it is gone when it closes.
  const [password, setPassword] = useState<string | null>(null);
  const make = async () => {
    setBusy(true);
    try {
      const made = await data(api.POST("/api/v1/stations/{station}/credentials", { params: { path: { station: station.id } }, body: { push } }));
      setPassword(made.password);
    } catch (thrown) {
      if (!(thrown instanceof ApiError)) throw thrown;
      setError(thrown.detail);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={t(password === null ? "rotateTitle" : "passwordNew", { name: station.identity })} size={480} closeButtonProps={{ "aria-label": t("cancel") }}>
      {password === null ? (
        <form className={classes["dialog"]} onSubmit={(event) => { event.preventDefault(); void make(); }}>
          <Note>{t("rotateOld")}</Note>
          <SwitchField label={t("rotatePush")} value={push} onChange={setPush} disabled={station.link !== "online"} />
          {error ? <p className={classes["error"]} role="alert">{error}</p> : null}
          <footer>
            <Button onClick={onClose}>{t("cancel")}</Button>
            <Button type="submit" kind="primary" busy={busy}>{t("rotateVerb")}</Button>
          </footer>
        </form>
      ) : (
        <div className={classes["dialog"]}>
          <Note tone="warn">{t("passwordOnce")}</Note>
          <CopyText value={password} />
          <footer><Button kind="primary" onClick={onClose}>{t("done")}</Button></footer>
        </div>
      )}
    </Modal>
  );
}
