/** How something is: by a shape, a word and a colour, so that no one of them is needed. */
import type { ReactNode } from "react";

import type { Mark, Tone } from "~/model/health";

import styles from "./Badge.module.css";

function Shape({ tone }: { tone: Tone }) {
  const line = { fill: "none", stroke: "currentColor", strokeWidth: 1.8, strokeLinecap: "round", strokeLinejoin: "round" } as const;
  if (tone === "busy")
    return (
      <g className={styles.spin}>
        <circle cx="7" cy="7" r="5" {...line} strokeOpacity="0.25" />
        <path d="M12 7a5 5 0 0 0-5-5" {...line} />
      </g>
    );
  if (tone === "good") return <path d="M7 1.2a5.8 5.8 0 1 1 0 11.6A5.8 5.8 0 0 1 7 1.2zm2.3 3.7L6.2 8 4.7 6.6l-1 1 2.5 2.5 4.1-4.2z" fill="currentColor" />;
  if (tone === "bad") return <path d="M4.4 1h5.2L13 4.4v5.2L9.6 13H4.4L1 9.6V4.4zM6.2 3.4v4.8h1.6V3.4zm0 5.8v1.6h1.6V9.2z" fill="currentColor" fillRule="evenodd" />;
  if (tone === "warn") return <path d="M7 1.2 13.4 12.6H.6zM6.4 5.2v3.6h1.2V5.2zm0 4.5V11h1.2V9.7z" fill="currentColor" fillRule="evenodd" />;
  return <circle cx="7" cy="7" r="4.6" {...line} strokeDasharray="2.2 2.6" />;
}

export function StateDot({ mark, wordless }: { mark: Mark; wordless?: boolean }) {
  return (
    <span className={`${styles.dot} ${styles[mark.tone]}`} title={wordless ? mark.word : undefined}>
      <svg aria-hidden="true" width="14" height="14" viewBox="0 0 14 14" focusable="false">
        <Shape tone={mark.tone} />
      </svg>
      <span className={wordless ? "visually-hidden" : ""}>{mark.word}</span>
    </span>
  );
}

export function Chip({ tone, title, children }: { tone?: Tone; title?: string; children: ReactNode }) {
  return (
    <span className={`${styles.chip} ${tone ? styles[tone] : ""}`} title={title}>
      {children}
    </span>
  );
}
