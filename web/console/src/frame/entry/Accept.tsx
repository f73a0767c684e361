/** Accepts an invitation: as somebody new, or with the password that one has at another operator. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState, type FormEvent } from "react";
import { api, data } from "#shared/api/client";
import { useSession } from "#shared/api/session";
import { Button } from "#shared/button/Button";
import { Segments } from "#shared/button/Segments";
import { TextField } from "#shared/form/fields";
import { Note } from "#shared/page/Page";
import { Lines } from "#shared/page/States";
import { EntryPage } from "./EntryPage";
import { faults, NewPassword } from "./NewPassword";
import { Steps } from "./Steps";
import { linkToken } from "./token";
import { useArrival } from "./useArrival";
import { useEntryText } from "./words";
import classes from "./Entry.module.css";

export function Accept() {
  const { t, f, wrong } = useEntryText();
  const navigate = useNavigate();
  const arrival = useArrival(() => void navigate({ to: "/" }));
  const me = useSession().data;
  const [token] = useState(linkToken);
  const [way, setWay] = useState("new");
  const [name, setName] = useState("");
  const [typed, setTyped] = useState({ password: "", repeated: "" });
  const [shown, setShown] = useState(false);
  const look = useQuery({
    queryKey: ["invitation", token],
    queryFn: () => data(api.POST("/api/v1/invitation", { body: { token } })),
    staleTime: Infinity,
    retry: false,
    enabled: token.length >= 20,
  });
  const existing = way === "existing";
  const accept = useMutation({
    mutationFn: () =>
      data(api.POST("/api/v1/invitation/accept", { body: existing ? { token, password: typed.password, existing } : { token, password: typed.password, name: name.trim() } })),
    onSuccess: arrival.take,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setShown(true);
    const fine = existing ? typed.password !== "" : name.trim() !== "" && Object.keys(faults(typed)).length === 0;
    if (fine) accept.mutate();
  };
  if (look.data === undefined) {
    const gone = token.length < 20 ? t("acceptOver") : wrong(look.error);
    return (
      <EntryPage>
        {gone ? <Note tone="bad">{gone}</Note> : <Lines count={4} />}
        <p className={classes["links"]}><Link to="/">{f("signIn")}</Link></p>
      </EntryPage>
    );
  }
  const { operator, email, role } = look.data;
  const problem = wrong(accept.error);
  return (
    <Steps arrival={arrival} title={t("acceptTitle", { operator })}>
      <form onSubmit={submit} noValidate>
        <p>{t("acceptAs", { role: f(`role_${role}`), email })}</p>
        {me ? <Note tone="warn">{t("signedInAs", { name: me.name })}</Note> : null}
        <Segments label={t("acceptTitle", { operator })} value={way} onChange={setWay} options={[{ value: "new", label: t("isNew") }, { value: "existing", label: t("hasAccount") }]} />
        {problem ? <Note tone="bad">{problem}</Note> : null}
        {existing ? (
          <TextField
            label={f("password")}
            help={t("accountHelp", { email })}
            type="password"
            name="password"
            autoComplete="current-password"
            value={typed.password}
            onChange={(password) => setTyped({ ...typed, password })}
            error={shown && typed.password === "" ? f("missing", { field: f("password") }) : undefined}
          />
        ) : (
          <>
            <TextField
              label={t("name")}
              name="name"
              autoComplete="name"
              autoFocus
              value={name}
              onChange={setName}
              error={shown && name.trim() === "" ? f("missing", { field: t("name") }) : undefined}
            />
            <NewPassword value={typed} onChange={setTyped} shown={shown} />
          </>
        )}
        <Button type="submit" kind="primary" busy={accept.isPending} className={classes["submit"]}>{t("accept")}</Button>
      </form>
    </Steps>
  );
}
