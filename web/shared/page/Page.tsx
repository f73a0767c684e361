import { useDocumentTitle } from "@mantine/hooks";
import { Link } from "@tanstack/react-router";
import { createContext, Fragment, useContext, useEffect, type ReactNode } from "react";
import { Icon } from "#shared/icon/Icon";
import classes from "./Page.module.css";

export interface Crumb {
  label: string;
  /** Left out for the last one: this page. */
  to?: string;
}

/** How a screen tells the top bar where it is; the shell provides it. */
export const CrumbsContext = createContext<(crumbs: Crumb[]) => void>(() => undefined);

interface PageProps {
  /** Where we are; the last is the page's own name, also in the browser's tab. */
  crumbs: Crumb[];
  /** Above the content: name with state and facts, and the buttons. Left out, the crumb says enough. */
  head?: ReactNode;
  /** The content fills the screen's height and scrolls inside (tables, maps). */
  fill?: boolean;
  children: ReactNode;
}

/** A screen: crumbs for the top bar, then the content in its padding. */
export function Page({ crumbs, head, fill, children }: PageProps) {
  const tell = useContext(CrumbsContext);
  const key = crumbs.map((crumb) => `${crumb.label}|${crumb.to ?? ""}`).join("/");
  const name = crumbs.at(-1)?.label ?? "";
  useDocumentTitle(`${name} · Forecourt`);
  useEffect(() => {
    tell(crumbs);
    // The crumbs are a new array each time; their text tells whether they changed.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [key, tell]);
  return (
    <div className={classes["page"]} data-fill={fill || undefined}>
      <h1 className="fc-hidden">{name}</h1>
      {head ? <div className={classes["head"]}>{head}</div> : null}
      {children}
    </div>
  );
}

/** The crumbs as the top bar shows them. */
export function Crumbs({ crumbs }: { crumbs: Crumb[] }) {
  return (
    <nav className={classes["crumbs"]} aria-label="Breadcrumb">
      {crumbs.map((crumb, index) => (
        <Fragment key={crumb.label}>
          {index > 0 ? <Icon name="right" size={12} /> : null}
          {crumb.to && index < crumbs.length - 1 ? (
            <Link to={crumb.to}>{crumb.label}</Link>
          ) : (
            <b aria-current="page">{crumb.label}</b>
          )}
        </Fragment>
      ))}
    </nav>
  );
}

interface CardProps {
  title?: ReactNode;
  /** Beside the title, in grey: a count, the zone, "net". */
  note?: ReactNode;
  /** At the right of the head. */
  actions?: ReactNode;
  /** No padding around the content: tables, maps, lists. */
  bare?: boolean;
  children: ReactNode;
}

/** A bordered part of a screen. */
export function Card({ title, note, actions, bare, children }: CardProps) {
  return (
    <section className={classes["card"]}>
      {title || actions ? (
        <header>
          {title ? <h2>{title}</h2> : null}
          {note ? <span className={classes["note"]}>{note}</span> : null}
          <span className={classes["space"]} />
          {actions}
        </header>
      ) : null}
      <div className={bare ? undefined : classes["pad"]}>{children}</div>
    </section>
  );
}

/** Names and values in two columns: `facts={[["Model", "Aldor Twin 22"], …]}`. */
export function Facts({ facts }: { facts: [ReactNode, ReactNode][] }) {
  return (
    <dl className={classes["facts"]}>
      {facts.map(([name, value], index) => (
        <div key={index}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A small label: `tone` `warn`, `bad`, `ok`, `accent`, or plain. */
export function Tag({ tone, children }: { tone?: "warn" | "bad" | "ok" | "accent"; children: ReactNode }) {
  return <span className={classes["tag"]} data-tone={tone}>{children}</span>;
}

/** A remark in a box: `tone` `warn` or `bad`, or plain. */
export function Note({ tone, icon, children }: { tone?: "warn" | "bad"; icon?: ReactNode; children: ReactNode }) {
  return (
    <div className={classes["remark"]} data-tone={tone} role={tone ? "alert" : undefined}>
      {icon ?? <Icon name={tone ? "warn" : "help"} />}
      <div>{children}</div>
    </div>
  );
}
