/** One artifact, with every place that it runs in. */
import { memo, useState } from "react";
import { Link } from "react-router";

import { StateDot } from "~/design/Badge";
import { Button } from "~/design/Button";
import { Panel } from "~/design/Page";
import { healthMark } from "~/model/health";
import type { ArtifactUses } from "~/model/matrix";
import { at } from "~/shell/places";

import { Artifact, Version } from "./ByProject";
import styles from "./Runs.module.css";

const FIRST = 24;

export const ByArtifact = memo(function ByArtifact({ uses }: { uses: ArtifactUses }) {
  const { artifact, cells, lagging } = uses;
  const [all, setAll] = useState(false);
  const shown = all ? cells : cells.slice(0, FIRST);
  const places = cells.length === 1 ? "1 place" : `${cells.length} places`;
  return (
    <Panel className={styles.panel}>
      <h2 className={styles.head}>
        <Artifact artifact={artifact} />
        <span className={styles.count}>
          {places}
          {lagging > 0 ? <span className={styles.behind}>{lagsWords(lagging, cells.length)}</span> : null}
        </span>
      </h2>
      <ul className={styles.places}>
        {shown.map((cell) => (
          <li key={`${cell.project} ${cell.stage}`}>
            <Link to={at.stage(cell.project, cell.stage)} className={styles.stage}>
              <StateDot mark={cell.promoting ? { tone: "busy", word: "A promotion runs" } : healthMark(cell.health)} wordless />
              <span className="truncate">
                <span className="dim">{cell.project} / </span>
                {cell.stage}
              </span>
            </Link>
            <Version artifact={artifact} cell={cell} />
          </li>
        ))}
      </ul>
      {shown.length < cells.length ? (
        <Button look="quiet" className={styles.all} onClick={() => setAll(true)}>
          Show all {cells.length}
        </Button>
      ) : null}
    </Panel>
  );
});

function lagsWords(lagging: number, all: number): string {
  if (lagging === all && all > 1) return "all lag behind";
  return lagging === 1 ? "1 lags behind" : `${lagging} lag behind`;
}
