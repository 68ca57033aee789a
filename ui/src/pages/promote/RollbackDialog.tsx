/** Bringing a Stage back to what it used before: see what that would change, then do it. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";

import { path, request } from "~/api/client";
import { useFreightExplanation, useStageExplanation } from "~/api/explain";
import { useHistory } from "~/api/history";
import { rollBack, usePlan } from "~/api/promote";
import type { Promotion } from "~/api/types";
import { Button } from "~/design/Button";
import { CommandLine } from "~/design/CommandLine";
import { Dialog } from "~/design/Dialog";
import { Loading, Notice, Refusal } from "~/design/State";
import { useDone } from "~/design/Toast";
import { said } from "~/model/action";
import { compared } from "~/model/compare";
import { earlier } from "~/model/history";
import { at } from "~/shell/places";

import { Moves } from "./Moves";
import { PlanView } from "./PlanView";
import styles from "./Promote.module.css";

interface RollbackProps {
  project: string;
  stage: string;
  onClose: () => void;
}

/** Which Freight the server would go back to by itself. */
function useDefault(project: string, stage: string) {
  return useQuery({
    queryKey: ["rollback", project, stage],
    queryFn: ({ signal }) =>
      request<Promotion>(path`/v1beta1/projects/${project}/stages/${stage}/rollback`, {
        method: "POST",
        body: { dryRun: true },
        signal,
      }),
    retry: false,
    gcTime: 0,
  });
}

export function RollbackDialog({ project, stage, onClose }: RollbackProps) {
  const navigate = useNavigate();
  const done = useDone();
  const proposed = useDefault(project, stage);
  const [picked, setPicked] = useState<string>();
  const [busy, setBusy] = useState(false);
  const freight = picked ?? proposed.data?.spec?.freight;
  const plan = usePlan(project, stage, freight);
  const whole = useFreightExplanation(project, freight).data;
  const there = useStageExplanation(project, stage).data;
  const history = useHistory(project, stage).data;
  const choices = earlier(history?.pages.flatMap((each) => each.items) ?? [], there?.current.map((each) => each.freight) ?? []);
  const alias = whole?.alias ?? freight?.slice(0, 7) ?? "";
  const current = there?.current.find((each) => each.origin?.name === whole?.origin?.name);

  async function go(): Promise<void> {
    setBusy(true);
    const made = rollBack(project, stage, picked);
    if (await done(made, `Rolling ${stage} back to ${alias}`)) await navigate(at.promotion(project, (await made).metadata.name));
    else setBusy(false);
  }

  const refused = proposed.error && !picked;
  return (
    <Dialog
      wide
      title={freight ? `Roll ${stage} back to ${alias}` : `Roll ${stage} back`}
      about="This is a plan. Nothing has been done yet."
      onClose={onClose}
      left={<CommandLine command={said.rollback(project, stage, picked)} />}
      foot={
        <Button look="primary" disabled={busy || !plan.data} onClick={() => void go()}>
          {busy ? "Rolling back" : "Roll back"}
        </Button>
      }
    >
      {choices.length > 1 ? (
        <label className={styles.now}>
          Back to
          <select className="select" value={freight ?? ""} onChange={(event) => setPicked(event.target.value)}>
            {choices.map((each) => (
              <option key={each.freight} value={each.freight}>
                {each.text}
              </option>
            ))}
          </select>
        </label>
      ) : null}
      {refused ? <Refusal error={proposed.error} /> : null}
      {whole ? <Moves steps={compared(current, whole)} /> : null}
      {there?.autoPromotion && freight ? (
        <Notice icon="pause">Auto-promotion of this Stage is held afterwards, so that what was rolled back does not come again by itself.</Notice>
      ) : null}
      {freight && plan.isPending ? <Loading lines={4} label="Finding out what would change" /> : null}
      {plan.error ? <Refusal error={plan.error} /> : null}
      {plan.data ? <PlanView plan={plan.data} /> : null}
    </Dialog>
  );
}
