/** Promoting what a Stage has let through to all the Stages after it. */
import { useState } from "react";
import { useNavigate } from "react-router";

import { useFreightExplanation } from "~/api/explain";
import { usePipeline } from "~/api/pipeline";
import { promoteDownstream, usePlan } from "~/api/promote";
import { StateDot } from "~/design/Badge";
import { Button } from "~/design/Button";
import { CommandLine } from "~/design/CommandLine";
import { Dialog } from "~/design/Dialog";
import { Loading, Notice, Refusal } from "~/design/State";
import { useDone } from "~/design/Toast";
import { said } from "~/model/action";
import { pipelineView, stageId } from "~/model/pipeline";
import { at } from "~/shell/places";

import { PlanView } from "./PlanView";
import styles from "./Promote.module.css";
import { Reasons } from "./Reasons";

interface DownstreamProps {
  project: string;
  stage: string;
  freight: string | undefined;
  onClose: () => void;
}

function PlanOf({ project, stage, freight }: { project: string; stage: string; freight: string }) {
  const [open, setOpen] = useState(false);
  const plan = usePlan(project, stage, open ? freight : undefined);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>What would change in {stage}</summary>
      <div style={{ marginTop: 10 }}>
        {plan.error ? <Refusal error={plan.error} /> : plan.data ? <PlanView plan={plan.data} /> : <Loading lines={3} />}
      </div>
    </details>
  );
}

export function DownstreamDialog({ project, stage, freight: given, onClose }: DownstreamProps) {
  const navigate = useNavigate();
  const done = useDone();
  const pipeline = usePipeline(project).data;
  const [busy, setBusy] = useState(false);
  const view = pipeline ? pipelineView(pipeline) : undefined;
  const self = view?.stages.find((each) => each.name === stage);
  const passed = view?.freight.filter((each) => each.verified.includes(stage) || each.stages.includes(stage)) ?? [];
  const freight = given ?? self?.freight[0]?.name ?? passed[0]?.name;
  const told = useFreightExplanation(project, freight).data;
  const after = view?.edges.filter((each) => each.from === stageId(stage)).map((each) => each.to.slice("stage ".length)) ?? [];
  const places = after.map((name) => ({ name, told: told?.stages.find((each) => each.stage === name) }));
  const ready = places.filter((each) => each.told?.available && each.told.state !== "here");
  const alias = told?.alias ?? freight?.slice(0, 7) ?? "";

  async function go(): Promise<void> {
    if (!freight) return;
    setBusy(true);
    const made = promoteDownstream(project, stage, freight);
    if (await done(made, `Promoting ${alias} to what comes after ${stage}`)) await navigate(at.project(project));
    else setBusy(false);
  }

  return (
    <Dialog
      wide
      title={`Promote ${alias} to the Stages after ${stage}`}
      about="Nothing has been done yet."
      onClose={onClose}
      left={<CommandLine command={said.downstream(project, stage, alias)} />}
      foot={
        <Button look="primary" disabled={busy || ready.length === 0} onClick={() => void go()}>
          {ready.length === 0 ? "Nothing to promote" : ready.length === 1 ? "Promote to 1 Stage" : `Promote to ${ready.length} Stages`}
        </Button>
      }
    >
      {view && after.length === 0 ? <Notice>No Stage comes after {stage}.</Notice> : null}
      {view && !freight ? <Notice>{stage} has let no Freight through yet.</Notice> : null}
      {view && freight && !told ? <Loading lines={3} /> : null}
      <ul className={styles.options}>
        {places.map(({ name, told: why }) => (
          <li key={name} className={styles.option}>
            <StateDot mark={why?.available ? { tone: "good", word: "may come" } : { tone: "idle", word: "may not come" }} wordless />
            <span className={styles.name}>{name}</span>
            <span className="dim">{why?.state === "here" ? "is there" : ""}</span>
            {why && !why.available ? <Reasons reasons={why.reasons} className={styles.reasons} /> : null}
            {why?.available && freight ? (
              <div className={styles.reasons}>
                <PlanOf project={project} stage={name} freight={freight} />
              </div>
            ) : null}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
