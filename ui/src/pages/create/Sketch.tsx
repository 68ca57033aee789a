/** What the answers make, as a picture that grows with them. */
import { Icon } from "~/design/Icon";
import { shortRepo } from "~/model/address";
import { type Blueprint, depth, ordered } from "~/model/blueprint";

import styles from "./Sketch.module.css";

const ICONS = { image: "image", git: "git", chart: "chart" } as const;

export function Sketch({ draft }: { draft: Blueprint }) {
  const stages = ordered(draft.stages);
  const columns = stages
    .map((_, column) => [column, stages.filter((each) => Math.min(depth(draft.stages, each), stages.length - 1) === column)] as const)
    .filter(([, here]) => here.length > 0);
  return (
    <figure className={styles.sketch} aria-label="The pipeline so far" tabIndex={0}>
      <ul className={styles.column}>
        {draft.sources.map((each) => (
          <li key={each.id} className={styles.source}>
            <Icon name={ICONS[each.kind]} size={14} />
            <span className="truncate">{each.repoURL ? shortRepo(each.repoURL) : "…"}</span>
          </li>
        ))}
      </ul>
      {columns.map(([column, here]) => (
        <div key={column} className={styles.next}>
          <span className={styles.arrow} aria-hidden="true" />
          <ul className={styles.column}>
            {here.map((each) => (
              <li key={each.id} className={styles.stage}>
                <span className="truncate">{each.name || "…"}</span>
                <span className={styles.how}>{how(each.auto, each.after ? each.soak : "")}</span>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </figure>
  );
}

const how = (auto: boolean, soak: string): string => [auto ? "by itself" : "when told", soak && `after ${soak}`].filter(Boolean).join(", ");
