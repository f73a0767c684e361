import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "#shared/api/client";
import { Button } from "#shared/button/Button";
import { useCommands } from "#shared/command/CommandsProvider";
import { useNow } from "#shared/format/Time";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { Card, Tag } from "#shared/page/Page";
import { QueryState } from "#shared/page/States";
import { browserName, sessionsQuery } from "./rows";
import { text, type Word } from "./text";
import { useTell } from "./useSecure";
import classes from "./settings.module.css";

/** Every browser in which the person is signed in. */
export function SessionsCard() {
  const t = useText(text);
  const f = useFormat();
  const now = useNow();
  const client = useQueryClient();
  const tell = useTell();
  const { ask } = useCommands();
  const query = useQuery(sessionsQuery);
  const load = () => client.invalidateQueries({ queryKey: sessionsQuery.queryKey });
  const end = useMutation({
    mutationFn: (id: string) => api.DELETE("/api/v1/me/sessions/{web_session_id}", { params: { path: { web_session_id: id } } }),
    onSuccess: load,
    onError: tell,
  });
  const endOthers = useMutation({ mutationFn: () => api.DELETE("/api/v1/me/sessions"), onSuccess: load, onError: tell });
  const press = async () => {
    if (await ask({ title: t("endOthersTitle"), consequences: [{ text: t("endOthersEffect"), harms: true }], verb: t("end"), harms: true })) endOthers.mutate();
  };
  const many = (query.data?.items.length ?? 0) > 1;
  return (
    <Card title={t("sessions")} actions={many ? <Button size="sm" busy={endOthers.isPending} onClick={() => void press()}>{t("endOthers")}</Button> : null}>
      <QueryState query={query} what={t("sessions")}>
        {(page) => (
          <ul className={classes["list"]}>
            {page.items.map((one) => (
              <li key={one.id}>
                <span>
                  {browserName(one.user_agent)} {one.address ? t("from", { address: one.address }) : null}
                  <small>
                    {t("signedIn", { time: f.time(one.created_at, "dateTime"), method: t(`method_${one.method}` as Word) })}, {t("seen", { age: f.age(one.last_seen_at, now) })}
                  </small>
                </span>
                {one.current ? <Tag tone="accent">{t("thisOne")}</Tag> : <Button size="sm" busy={end.isPending && end.variables === one.id} onClick={() => end.mutate(one.id)}>{t("end")}</Button>}
              </li>
            ))}
          </ul>
        )}
      </QueryState>
    </Card>
  );
}
