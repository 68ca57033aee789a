/** Health at a glance: a dot for one thing, a bar for many. Neither says anything by colour alone. */
import type { Tone } from "~/model/health";

import styles from "./Health.module.css";

export function Dot({ tone, label }: { tone: Tone; label?: string }) {
  const name = tone === "idle" ? styles.dot : `${styles.dot} ${styles[tone]}`;
  return label ? <span className={name} role="img" aria-label={label} title={label} /> : <span className={name} />;
}

export function HealthBar({ healthy, count, words }: { healthy: number; count: number; words: string }) {
  return (
    <div className={styles.health}>
      <div className={styles.bar} aria-hidden="true">
        {healthy > 0 ? <div className={styles.part} style={{ width: `${(100 * healthy) / count}%` }} /> : null}
      </div>
      <span className={styles.words}>{words}</span>
    </div>
  );
}
