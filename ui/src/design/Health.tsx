/** How many of many are well: a bar, and the words that say the same. */
import styles from "./Health.module.css";

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
