/** The artifacts of Freight, a line each. */
import type { ArtifactLine } from "~/model/artifact";

import styles from "./Artifacts.module.css";
import { Icon } from "./Icon";

export function ArtifactLines({ lines, most = 2 }: { lines: readonly ArtifactLine[]; most?: number }) {
  const shown = lines.length > most ? lines.slice(0, most - 1) : lines;
  const rest = lines.length - shown.length;
  return (
    <div className={styles.lines}>
      {shown.map((each) => (
        <div key={each.key} className={styles.line} title={`${each.repo} ${each.version}${each.about ? `\n${each.about}` : ""}`}>
          <Icon name={each.kind} size={13} />
          <span className={styles.name}>{each.name}</span>
          <span className={styles.version}>{each.version}</span>
        </div>
      ))}
      {rest > 0 ? <div className={styles.more}>and {rest} more</div> : null}
    </div>
  );
}
