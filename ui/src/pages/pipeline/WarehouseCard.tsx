/** One Warehouse, and one repository before it. */
import { Link } from "react-router";

import { refreshWarehouse } from "~/api/warehouse";
import { StateDot } from "~/design/Badge";
import { Button } from "~/design/Button";
import { Icon } from "~/design/Icon";
import { useDone } from "~/design/Toast";
import { said } from "~/model/action";
import type { RepoView, WarehouseView } from "~/model/pipeline";
import { at } from "~/shell/places";

import styles from "./Graph.module.css";

export function WarehouseCard({ project, warehouse, faint }: { project: string; warehouse: WarehouseView; faint: boolean }) {
  const done = useDone();
  const { name } = warehouse;
  return (
    <article className={`${styles.small} ${styles.warehouse} ${faint ? styles.faint : ""}`} aria-label={`Warehouse ${name}`}>
      <div className={styles.row}>
        <Icon name="warehouse" />
        <h3 className="truncate">
          <Link to={at.warehouse(project, name)} draggable={false}>
            {name}
          </Link>
        </h3>
        <span className={styles.above}>
          <Button
            look="quiet"
            small
            icon
            label={`Look for new artifacts of ${name}`}
            onClick={() =>
              void done(
                refreshWarehouse(project, name),
                `${name} looks for new artifacts`,
                said.refresh(project, "warehouse", name),
              )
            }
          >
            <Icon name="refresh" size={14} />
          </Button>
        </span>
      </div>
      <div className={styles.row} title={warehouse.message}>
        <StateDot mark={warehouse.mark} />
        <span className="dim" style={{ marginLeft: "auto", fontSize: 12 }}>
          {warehouse.count} Freight
        </span>
      </div>
    </article>
  );
}

export function RepoCard({ repo, faint }: { repo: RepoView; faint: boolean }) {
  return (
    <div className={`${styles.small} ${styles.repo} ${faint ? styles.faint : ""}`} title={repo.url}>
      <Icon name={repo.kind} />
      <span className="truncate">{repo.name}</span>
    </div>
  );
}
