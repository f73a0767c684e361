import { Loader } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ButtonHTMLAttributes, ReactNode } from "react";
import { Icon, type IconName } from "#shared/icon/Icon";
import classes from "./Button.module.css";

export interface ButtonLook {
  /** `default`: bordered; `primary`: the one thing to do; `danger`: destroys (only in a dialog); `quiet`: no border. */
  kind?: "default" | "primary" | "danger" | "quiet";
  size?: "md" | "sm";
  icon?: IconName;
}

type ButtonProps = ButtonLook & { busy?: boolean; children?: ReactNode } & ButtonHTMLAttributes<HTMLButtonElement>;

/** A button: verb and thing; `…` at the end when a dialog follows. With `icon` alone give an `aria-label`. */
export function Button({ kind = "default", size = "md", icon, busy, children, className, disabled, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      className={[classes["button"], className].filter(Boolean).join(" ")}
      data-kind={kind}
      data-size={size}
      data-icon-only={!children || undefined}
      disabled={disabled || busy}
      {...rest}
    >
      {busy ? <Loader size={14} color="currentColor" /> : icon ? <Icon name={icon} /> : null}
      {children}
    </button>
  );
}

/** A link that looks like a button. `to` is a path of the console. */
export function ButtonLink({ kind = "default", size = "md", icon, to, children }: ButtonLook & { to: string; children?: ReactNode }) {
  return (
    <Link to={to} className={classes["button"]} data-kind={kind} data-size={size}>
      {icon ? <Icon name={icon} /> : null}
      {children}
    </Link>
  );
}

/** A link to a file, e.g. a CSV export. */
export function DownloadLink({ href, size = "sm", kind = "default", children }: ButtonLook & { href: string; children: ReactNode }) {
  return (
    <a href={href} download className={classes["button"]} data-kind={kind} data-size={size}>
      <Icon name="export" />
      {children}
    </a>
  );
}
