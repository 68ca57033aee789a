/** The promotions to a Stage, also those that failed. */
import { Link } from "react-router";

import { usePipeline } from "~/api/pipeline";
import { usePromotions } from "~/api/promote";
import { StateDot } from "~/design/Badge";
import { Flag } from "~/design/Flag";
import { More } from "~/design/More";
import { Panel } from "~/design/Page";
import { Empty, Loading, Refusal } from "~/design/State";
import { Ago, useNow } from "~/design/Time";
import { actorName } from "~/model/actor";
import { phaseMark } from "~/model/health";
import { aliasOf } from "~/model/pipeline";
import { lasted } from "~/model/time";
import { at } from "~/shell/places";

import styles from "./Stage.module.css";

export function Promotions({ project, stage }: { project: string; stage: string }) {
  const found = usePromotions(project, stage);
  const known = usePipeline(project).data?.freight ?? [];
  const now = useNow();
  const aliases = new Map(known.map((each) => [each.metadata.name, aliasOf(each)]));
  const all = found.data?.pages.flatMap((each) => each.items) ?? [];
  if (found.error && !found.data) return <Refusal error={found.error} />;
  if (!found.data) return <Loading lines={4} />;
  if (all.length === 0) return <Empty icon="bolt" title="Nothing was promoted to this Stage yet" />;
  return (
    <>
      <Panel className={styles.scroll}>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">Freight</th>
              <th scope="col">Phase</th>
              <th scope="col" className={styles.less}>Took</th>
              <th scope="col">When</th>
              <th scope="col" className={styles.less}>By</th>
              <th scope="col">What it says</th>
            </tr>
          </thead>
          <tbody>
            {all.map(({ metadata, spec, status }) => (
              <tr key={metadata.name}>
                <td>
                  <Link className={styles.name} to={at.promotion(project, metadata.name)}>
                    <Flag of={spec?.freight ?? ""} /> {aliases.get(spec?.freight ?? "") ?? spec?.freight?.slice(0, 7)}
                  </Link>
                </td>
                <td>
                  <StateDot mark={phaseMark(status?.phase)} />
                </td>
                <td className={styles.less}>{lasted(status?.startedAt, status?.finishedAt, now)}</td>
                <td>
                  <Ago time={metadata.creationTimestamp} every={30} />
                </td>
                <td className={styles.less}>{actorName(metadata.annotations?.["kargo.akuity.io/create-actor"]) || "auto-promotion"}</td>
                <td>{status?.phase === "Succeeded" ? "" : status?.message}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Panel>
      {found.hasNextPage ? <More busy={found.isFetchingNextPage} onMore={() => void found.fetchNextPage()} /> : null}
    </>
  );
}
