import { useText } from "#shared/i18n/i18n";
import { Tag } from "#shared/page/Page";
import type { Run } from "./api";
import { text } from "./text";
import classes from "./imports.module.css";

/** What would happen, or happened, in numbers. */
export function Counts({ run }: { run: Run }) {
  const t = useText(text);
  const written = run.state !== "checked" && run.state !== "running";
  const count = (name: string) => run.counts[name] ?? 0;
  return (
    <span className={classes["tags"]}>
      {count("error") > 0 ? <Tag tone="bad">{t("nError", { count: count("error") })}</Tag> : null}
      {count("create") > 0 ? <Tag tone="accent">{t(written ? "nCreated" : "nCreate", { count: count("create") })}</Tag> : null}
      {count("update") > 0 ? <Tag tone="accent">{t(written ? "nUpdated" : "nUpdate", { count: count("update") })}</Tag> : null}
      {count("unchanged") > 0 ? <Tag>{t("nUnchanged", { count: count("unchanged") })}</Tag> : null}
      {run.state === "undone" ? <Tag tone="ok">{t("nUndone", { count: count("undone") })}</Tag> : null}
      {count("kept") > 0 ? <Tag tone="warn">{t("nKept", { count: count("kept") })}</Tag> : null}
    </span>
  );
}
