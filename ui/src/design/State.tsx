/** What is shown in place of content: nothing there yet, still loading, refused; each says what to do next. */
import type { ReactNode } from "react";

import { ApiError } from "~/api/client";

import { Button } from "./Button";
import { Icon, type IconName } from "./Icon";
import styles from "./State.module.css";

interface EmptyProps {
  icon?: IconName;
  title: string;
  children?: ReactNode;
  acts?: ReactNode;
  /** Whether it is all of the page. */
  page?: boolean;
}

export function Empty({ icon = "flow", title, children, acts, page }: EmptyProps) {
  return (
    <div className={styles.state}>
      <span className={styles.mark}>
        <Icon name={icon} size={28} />
      </span>
      {page ? <h1>{title}</h1> : <h2>{title}</h2>}
      {children ? <div>{children}</div> : null}
      {acts ? <div className={styles.acts}>{acts}</div> : null}
    </div>
  );
}

const WIDTHS = ["62%", "88%", "45%", "74%", "56%", "80%"];

export function Loading({ lines = 5, label = "Loading" }: { lines?: number; label?: string }) {
  return (
    <div className={styles.bars} role="status" aria-label={label}>
      {WIDTHS.slice(0, lines).map((width) => (
        <div key={width} className={styles.bar} style={{ width }} />
      ))}
    </div>
  );
}

interface NoticeProps {
  tone?: "plain" | "bad" | "warn" | "good";
  icon?: IconName;
  children: ReactNode;
}

export function Notice({ tone = "plain", icon, children }: NoticeProps) {
  const drawn = icon ?? (tone === "good" ? "check" : tone === "plain" ? null : "alert");
  return (
    <div className={`${styles.notice} ${tone === "plain" ? "" : styles[tone]}`} role={tone === "bad" ? "alert" : undefined}>
      {drawn ? <Icon name={drawn} /> : null}
      <div>{children}</div>
    </div>
  );
}

/** Advice, in which commands are marked by backquotes. */
export const Advice = ({ text }: { text: string }) => (
  <>{text.split("`").map((part, index) => (index % 2 ? <code key={`${index} ${part}`}>{part}</code> : part))}</>
);

/** An error in the server's words, with its advice and every fault it found. */
export function Refusal({ error }: { error: unknown }) {
  const message = error instanceof Error ? error.message : String(error);
  const advice = error instanceof ApiError ? error.advice : undefined;
  const problems = error instanceof ApiError ? error.problems : [];
  return (
    <Notice tone="bad">
      <p>{message}</p>
      {problems.length > 0 ? (
        <ul>
          {problems.map((each) => (
            <li key={`${each.field} ${each.message}`}>
              {each.field ? <code>{each.field}</code> : null} {each.message}
              {each.advice ? <span className={styles.advice}> {each.advice}</span> : null}
            </li>
          ))}
        </ul>
      ) : null}
      {advice ? <p className={styles.advice}><Advice text={advice} /></p> : null}
    </Notice>
  );
}

/** An error in place of what was to be shown, or of a whole page. */
export function Trouble({ error, retry, page }: { error: unknown; retry?: () => void; page?: boolean }) {
  const status = error instanceof ApiError ? error.status : undefined;
  const titles: Record<number, string> = { 0: "No answer", 403: "Not allowed", 404: "Not there" };
  return (
    <Empty page={page ?? false} icon="alert" title={titles[status ?? -1] ?? "Something went wrong"} acts={retry ? <Button onClick={retry}>Try again</Button> : null}>
      <p>{error instanceof Error ? error.message : String(error)}</p>
      {error instanceof ApiError && error.advice ? <p className="dim"><Advice text={error.advice} /></p> : null}
    </Empty>
  );
}
