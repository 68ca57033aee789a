/** A menu that opens below a button: the browser's popover, with the keys of a menu. */
import { type ReactNode, useId, useLayoutEffect, useRef, useState } from "react";
import { Link } from "react-router";

import { Button, type Look } from "./Button";
import { Icon, type IconName } from "./Icon";
import styles from "./Menu.module.css";

interface MenuProps extends Look {
  /** What the button says to those who do not see it. */
  label: string;
  face: ReactNode;
  align?: "start" | "end";
  className?: string;
  children: ReactNode | ((close: () => void) => ReactNode);
}

export function Menu({ label, face, align = "end", className, children, ...look }: MenuProps) {
  const id = useId();
  const button = useRef<HTMLSpanElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);

  const close = () => menu.current?.hidePopover();

  function place(): void {
    const box = button.current?.getBoundingClientRect();
    const shown = menu.current;
    if (!box || !shown) return;
    const width = shown.offsetWidth;
    const wanted = align === "start" ? box.left : box.right - width;
    shown.style.left = `${Math.max(8, Math.min(wanted, innerWidth - width - 8))}px`;
    const below = box.bottom + 6;
    const fits = below + shown.offsetHeight < innerHeight || box.top < innerHeight / 2;
    shown.style.top = fits ? `${below}px` : `${Math.max(8, box.top - shown.offsetHeight - 6)}px`;
  }

  // Once its items are drawn: before, it has no height to be placed by.
  useLayoutEffect(() => {
    if (!open) return;
    place();
    menu.current?.querySelector<HTMLElement>("[data-first], input, a, button:not(:disabled)")?.focus();
  }, [open]);

  function move(event: React.KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const items = [...(menu.current?.querySelectorAll<HTMLElement>("input, a, button:not(:disabled)") ?? [])];
    const at = items.indexOf(document.activeElement as HTMLElement);
    items[(at + step + items.length) % items.length]?.focus();
  }

  return (
    <>
      <span ref={button} className={className}>
        <Button {...look} label={label} popoverTarget={id} aria-haspopup="true" aria-expanded={open}>
          {face}
        </Button>
      </span>
      <div
        ref={menu}
        id={id}
        popover="auto"
        className={styles.menu}
        onToggle={(event) => setOpen(event.newState === "open")}
        onKeyDown={move}
      >
        {open ? (typeof children === "function" ? children(close) : children) : null}
      </div>
    </>
  );
}

interface ItemProps {
  icon?: IconName;
  to?: string;
  onClick?: () => void;
  danger?: boolean;
  disabled?: boolean;
  /** Why it is disabled, or a word more. */
  title?: string;
  side?: ReactNode;
  children: ReactNode;
}

export function MenuItem({ icon, to, onClick, danger, disabled, title, side, children }: ItemProps) {
  const inside = (
    <>
      {icon ? <Icon name={icon} /> : null}
      <span className="truncate">{children}</span>
      {side ? <span className={styles.side}>{side}</span> : null}
    </>
  );
  const name = danger ? `${styles.item} ${styles.danger}` : styles.item;
  const hide = (element: HTMLElement) => (element.closest("[popover]") as HTMLElement | null)?.hidePopover();
  if (to)
    return (
      <Link className={name} to={to} onClick={(event) => hide(event.currentTarget)}>
        {inside}
      </Link>
    );
  return (
    <button
      type="button"
      className={name}
      disabled={disabled}
      title={title}
      onClick={(event) => {
        hide(event.currentTarget);
        onClick?.();
      }}
    >
      {inside}
    </button>
  );
}

export const MenuRule = () => <div className={styles.rule} />;
export const MenuLabel = ({ children }: { children: ReactNode }) => <div className={styles.label}>{children}</div>;
