/** What happened to a Stage lately. */
import { Link } from "react-router";

import { useNewestEvents } from "~/api/event";
import { StateDot } from "~/design/Badge";
import { Panel } from "~/design/Page";
import { Empty, Loading, Refusal } from "~/design/State";
import { Ago } from "~/design/Time";
import { actorName } from "~/model/actor";
import { actorOf, freightAliasOf, promotionOf, reasonWords, stageOf } from "~/model/event";
import { at } from "~/shell/places";

import styles from "./Stage.module.css";

const NEWEST = 500;

export function Events({ project, stage }: { project: string; stage: string }) {
  const found = useNewestEvents(project, NEWEST);
  if (found.error && !found.data) return <Refusal error={found.error} />;
  if (!found.data) return <Loading lines={4} />;
  const ours = found.data.items.filter((each) => stageOf(each) === stage);
  if (ours.length === 0)
    return (
      <Empty icon="clock" title="Nothing happened here lately">
        <p>Promotions, verifications and approvals are told here, for as long as Events are kept.</p>
      </Empty>
    );
  return (
    <Panel>
      <ul>
        {ours.map((each) => {
          const promotion = promotionOf(each);
          return (
            <li key={each.metadata.name} className={styles.pad}>
              <div className={styles.row}>
                <StateDot mark={each.type === "Warning" ? { tone: "warn", word: "Warning" } : { tone: "idle", word: "Normal" }} wordless />
                <span>{reasonWords(each.reason)}</span>
                {freightAliasOf(each) ? <span className={styles.small}>{freightAliasOf(each)}</span> : null}
                {promotion ? <Link to={at.promotion(project, promotion)}>promotion</Link> : null}
                <span className={styles.small}>{actorName(actorOf(each))}</span>
                <span className={styles.end}>
                  <Ago time={each.lastTimestamp ?? each.metadata.creationTimestamp} every={30} />
                </span>
              </div>
              {each.message ? <p className={styles.small}>{each.message}</p> : null}
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}
