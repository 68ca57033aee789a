/** A Stage: what it runs and why, what could come, its past, its manifest. */
import { useState } from "react";
import { Link, useParams } from "react-router";

import { useLive } from "~/api/live";
import { usePipeline } from "~/api/pipeline";
import { useMay } from "~/api/rights";
import { refreshStage, useStage } from "~/api/stage";
import type { Stage } from "~/api/types";
import { StateDot } from "~/design/Badge";
import { LinkButton } from "~/design/Button";
import { Icon } from "~/design/Icon";
import { Menu, MenuItem, MenuRule } from "~/design/Menu";
import { Page } from "~/design/Page";
import { Loading, Trouble } from "~/design/State";
import { Tabs, useTab } from "~/design/Tabs";
import { useDone } from "~/design/Toast";
import { said } from "~/model/action";
import { stageHealthMark } from "~/model/health";
import { gatesOf } from "~/model/pipeline";
import { Deleting } from "~/pages/manifest/Deleting";
import { ManifestPanel } from "~/pages/manifest/ManifestPanel";
import { at } from "~/shell/places";

import { Events } from "./Events";
import { History } from "./History";
import { Overview } from "./Overview";
import { Promotions } from "./Promotions";
import styles from "./Stage.module.css";

const TABS = [
  ["overview", "Overview"],
  ["history", "History"],
  ["promotions", "Promotions"],
  ["events", "Events"],
  ["manifest", "YAML"],
] as const;

function About({ stage, project }: { stage: Stage; project: string }) {
  const sources = (stage.spec?.requestedFreight ?? []).flatMap(({ origin, sources }) => [
    ...(sources?.direct ? [{ name: origin.name, to: at.warehouse(project, origin.name) }] : []),
    ...(sources?.stages ?? []).map((name) => ({ name, to: at.stage(project, name) })),
  ]);
  const unique = [...new Map(sources.map((each) => [each.to, each])).values()];
  return (
    <div className={styles.about}>
      <StateDot mark={stageHealthMark(Object.keys(stage.status?.freightHistory?.[0]?.items ?? {}).length === 0, stage.status?.health?.status)} />
      <span>
        takes Freight from{" "}
        {unique.map((each, index) => (
          <span key={each.to}>
            {index > 0 ? ", " : ""}
            <Link to={each.to}>{each.name}</Link>
          </span>
        ))}
      </span>
      {gatesOf(stage).map((each) => (
        <span key={each}>{each}</span>
      ))}
      <span>{stage.status?.autoPromotionEnabled ? "promotes by itself" : "promotes when told"}</span>
    </div>
  );
}

function Shown({ project, stage }: { project: string; stage: Stage }) {
  const tab = useTab(TABS);
  const done = useDone();
  const [deleting, setDeleting] = useState(false);
  const { name } = stage.metadata;
  const allowed = useMay(project);
  const may = allowed("promote", "stages", name);
  const passes = (stage.spec?.promotionTemplate?.spec?.steps ?? []).length === 0;
  const hasRun = (stage.status?.freightHistory ?? []).length > 0;
  const ask = (what: string) => `?${what}=${encodeURIComponent(name)}`;
  return (
    <Page
      wide
      title={name}
      of={project}
      above="Stage"
      about={<About project={project} stage={stage} />}
      acts={
        <>
          <Menu look="plain" icon label={`More actions of ${name}`} face={<Icon name="more" />}>
            {allowed("promote", "stages") ? (
              <MenuItem icon="flow" to={ask("downstream")}>
                Promote downstream…
              </MenuItem>
            ) : null}
            <MenuItem
              icon="refresh"
              onClick={() => void done(refreshStage(project, name), `Looks at ${name} again`, said.refresh(project, "stage", name))}
            >
              Refresh
            </MenuItem>
            {allowed("delete", "stages", name) ? (
              <>
                <MenuRule />
                <MenuItem icon="bin" danger onClick={() => setDeleting(true)}>
                  Delete…
                </MenuItem>
              </>
            ) : null}
          </Menu>
          {passes || !may ? null : (
            <>
              {hasRun ? <LinkButton to={ask("rollback")}>Roll back</LinkButton> : null}
              <LinkButton look="primary" to={ask("promote")}>
                Promote
              </LinkButton>
            </>
          )}
        </>
      }
    >
      {deleting ? (
        <Deleting project={project} kind="stage" name={name} onClose={() => setDeleting(false)}>
          What it deployed stays as it is. Stages after it get no more Freight from it.
        </Deleting>
      ) : null}
      <Tabs label={`Parts of ${name}`} tabs={TABS} chosen={tab} />
      {tab === "overview" ? <Overview project={project} stage={stage} /> : null}
      {tab === "history" ? <History project={project} stage={name} /> : null}
      {tab === "promotions" ? <Promotions project={project} stage={name} /> : null}
      {tab === "events" ? <Events project={project} stage={name} /> : null}
      {tab === "manifest" ? <ManifestPanel project={project} resource={stage} /> : null}
    </Page>
  );
}

export default function StagePage() {
  const { project = "", stage = "" } = useParams();
  useLive(project);
  usePipeline(project);
  const found = useStage(project, stage);
  if (found.error && !found.data) return <Trouble page error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <Loading />;
  return <Shown key={stage} project={project} stage={found.data} />;
}
