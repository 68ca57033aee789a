/** One Project's artifacts, with its Stages as columns. */
import { memo } from "react";
import { Link } from "react-router";

import type { MatrixArtifact, MatrixCell, MatrixStage } from "~/api/matrix";
import { StateDot } from "~/design/Badge";
import { Icon } from "~/design/Icon";
import { Panel } from "~/design/Page";
import { healthMark } from "~/model/health";
import { artifactName, lag, type ProjectTable, shortVersion } from "~/model/matrix";
import { at } from "~/shell/places";

import styles from "./Runs.module.css";

const ICONS = { image: "image", git: "git", chart: "chart", other: "grid" } as const;

interface ByProjectProps {
  table: ProjectTable;
  /** The page is about this Project alone. */
  only: boolean;
}

export const ByProject = memo(function ByProject({ table, only }: ByProjectProps) {
  const { project, stages, rows } = table;
  return (
    <Panel className={styles.panel}>
      {only ? null : (
        <h2 className={styles.head}>
          <Link to={at.project(project)}>{project}</Link>
        </h2>
      )}
      <div className={styles.scroll} tabIndex={0} role="region" aria-label={`What runs in ${project}`}>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">Artifact</th>
              <th scope="col">Newest</th>
              {stages.map((each) => (
                <th key={each.stage} scope="col">
                  <StageHead stage={each} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ key, artifact, newest, cells }) => (
              <tr key={key}>
                <th scope="row">
                  <Artifact artifact={artifact} />
                </th>
                <td className={styles.newest}>{shortVersion(artifact, newest)}</td>
                {cells.map((cell, index) => (
                  <td key={stages[index]?.stage}>{cell ? <Version artifact={artifact} cell={cell} /> : <span className="dim">–</span>}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
});

function StageHead({ stage }: { stage: MatrixStage }) {
  const mark = stage.promoting ? ({ tone: "busy", word: "A promotion runs" } as const) : healthMark(stage.health);
  return (
    <Link to={at.stage(stage.project, stage.stage)} className={styles.stage}>
      <StateDot mark={mark} wordless />
      <span className="truncate" title={stage.stage}>
        {stage.stage}
      </span>
    </Link>
  );
}

export function Artifact({ artifact }: { artifact: MatrixArtifact }) {
  return (
    <span className={styles.artifact} title={artifact.repoURL}>
      <Icon name={ICONS[artifact.kind]} />
      <span className="truncate">{artifactName(artifact)}</span>
    </span>
  );
}

export function Version({ artifact, cell }: { artifact: MatrixArtifact; cell: MatrixCell }) {
  const behind = lag(cell);
  return (
    <span className={styles.version}>
      <Link to={at.freight(cell.project, cell.freight)} className="mono" title={[cell.alias, cell.version].filter(Boolean).join(" · ")}>
        {shortVersion(artifact, cell.version)}
      </Link>
      {behind ? <span className={styles.behind}>{behind}</span> : null}
    </span>
  );
}
