/** From which versions to which. */
import { Icon } from "~/design/Icon";
import type { Step } from "~/model/compare";

import styles from "./Promote.module.css";

export function Moves({ steps }: { steps: readonly Step[] }) {
  if (steps.length === 0) return null;
  return (
    <ul className={styles.moves}>
      {steps.map(({ key, line, from, to, same }) => (
        <li key={key} className={styles.move} title={line.repo}>
          <Icon name={line.kind} size={14} />
          <span className="dim">{line.name}</span>
          {same ? (
            <>
              <code>{to}</code>
              <span className="dim">stays</span>
            </>
          ) : (
            <>
              {from ? (
                <>
                  <s>
                    <code>{from}</code>
                  </s>
                  <span aria-label="becomes">→</span>
                </>
              ) : null}
              <code>{to ?? "nothing"}</code>
              {line.about && to ? <span className="dim truncate">{line.about}</span> : null}
            </>
          )}
        </li>
      ))}
    </ul>
  );
}
