/** The steps of a promotion: how far it is, how long each took, and what each says. */
import { Fragment } from "react";

import { StateDot } from "~/design/Badge";
import { Panel } from "~/design/Page";
import { useNow } from "~/design/Time";
import type { StepView } from "~/model/promotion";
import { lasted } from "~/model/time";

import styles from "./Promotion.module.css";

interface StepListProps {
  steps: readonly StepView[];
  chosen: string | undefined;
  onChoose: (alias: string | undefined) => void;
}

function Row({ step, isChosen, onChoose }: { step: StepView; isChosen: boolean; onChoose: () => void }) {
  const now = useNow();
  const isFuture = !step.startedAt && step.mark.tone === "idle";
  return (
    <button
      type="button"
      className={`${styles.step} ${isFuture ? styles.future : ""}`}
      aria-current={isChosen}
      onClick={onChoose}
    >
      <StateDot mark={step.mark} wordless />
      <span className="truncate">
        <span className={styles.uses}>{step.uses}</span>
        <span className={styles.alias}>{step.name}</span>
      </span>
      <span className={styles.time}>
        {step.mark.word === "Skipped" ? "skipped" : lasted(step.startedAt, step.finishedAt, now)}
      </span>
      {step.message ? <span className={styles.message}>{step.message}</span> : null}
    </button>
  );
}

export function StepList({ steps, chosen, onChoose }: StepListProps) {
  return (
    <Panel className={styles.steps}>
      <ol aria-label="Steps">
        {steps.map((step, index) => (
          <Fragment key={step.alias}>
            {step.task && step.task !== steps[index - 1]?.task ? (
              <li className={styles.task}>
                Task <code>{step.task}</code>
              </li>
            ) : null}
            <li>
              <Row
                step={step}
                isChosen={step.alias === chosen}
                onChoose={() => onChoose(step.alias === chosen ? undefined : step.alias)}
              />
            </li>
          </Fragment>
        ))}
        {steps.length === 0 ? <li className={styles.task}>This promotion has no steps.</li> : null}
      </ol>
    </Panel>
  );
}
