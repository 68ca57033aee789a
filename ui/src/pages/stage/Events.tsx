/** What happened to a Stage lately. */
import { Link } from "react-router";

import { useNewestEvents } from "~/api/event";
import { StateDot } from "~/design/Badge";
import { Panel } from "~/design/Page";
import { Empty, Loading, Refusal } from "~/design/State";
import { Ago } from "~/design/Time";
import { actorName } from "~/model/actor";
import { eventLine } from "~/model/event";
import { at } from "~/shell/places";

import styles from "./Stage.module.css";

const NEWEST = 500;

export function Events({ project, stage }: { project: string; stage: string }) {
  const found = useNewestEvents(project, NEWEST);
  if (found.error && !found.data) return <Refusal error={found.error} />;
  if (!found.data) return <Loading lines={4} />;
  const ours = found.data.items.map(eventLine).filter((each) => each.stage === stage || (each.kind === "Stage" && each.name === stage));
  if (ours.length === 0)
    return (
      <Empty icon="clock" title="Nothing happened here lately">
        <p>Promotions, verifications and approvals are told here, for as long as Events are kept.</p>
      </Empty>
    );
  return (
    <Panel>
      <ul>
        {ours.map((each) => (
          <li key={each.id} className={styles.pad}>
            <div className={styles.row}>
              <StateDot mark={{ tone: each.tone, word: each.title }} />
              {each.freight ? <Link to={at.freight(project, each.freight.name)}>{each.freight.alias}</Link> : null}
              {each.promotion ? <Link to={at.promotion(project, each.promotion)}>promotion</Link> : null}
              <span className={styles.small}>{actorName(each.actor)}</span>
              <span className={styles.end}>
                <Ago time={each.time} every={30} />
              </span>
            </div>
            {each.message ? <p className={styles.small}>{each.message}</p> : null}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
