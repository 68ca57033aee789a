/** Promoting Freight to a Stage: choose it, see what would change, then do it. */
import { useState } from "react";
import { useNavigate } from "react-router";

import { type Candidate, type StageExplanation, useFreightExplanation, useStageExplanation } from "~/api/explain";
import { promote, usePlan } from "~/api/promote";
import { ApiError } from "~/api/client";
import { ArtifactLines } from "~/design/Artifacts";
import { Chip } from "~/design/Badge";
import { Button } from "~/design/Button";
import { CommandLine } from "~/design/CommandLine";
import { Dialog } from "~/design/Dialog";
import { Flag } from "~/design/Flag";
import { Loading, Notice, Refusal } from "~/design/State";
import { Ago } from "~/design/Time";
import { useDone } from "~/design/Toast";
import { said } from "~/model/action";
import { artifactLines } from "~/model/artifact";
import { compared } from "~/model/compare";
import { at } from "~/shell/places";

import { Moves } from "./Moves";
import { PlanView } from "./PlanView";
import styles from "./Promote.module.css";
import { Reasons } from "./Reasons";

interface PromoteProps {
  project: string;
  stage: string;
  freight: string | undefined;
  onChoose: (freight: string | undefined) => void;
  onClose: () => void;
}

function Option({ candidate, onChoose }: { candidate: Candidate; onChoose: (freight: string) => void }) {
  const inside = (
    <>
      <Flag of={candidate.freight} />
      <span className={styles.name}>
        <span className="truncate">{candidate.alias || candidate.freight.slice(0, 7)}</span>
        {candidate.automatic ? <Chip tone="busy">comes by itself</Chip> : null}
      </span>
      <span className="dim">
        <Ago time={candidate.discoveredAt} />
      </span>
      <div className={styles.artifacts}>
        <ArtifactLines lines={artifactLines(candidate)} most={4} />
      </div>
      {candidate.available ? null : <Reasons reasons={candidate.reasons} className={styles.reasons} />}
    </>
  );
  if (!candidate.available)
    return (
      <div className={styles.option} aria-disabled="true">
        {inside}
      </div>
    );
  return (
    <button type="button" className={styles.option} onClick={() => onChoose(candidate.freight)}>
      {inside}
    </button>
  );
}

function Choice({ told, onChoose }: { told: StageExplanation; onChoose: (freight: string) => void }) {
  const ready = told.candidates.filter((each) => each.available);
  const others = told.candidates.filter((each) => !each.available);
  return (
    <>
      <div className={styles.now}>
        {told.current.length === 0 ? "Nothing is there yet." : "There now:"}
        {told.current.map((each) => (
          <span key={each.freight} className={styles.name}>
            <Flag of={each.freight} /> {each.alias || each.freight.slice(0, 7)}
          </span>
        ))}
      </div>
      {told.reasons.length > 0 ? (
        <Notice tone="bad">
          <Reasons reasons={told.reasons} />
        </Notice>
      ) : null}
      {ready.length > 0 ? (
        <ul className={styles.options} aria-label="Freight that may come">
          {ready.map((each) => (
            <li key={each.freight}>
              <Option candidate={each} onChoose={onChoose} />
            </li>
          ))}
        </ul>
      ) : told.reasons.length === 0 ? (
        <p>{others.length > 0 ? "None of the newer Freight may come yet." : "There is no newer Freight."}</p>
      ) : null}
      {others.length > 0 ? (
        <>
          <h3 style={{ margin: "16px 0 8px" }}>Not yet</h3>
          <ul className={styles.options}>
            {others.map((each) => (
              <li key={each.freight}>
                <Option candidate={each} onChoose={onChoose} />
              </li>
            ))}
          </ul>
        </>
      ) : null}
      {told.more > 0 ? <p className="dim">and {told.more} more.</p> : null}
    </>
  );
}

function Choosing({ project, stage, onChoose, onClose }: PromoteProps) {
  const told = useStageExplanation(project, stage);
  return (
    <Dialog title={`Promote to ${stage}`} about="Choose what is to come." onClose={onClose}>
      {told.error ? <Refusal error={told.error} /> : told.data ? <Choice told={told.data} onChoose={onChoose} /> : <Loading lines={3} />}
    </Dialog>
  );
}

function Confirming({ project, stage, freight = "", onChoose, onClose }: PromoteProps) {
  const navigate = useNavigate();
  const done = useDone();
  const plan = usePlan(project, stage, freight);
  const whole = useFreightExplanation(project, freight).data;
  const there = useStageExplanation(project, stage).data;
  const [busy, setBusy] = useState(false);
  const alias = whole?.alias ?? plan.data?.freight.alias ?? freight.slice(0, 7);
  const current = there?.current.find((each) => each.origin?.name === whole?.origin?.name);
  const refused = plan.error instanceof ApiError && plan.error.status >= 400 && plan.error.status < 500;

  async function go(): Promise<void> {
    setBusy(true);
    const made = promote(project, stage, freight);
    if (await done(made, `Promoting ${alias} to ${stage}`)) await navigate(at.promotion(project, (await made).metadata.name));
    else setBusy(false);
  }

  return (
    <Dialog
      wide
      title={`Promote ${alias} to ${stage}`}
      about="This is a plan. Nothing has been done yet."
      onClose={onClose}
      left={<CommandLine command={said.promote(project, stage, alias)} />}
      foot={
        <>
          <Button onClick={() => onChoose(undefined)}>Other Freight</Button>
          <Button look="primary" disabled={busy || plan.isPending || refused} onClick={() => void go()}>
            {busy ? "Promoting" : "Promote"}
          </Button>
        </>
      }
    >
      {whole ? <Moves steps={compared(current, whole)} /> : null}
      {plan.isPending ? (
        <div className={styles.waiting} role="status">
          Finding out what would change…
        </div>
      ) : null}
      {plan.error ? <Refusal error={plan.error} /> : null}
      {plan.data ? <PlanView plan={plan.data} /> : null}
    </Dialog>
  );
}

export function PromoteDialog(props: PromoteProps) {
  return props.freight ? <Confirming {...props} /> : <Choosing {...props} />;
}
