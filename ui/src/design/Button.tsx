/** Buttons, and links that look like them. */
import type { ButtonHTMLAttributes, ReactNode } from "react";
import { Link, type LinkProps } from "react-router";

import styles from "./Button.module.css";

export interface Look {
  look?: "plain" | "primary" | "danger" | "quiet";
  small?: boolean;
  /** Draws nothing but an icon; `label` says what it does. */
  icon?: boolean;
}

function classes({ look = "plain", small, icon }: Look, more?: string): string {
  const names = [styles.button, look === "plain" ? "" : styles[look], small && styles.small, icon && styles.icon, more];
  return names.filter(Boolean).join(" ");
}

type ButtonProps = Look & ButtonHTMLAttributes<HTMLButtonElement> & { label?: string; children?: ReactNode };

export function Button({ look, small, icon, label, className, ...rest }: ButtonProps) {
  const given = { ...(look ? { look } : {}), ...(small ? { small } : {}), ...(icon ? { icon } : {}) };
  return <button type="button" aria-label={label} title={label} className={classes(given, className)} {...rest} />;
}

export function LinkButton({ look, small, icon, className, ...rest }: Look & LinkProps) {
  const given = { ...(look ? { look } : {}), ...(small ? { small } : {}), ...(icon ? { icon } : {}) };
  return <Link className={classes(given, className)} {...rest} />;
}
