/** What came to a Stage, by whom, and how it was verified. */
import { Link } from "react-router";

import { type HistoryEntry, useHistory } from "~/api/history";
import { usePipeline } from "~/api/pipeline";
import { useMay } from "~/api/rights";
import { ArtifactLines } from "~/design/Artifacts";
import { Chip } from "~/design/Badge";
import { LinkButton } from "~/design/Button";
import { Flag } from "~/design/Flag";
import { More } from "~/design/More";
import { Panel } from "~/design/Page";
import { Empty, Loading, Refusal } from "~/design/State";
import { Ago } from "~/design/Time";
import { actorName } from "~/model/actor";
import { artifactLines } from "~/model/artifact";
import { phaseMark } from "~/model/health";
import { aliasOf } from "~/model/pipeline";
import { at } from "~/shell/places";

import styles from "./Stage.module.css";

interface EntryProps {
  project: string;
  stage: string;
  entry: HistoryEntry;
  alias: string;
  isCurrent: boolean;
}

function Entry({ project, stage, entry, alias, isCurrent }: EntryProps) {
  const reference = Object.values(entry.items).find((each) => each.name === entry.promoted);
  const verified = entry.verification?.phase;
  const may = useMay(project)("promote", "stages", stage);
  return (
    <li className={styles.entry}>
      <div className={styles.row}>
        <Link className={styles.name} to={at.freight(project, entry.promoted)}>
          <Flag of={entry.promoted} /> {alias}
        </Link>
        {isCurrent ? <Chip tone="good">now</Chip> : null}
        {entry.rollback ? <Chip tone="warn">rollback</Chip> : null}
        {verified && verified !== "Successful" ? <Chip tone={phaseMark(verified).tone}>verification {verified.toLowerCase()}</Chip> : null}
        <span className={styles.small}>
          by {actorName(entry.actor) || "auto-promotion"} · {entry.promotion ? <Link to={at.promotion(project, entry.promotion)}>promotion</Link> : null}
        </span>
      </div>
      <div className={styles.row}>
        <Ago time={entry.finishedAt ?? entry.startedAt} every={30} />
        {isCurrent || !may ? null : (
          <LinkButton small to={`?tab=history&promote=${encodeURIComponent(stage)}&freight=${entry.promoted}`}>
            Bring back
          </LinkButton>
        )}
      </div>
      <div className={styles.lines}>
        <ArtifactLines lines={artifactLines(reference ?? {})} most={4} />
      </div>
    </li>
  );
}

export function History({ project, stage }: { project: string; stage: string }) {
  const found = useHistory(project, stage);
  const known = usePipeline(project).data?.freight ?? [];
  const aliases = new Map(known.map((each) => [each.metadata.name, aliasOf(each)]));
  const entries = found.data?.pages.flatMap((each) => each.items) ?? [];
  if (found.error && !found.data) return <Refusal error={found.error} />;
  if (!found.data) return <Loading lines={4} />;
  if (entries.length === 0)
    return (
      <Empty icon="clock" title="Nothing came here yet">
        <p>Once a promotion has succeeded, it is listed here.</p>
      </Empty>
    );
  return (
    <>
      <Panel>
        <ol>
          {entries.map((entry, index) => (
            <Entry
              key={`${entry.id} ${entry.promotion}`}
              project={project}
              stage={stage}
              entry={entry}
              alias={aliases.get(entry.promoted) ?? entry.promoted.slice(0, 7)}
              isCurrent={index === 0}
            />
          ))}
        </ol>
      </Panel>
      {found.hasNextPage ? <More busy={found.isFetchingNextPage} onMore={() => void found.fetchNextPage()} /> : null}
    </>
  );
}
