/** The faults of a text, each with its line, for those who do not see them beside it. */
import type { Fault } from "~/model/applied";

import styles from "./Faults.module.css";
import { Icon } from "./Icon";

const MOST = 20;

interface FaultsProps {
  faults: readonly Fault[];
  /** They are being looked for. */
  pending?: boolean;
  about?: string;
}

export function Faults({ faults, pending, about = "Nothing is wrong with it." }: FaultsProps) {
  if (faults.length === 0 && pending) return <p className={`${styles.row} dim`}>Checking …</p>;
  if (faults.length === 0)
    return (
      <p className={`${styles.fine} ${styles.row}`} role="status">
        <Icon name="check" />
        {about}
      </p>
    );
  const rest = faults.length - MOST;
  return (
    <ul className={styles.faults} aria-label="What is wrong">
      {faults.slice(0, MOST).map((each, index) => (
        <li key={`${each.line} ${index}`} className={`${styles.row} ${each.severity === "error" ? styles.bad : styles.warn}`}>
          <Icon name="alert" />
          <span>
            <b>Line {each.line}</b> {each.message}
          </span>
        </li>
      ))}
      {rest > 0 ? <li className={styles.row}>and {rest} more</li> : null}
    </ul>
  );
}
