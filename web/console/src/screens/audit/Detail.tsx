import { useState } from "react";
import { useFormat } from "#shared/format/useFormat";
import { Button } from "#shared/button/Button";
import { useLanguage, useText } from "#shared/i18n/i18n";
import { Facts } from "#shared/page/Page";
import { changesOf, subjectName, type Change, type Entry } from "./rows";
import { text } from "./text";
import { fieldWord, nounWord, valueWords } from "./words";
import classes from "./audit.module.css";

/** Who did it: a person, a key, or Forecourt itself. */
export function Who({ entry }: { entry: Entry }) {
  const t = useText(text);
  const name = entry.actor_kind === "key" ? t("key", { name: entry.actor_name }) : entry.actor_kind === "system" ? t("system") : entry.actor_name;
  return (
    <span className={classes["who"]}>
      <span className={classes["avatar"]} aria-hidden="true">{name.slice(0, 2).toUpperCase()}</span>
      <span>{name}</span>
    </span>
  );
}

/** One entry: who and what, then old above new in words, then from where. */
export function Detail({ entry, zone, onAll }: { entry: Entry; zone: string; onAll: () => void }) {
  const t = useText(text);
  const f = useFormat();
  const { language } = useLanguage();
  const [json, setJson] = useState(false);
  const changes = changesOf(entry);
  return (
    <div className={classes["detail"]}>
      <div>
        <Who entry={entry} />
        <p className={classes["quiet"]}>
          {[f.time(entry.at, "seconds", zone), f.time(entry.at, "date", zone), f.zoneName(zone, new Date(entry.at)), entry.address].filter(Boolean).join(" · ")}
        </p>
      </div>
      {changes.length === 0 ? <p className={classes["quiet"]}>{t("none")}</p> : json ? (
        <pre className={classes["json"]} tabIndex={0}>{JSON.stringify({ before: entry.before, after: entry.after }, null, 2)}</pre>
      ) : (
        <dl className={classes["diff"]}>
          {changes.map((change) => <Line key={change.field} change={change} zone={zone} />)}
        </dl>
      )}
      <Facts
        facts={[
          [t("subject"), `${nounWord(entry.subject_type, language)} ${subjectName(entry)}`],
          [t("kind"), t(`kind_${entry.actor_kind}` as "kind_user")],
          ...(entry.address ? [[t("address"), <span key="a" className="fc-mono">{entry.address}</span>] as [string, React.ReactNode]] : []),
          [t("entry"), <span key="e" className="fc-mono">{entry.id}</span>],
          ...(entry.request_id ? [[t("request"), <span key="r" className="fc-mono">{entry.request_id}</span>] as [string, React.ReactNode]] : []),
        ]}
      />
      <div className={classes["actions"]}>
        {changes.length > 0 ? <Button size="sm" onClick={() => setJson(!json)}>{json ? t("words") : t("json")}</Button> : null}
        {entry.subject_id ? <Button size="sm" onClick={onAll}>{t("all")}</Button> : null}
      </div>
    </div>
  );
}

function Line({ change, zone }: { change: Change; zone: string }) {
  const t = useText(text);
  const f = useFormat();
  const { language } = useLanguage();
  const words = (value: unknown) => valueWords(value, language, (at) => `${f.time(at, "date", zone)}, ${f.time(at, "seconds", zone)}`);
  return (
    <>
      <dt>{fieldWord(change.field, language)}</dt>
      <dd>
        {"before" in change ? <del><b aria-label={t("before")}>−</b> {words(change.before)}</del> : null}
        {"after" in change ? <ins><b aria-label={t("after")}>+</b> {words(change.after)}</ins> : null}
      </dd>
    </>
  );
}
