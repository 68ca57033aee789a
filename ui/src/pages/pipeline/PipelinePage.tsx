/** The pipeline of a Project: what runs where, what could move, and moving it. */
import { useCallback, useEffect, useMemo, useState } from "react";
import { Link, useParams, useSearchParams } from "react-router";

import { useFreightExplanation } from "~/api/explain";
import { type LiveState, useLiveState } from "~/api/live";
import { usePipeline } from "~/api/pipeline";
import { useMay } from "~/api/rights";
import { Button, LinkButton } from "~/design/Button";
import { Flag } from "~/design/Flag";
import { Icon } from "~/design/Icon";
import { Empty, Loading, Trouble } from "~/design/State";
import { layout, shapeOf } from "~/model/layout";
import { type FreightFilter, type PipelineView, pipelineView } from "~/model/pipeline";
import { at } from "~/shell/places";

import { Graph, type Offer, StageList } from "./Graph";
import styles from "./PipelinePage.module.css";
import { Timeline } from "./Timeline";

type Look = "graph" | "list";

const LOOK = "argosy.pipeline";
const LIVE: Record<LiveState, string> = { connecting: "Connecting", live: "Live", lost: "Reconnecting" };
const ALL: FreightFilter = { text: "", warehouse: "", inUse: false };

function firstLook(): Look {
  const kept = localStorage.getItem(LOOK);
  return kept === "graph" || kept === "list" ? kept : innerWidth < 700 ? "list" : "graph";
}

function Side({ look, onLook }: { look: Look; onLook: (look: Look) => void }) {
  const live = useLiveState();
  return (
    <div className={styles.side}>
      <span className={`${styles.live} ${live === "live" ? styles.on : live === "lost" ? styles.off : ""}`} role="status">
        <i />
        {LIVE[live]}
      </span>
      <div className={styles.views}>
        <button type="button" aria-label="As a graph" title="As a graph" aria-pressed={look === "graph"} onClick={() => onLook("graph")}>
          <Icon name="flow" />
        </button>
        <button type="button" aria-label="As a list" title="As a list" aria-pressed={look === "list"} onClick={() => onLook("list")}>
          <Icon name="list" />
        </button>
      </div>
    </div>
  );
}

function useOffers(project: string, chosen: string | undefined): (stage: string) => Offer {
  const explanation = useFreightExplanation(project, chosen);
  return useMemo(() => {
    if (!chosen) return () => undefined;
    if (!explanation.data) return () => "loading" as const;
    const known = new Map(explanation.data.stages.map((each) => [each.stage, each]));
    return (stage: string) => known.get(stage) ?? ("uninterested" as const);
  }, [chosen, explanation.data]);
}

function Shown({ view }: { view: PipelineView }) {
  const { project } = view;
  const [search, setSearch] = useSearchParams();
  const [filter, setFilter] = useState(ALL);
  const [look, setLook] = useState(firstLook);
  const chosen = search.get("freight") ?? undefined;
  const shape = shapeOf(view);
  // the shape is what the layout depends on
  const placed = useMemo(() => layout(view), [shape]);
  const warehouses = useMemo(() => view.warehouses.map((each) => each.name), [view.warehouses]);
  const offerOf = useOffers(project, chosen);
  const may = useMay(project);
  const freight = view.freight.find((each) => each.name === chosen);

  const choose = useCallback(
    (name: string | undefined) =>
      setSearch(
        (was) => {
          if (name) was.set("freight", name);
          else was.delete("freight");
          return was;
        },
        { replace: true },
      ),
    [setSearch],
  );
  const onPromote = useCallback(
    (stage: string, name?: string) =>
      setSearch((was) => {
        was.set("promote", stage);
        if (name) was.set("freight", name);
        return was;
      }),
    [setSearch],
  );

  function take(next: Look): void {
    setLook(next);
    localStorage.setItem(LOOK, next);
  }

  const shared = { view, layout: placed, offerOf, onPromote };
  return (
    <div className={styles.page}>
      <h1 className="visually-hidden">Pipeline of {project}</h1>
      <Timeline
        freight={view.freight}
        warehouses={warehouses}
        filter={filter}
        onFilter={setFilter}
        chosen={chosen}
        onChoose={choose}
        mayPromote={may("promote", "stages")}
        side={<Side look={look} onLook={take} />}
      />
      {freight ? (
        <div className={styles.chosen}>
          <Flag of={freight.name} />
          <span className="truncate">
            {may("promote", "stages") ? "Choose a Stage for" : "Where it may go:"} <Link to={at.freight(project, freight.name)}>{freight.alias}</Link>
          </span>
          <Button look="quiet" small onClick={() => choose(undefined)}>
            Cancel
          </Button>
        </div>
      ) : null}
      {view.stages.length + view.warehouses.length === 0 ? (
        <Empty title="This project is empty" acts={!may("create", "stages") ? null : <LinkButton to={`/create?project=${encodeURIComponent(project)}`} look="primary">Set up a pipeline</LinkButton>}>
          <p>A pipeline begins with a Warehouse, which watches repositories, and a first Stage.</p>
        </Empty>
      ) : look === "graph" ? (
        <Graph {...shared} shape={shape} />
      ) : (
        <StageList {...shared} />
      )}
    </div>
  );
}

export default function PipelinePage() {
  const { project = "" } = useParams();
  const found = usePipeline(project);
  const view = useMemo(() => (found.data ? pipelineView(found.data) : undefined), [found.data]);
  useEffect(() => {
    document.title = `${project} · Argosy`;
  }, [project]);
  if (found.error && !view) return <Trouble page error={found.error} retry={() => void found.refetch()} />;
  if (!view) return <Loading />;
  return <Shown key={project} view={view} />;
}
