/** The Freight of a Warehouse, the newest first. */
import { Link } from "react-router";

import { useFreightOf } from "~/api/freight";
import { ArtifactLines } from "~/design/Artifacts";
import { Flag } from "~/design/Flag";
import { Empty, Loading, Refusal } from "~/design/State";
import { Ago } from "~/design/Time";
import { freightView } from "~/model/pipeline";
import { at } from "~/shell/places";

import styles from "./Warehouse.module.css";

const MOST = 100;

export function FreightOf({ project, warehouse }: { project: string; warehouse: string }) {
  const found = useFreightOf(project, warehouse, MOST);
  if (found.error && !found.data) return <Refusal error={found.error} />;
  if (!found.data) return <Loading lines={4} />;
  const all = (found.data.groups[""]?.items ?? []).map(freightView);
  if (all.length === 0)
    return (
      <Empty icon="warehouse" title="No Freight yet">
        <p>It comes by itself when every subscription has found something, unless its policy is to wait for you.</p>
      </Empty>
    );
  return (
    <>
      <div className={styles.cards}>
        {all.map((each) => (
          <Link key={each.name} className={styles.card} to={at.freight(project, each.name)}>
            <span className={styles.name}>
              <Flag of={each.name} />
              <span className="truncate">{each.alias}</span>
              <Ago time={each.createdAt} every={30} />
            </span>
            <ArtifactLines lines={each.artifacts} most={3} />
          </Link>
        ))}
      </div>
      {all.length === MOST ? <p className="dim">These are the newest {MOST}.</p> : null}
    </>
  );
}
