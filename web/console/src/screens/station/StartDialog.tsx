import { Modal } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { api, data } from "#shared/api/client";
import { useMay } from "#shared/api/session";
import { Button } from "#shared/button/Button";
import { ChoiceField } from "#shared/form/fields";
import { useText } from "#shared/i18n/i18n";
import type { Outlet, Station } from "./queries";
import { text } from "./text";
import classes from "./station.module.css";

interface StartDialogProps {
  station: Station;
  outlet: Outlet;
  onClose: () => void;
  /** null: without a token. */
  onStart: (idToken: string | null) => void;
}

/** Who charges: a token, or nobody in particular. */
export function StartDialog({ station, outlet, onClose, onStart }: StartDialogProps) {
  const t = useText(text);
  const id = useId();
  const maySearch = useMay()("tokens:read");
  const [who, setWho] = useState("token");
  const [typed, setTyped] = useState("");
  const [missing, setMissing] = useState(false);
  const words = typed.trim();
  const found = useQuery({
    queryKey: ["tokens", "names", words],
    queryFn: () => data(api.GET("/api/v1/tokens", { params: { query: { ...(words ? { q: words } : {}), limit: 10 } } })),
    enabled: maySearch && who === "token",
  });
  const submit = () => {
    if (who === "token" && words === "") {
      setMissing(true);
      return;
    }
    onClose();
    onStart(who === "token" ? words : null);
  };
  return (
    <Modal opened onClose={onClose} title={t("startOn", { name: outlet.name, station: station.identity })} size={480} closeButtonProps={{ "aria-label": t("cancel") }}>
      <form
        className={classes["dialog"]}
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <p className={classes["quiet"]}>{t("startHelp")}</p>
        <ChoiceField
          label={t("token")}
          value={who}
          onChange={setWho}
          options={[{ value: "token", label: t("tokenKnown"), help: t("tokenKnownHelp") }, { value: "none", label: t("tokenNone"), help: t("tokenNoneHelp") }]}
        />
        {who === "token" ? (
          <div className={classes["field"]}>
            <label htmlFor={id}>{t("tokenField")}</label>
            <p className={classes["quiet"]}>{t("tokenHelp")}</p>
            <input id={id} list={`${id}-list`} data-autofocus autoComplete="off" maxLength={36} value={typed} aria-invalid={missing || undefined} onChange={(event) => { setTyped(event.currentTarget.value); setMissing(false); }} />
            <datalist id={`${id}-list`}>{(found.data?.items ?? []).filter((one) => one.blocked_at === null).map((one) => <option key={one.id} value={one.value}>{one.visual_number ?? one.type}</option>)}</datalist>
            {missing ? <p className={classes["error"]} role="alert">{t("tokenMissing")}</p> : null}
          </div>
        ) : null}
        <footer>
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button type="submit" kind="primary" icon="play">{t("startVerb")}</Button>
        </footer>
      </form>
    </Modal>
  );
}
