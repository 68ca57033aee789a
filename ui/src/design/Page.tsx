/** The frame of a page that is read from top to bottom: its title, what can be done, and panels of content. */
import { type ReactNode, useEffect } from "react";

import styles from "./Page.module.css";

interface PageProps {
  title: string;
  /** What the browser's tab says before the title, such as the Project. */
  of?: string | undefined;
  /** The way here, above the title. */
  above?: ReactNode;
  /** A mark before the title. */
  mark?: ReactNode;
  about?: ReactNode;
  acts?: ReactNode;
  wide?: boolean;
  children: ReactNode;
}

export function Page({ title, of, above, mark, about, acts, wide, children }: PageProps) {
  useEffect(() => {
    document.title = [title, of, "Argosy"].filter(Boolean).join(" · ");
  }, [title, of]);
  return (
    <div className={wide ? `${styles.page} ${styles.wide}` : styles.page}>
      <header className={styles.head}>
        <div className={styles.title}>
          {above ? <div className={styles.above}>{above}</div> : null}
          {mark ? (
            <div className={styles.marked}>
              {mark}
              <h1>{title}</h1>
            </div>
          ) : (
            <h1>{title}</h1>
          )}
          {about ? <div className={styles.about}>{about}</div> : null}
        </div>
        {acts ? <div className={styles.acts}>{acts}</div> : null}
      </header>
      {children}
    </div>
  );
}

export function Panel({ children, className = "" }: { children: ReactNode; className?: string | undefined }) {
  return <section className={`${styles.panel} ${className}`}>{children}</section>;
}
