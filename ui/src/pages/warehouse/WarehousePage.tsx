/** A Warehouse: what it watches, what it found, its troubles, its Freight. */
import { useState } from "react";
import { useParams } from "react-router";

import { useLive } from "~/api/live";
import { useMay } from "~/api/rights";
import type { Warehouse } from "~/api/types";
import { refreshWarehouse, useWarehouse } from "~/api/warehouse";
import { StateDot } from "~/design/Badge";
import { Button } from "~/design/Button";
import { Icon } from "~/design/Icon";
import { Menu, MenuItem } from "~/design/Menu";
import { Page } from "~/design/Page";
import { Loading, Notice, Trouble } from "~/design/State";
import { Tabs, useTab } from "~/design/Tabs";
import { Ago } from "~/design/Time";
import { useDone } from "~/design/Toast";
import { said } from "~/model/action";
import { conditionNotes } from "~/model/condition";
import { warehouseMark } from "~/model/pipeline";
import { Deleting } from "~/pages/manifest/Deleting";
import { ManifestPanel } from "~/pages/manifest/ManifestPanel";

import { Assemble } from "./Assemble";
import { Discovered } from "./Discovered";
import { FreightOf } from "./FreightOf";
import styles from "./Warehouse.module.css";

const TABS = [
  ["discovered", "What it found"],
  ["freight", "Freight"],
  ["manifest", "YAML"],
] as const;

function Shown({ project, warehouse }: { project: string; warehouse: Warehouse }) {
  const { name } = warehouse.metadata;
  const tab = useTab(TABS);
  const may = useMay(project);
  const done = useDone();
  const [deleting, setDeleting] = useState(false);
  const [assembling, setAssembling] = useState(false);
  const discoveredAt = warehouse.status?.discoveredArtifacts?.discoveredAt;
  return (
    <Page
      wide
      title={name}
      of={project}
      above="Warehouse"
      about={
        <div className={styles.about}>
          <StateDot mark={warehouseMark(warehouse)} />
          <span>looks every {warehouse.spec?.interval ?? "5m"}</span>
          {discoveredAt ? (
            <span>
              found something new <Ago time={discoveredAt} />
            </span>
          ) : null}
          <span>
            {warehouse.spec?.freightCreationPolicy === "Manual" ? "Freight is made by hand" : "makes Freight by itself"}
          </span>
        </div>
      }
      acts={
        <>
          {may("delete", "warehouses", name) ? (
            <Menu look="plain" icon label={`More actions of ${name}`} face={<Icon name="more" />}>
              <MenuItem icon="bin" danger onClick={() => setDeleting(true)}>
                Delete…
              </MenuItem>
            </Menu>
          ) : null}
          <Button onClick={() => void done(refreshWarehouse(project, name), `${name} looks for new artifacts`, said.refresh(project, "warehouse", name))}>
            <Icon name="refresh" /> Refresh
          </Button>
          {may("create", "freights") ? (
            <Button look="primary" onClick={() => setAssembling(true)}>
              Assemble Freight
            </Button>
          ) : null}
        </>
      }
    >
      {conditionNotes(warehouse.status?.conditions).map((each) => (
        <Notice key={each.text} tone={each.tone}>
          {each.text}
        </Notice>
      ))}
      <Tabs label={`Parts of ${name}`} tabs={TABS} chosen={tab} />
      {tab === "discovered" ? <Discovered warehouse={warehouse} /> : null}
      {tab === "freight" ? <FreightOf project={project} warehouse={name} /> : null}
      {tab === "manifest" ? <ManifestPanel project={project} resource={warehouse} /> : null}
      {deleting ? (
        <Deleting project={project} kind="warehouse" name={name} onClose={() => setDeleting(false)}>
          The Freight that it made stays; no more comes from it.
        </Deleting>
      ) : null}
      {assembling ? <Assemble project={project} warehouse={warehouse} onClose={() => setAssembling(false)} /> : null}
    </Page>
  );
}

export default function WarehousePage() {
  const { project = "", warehouse = "" } = useParams();
  useLive(project);
  const found = useWarehouse(project, warehouse);
  if (found.error && !found.data) return <Trouble page error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <Loading />;
  return <Shown key={warehouse} project={project} warehouse={found.data} />;
}
