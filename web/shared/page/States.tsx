/** What a screen shows when it has nothing to show: empty, refused, failed, loading, old. */
import { Skeleton, Tooltip } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import type { UseQueryResult } from "@tanstack/react-query";
import { useEffect, type ReactNode } from "react";
import { ApiError } from "#shared/api/client";
import { useMe } from "#shared/api/session";
import { Button, ButtonLink } from "#shared/button/Button";
import { useNow } from "#shared/format/Time";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { Icon, type IconName } from "#shared/icon/Icon";
import { text } from "./text";
import classes from "./States.module.css";

interface EmptyProps {
  icon: IconName;
  title: string;
  /** What to do next, in a sentence or two. */
  children?: ReactNode;
  /** Buttons: first the one that helps most. */
  actions?: ReactNode;
  tone?: "plain" | "accent" | "bad";
}

/** Nothing is there yet, or nothing matches: says the next step. */
export function Empty({ icon, title, children, actions, tone = "accent" }: EmptyProps) {
  return (
    <div className={classes["empty"]} role={tone === "bad" ? "alert" : undefined}>
      <span className={classes["sign"]} data-tone={tone}>
        <Icon name={icon} size={20} />
      </span>
      <h2>{title}</h2>
      {children ? <div className={classes["words"]}>{children}</div> : null}
      {actions ? <div className={classes["actions"]}>{actions}</div> : null}
    </div>
  );
}

/** The list's filters leave nothing: offers the way back. */
export function NoMatch({ filters, onClear }: { filters: number; onClear: () => void }) {
  const t = useText(text);
  return (
    <Empty icon="filter" title={t("noMatch")} actions={<Button onClick={onClear}>{t("clear")}</Button>}>
      {t("hidden", { count: filters })}
    </Empty>
  );
}

/**
 * What the API refused: a missing permission, a missing thing, or a failure with its code and request id.
 * `what` names what was asked for, in the plural: "Sessions". `r` tries again.
 */
export function Failure({ error, what, onRetry }: { error: unknown; what: string; onRetry?: () => void }) {
  const t = useText(text);
  const problem = error instanceof ApiError ? error : new ApiError(0, "Unexpected", String(error));
  useEffect(() => {
    if (!onRetry) return;
    const press = (event: KeyboardEvent) => {
      const typing = event.target instanceof HTMLElement && event.target.closest("input, textarea, select, [contenteditable]");
      if (event.key === "r" && !event.ctrlKey && !event.metaKey && !event.altKey && !typing) onRetry();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [onRetry]);
  if (problem.status === 403) return <Refused what={what} permission={String(problem.params["permission"] ?? problem.code)} />;
  if (problem.status === 404) return <Empty icon="search" tone="plain" title={t("notFound")}>{t("notFoundHelp")}</Empty>;
  return (
    <Empty
      icon="warn"
      tone="bad"
      title={problem.status === 0 ? t("unreachable") : t("failed", { what })}
      actions={
        <>
          {onRetry ? <Button kind="primary" onClick={onRetry}>{t("again")} <kbd>R</kbd></Button> : null}
          <ButtonLink to="/system">{t("health")}</ButtonLink>
        </>
      }
    >
      {problem.status > 0 ? <p>{problem.detail}</p> : null}
      <code className={classes["code"]}>{[problem.code, problem.requestId].filter(Boolean).join(" · ")}</code>
    </Empty>
  );
}

/** The caller lacks a permission: which, and who can give it. */
export function Refused({ what, permission }: { what: string; permission: string }) {
  const t = useText(text);
  const me = useMe();
  return (
    <Empty icon="lock" tone="plain" title={t("refused", { what })}>
      {t("refusedHelp", { permission, role: me.role ?? me.name, operator: me.operator.name })}
    </Empty>
  );
}

interface QueryStateProps<T> {
  query: UseQueryResult<T>;
  /** What is loaded, in the plural, for the error's words. */
  what: string;
  /** While it loads; lines by default. */
  skeleton?: ReactNode;
  children: (value: T) => ReactNode;
}

/** Shows what a query loads, or its skeleton, refusal or failure. A failed refresh keeps showing what is there. */
export function QueryState<T>({ query, what, skeleton, children }: QueryStateProps<T>) {
  if (query.data !== undefined) return children(query.data);
  if (query.error) return <Failure error={query.error} what={what} onRetry={() => void query.refetch()} />;
  return skeleton ?? <Lines />;
}

/** Grey lines while something loads. */
export function Lines({ count = 5 }: { count?: number }) {
  const t = useText(text);
  return (
    <div className={classes["lines"]} aria-busy="true" aria-label={t("loading")} role="status">
      {Array.from({ length: count }, (_, index) => (
        <Skeleton key={index} height={10} width={`${[92, 78, 85, 64, 71][index % 5]}%`} radius={5} />
      ))}
    </div>
  );
}

interface FreshProps {
  /** When the value was measured. */
  at: string | null | undefined;
  /** Seconds: how often it is reported; after two of them it counts as old. */
  every: number;
  children: ReactNode;
}

/** A live value: once it is older than two reporting intervals it turns grey and carries its age. */
export function Fresh({ at, every, children }: FreshProps) {
  const now = useNow();
  const f = useFormat();
  const t = useText(text);
  if (!at || now - new Date(at).getTime() <= 2000 * every) return <>{children}</>;
  return (
    <Tooltip label={f.time(at, "full")}>
      <span className={classes["stale"]}>
        {children} <small>{t("stale", { age: f.age(at, now) })}</small>
      </span>
    </Tooltip>
  );
}

/** An address or id to copy. */
export function CopyText({ value }: { value: string }) {
  const t = useText(text);
  const clipboard = useClipboard({ timeout: 1500 });
  return (
    <span className={classes["copy"]}>
      <code className={classes["code"]}>{value}</code>
      <Button size="sm" icon={clipboard.copied ? "check" : "copy"} onClick={() => clipboard.copy(value)}>
        {clipboard.copied ? t("copied") : t("copy")}
      </Button>
    </span>
  );
}
