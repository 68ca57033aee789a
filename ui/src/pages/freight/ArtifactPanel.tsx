/** What is in Freight, with links to where it comes from. */
import { CopyButton } from "~/design/CommandLine";
import { Icon } from "~/design/Icon";
import { Panel } from "~/design/Page";
import type { ArtifactLine } from "~/model/artifact";

import styles from "./Freight.module.css";

export function ArtifactPanel({ lines }: { lines: readonly ArtifactLine[] }) {
  return (
    <Panel>
      <ul>
        {lines.map((each) => (
          <li key={each.key} className={styles.artifact}>
            <Icon name={each.kind} />
            <div className={styles.version}>
              <span>{each.repo}</span>
              {each.link ? (
                <a href={each.link} target="_blank" rel="noreferrer">
                  <code>{each.version}</code> <Icon name="link" size={12} />
                </a>
              ) : (
                <code>{each.version}</code>
              )}
            </div>
            {each.about ? (
              <p className={styles.about}>
                {each.about}
                {each.author ? <span className="dim"> — {each.author}</span> : null}
              </p>
            ) : null}
            {each.full && each.full !== each.version ? (
              <div className={styles.full}>
                <code className="truncate">{each.full}</code>
                <CopyButton text={each.full} />
              </div>
            ) : null}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
