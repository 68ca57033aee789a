/** A modal dialog: the browser's own, which keeps the focus in, the rest inert, and gives the focus back. */
import { type ReactNode, useEffect, useId, useRef } from "react";

import { Button } from "./Button";
import styles from "./Dialog.module.css";
import { Icon } from "./Icon";

interface DialogProps {
  title: ReactNode;
  about?: ReactNode;
  wide?: boolean;
  onClose: () => void;
  foot?: ReactNode;
  left?: ReactNode;
  children: ReactNode;
}

export function Dialog({ title, about, wide, onClose, foot, left, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    shown?.querySelector<HTMLElement>("[data-focus]")?.focus();
    // The heading, not the button that closes: what a dialog says comes first.
    shown?.querySelector("h2")?.focus();
    return () => shown?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={heading}
      className={wide ? `${styles.dialog} ${styles.wide}` : styles.dialog}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) onClose();
      }}
    >
      <header className={styles.head}>
        <div>
          <h2 id={heading} tabIndex={-1}>{title}</h2>
          {about ? <div className={styles.about}>{about}</div> : null}
        </div>
        <Button look="quiet" small icon label="Close" onClick={onClose}>
          <Icon name="cross" />
        </Button>
      </header>
      <div className={styles.body}>{children}</div>
      {foot ? (
        <footer className={styles.foot}>
          {left ? <div className={styles.left}>{left}</div> : null}
          {foot}
        </footer>
      ) : null}
    </dialog>
  );
}
