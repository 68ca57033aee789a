/** What a promotion would do: each thing outside that it would change, with its diff. */
import type { Plan, PlannedStep } from "~/api/promote";
import { StateDot } from "~/design/Badge";
import { Diff } from "~/design/Diff";
import { Notice } from "~/design/State";
import { phaseMark } from "~/model/health";
import { detailLines, joined, planTotals } from "~/model/plan";

import styles from "./Promote.module.css";

function Change({ change }: { change: PlannedStep["changes"][number] }) {
  const details = detailLines(change.details);
  return (
    <div className={styles.change}>
      <p className={styles.target}>
        Would <b>{change.verb}</b> <code>{change.target}</code>
      </p>
      {details.length > 0 ? (
        <dl className={styles.details}>
          {details.map(([name, value]) => (
            <div key={name} style={{ display: "contents" }}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      ) : null}
      {change.diff ? <Diff text={change.diff} /> : null}
    </div>
  );
}

function Step({ step }: { step: PlannedStep }) {
  return (
    <li className={styles.step}>
      <div className={styles.stephead}>
        <StateDot mark={phaseMark(step.status)} wordless />
        <b>{step.uses}</b>
        <code>{step.alias}</code>
      </div>
      {step.message ? <Notice tone={["Failed", "Errored"].includes(step.status) ? "bad" : "plain"}>{step.message}</Notice> : null}
      {step.waitsFor ? <Notice icon="clock">Would wait for {step.waitsFor}</Notice> : null}
      {joined(step.dependsOn) ? <Notice icon="alert">Depends on {joined(step.dependsOn)}</Notice> : null}
      {joined(step.unclearWithout) ? <Notice icon="alert">Not clear without {joined(step.unclearWithout)}</Notice> : null}
      {step.changes.map((change) => (
        <Change key={`${change.verb} ${change.target}`} change={change} />
      ))}
    </li>
  );
}

export function PlanView({ plan }: { plan: Plan }) {
  const { telling, quiet, files, added, removed } = planTotals(plan);
  const failed = plan.phase === "Failed" || plan.phase === "Errored";
  return (
    <>
      {failed ? (
        <Notice tone="bad">
          <p>This promotion would fail{plan.message ? `: ${plan.message}` : "."}</p>
        </Notice>
      ) : null}
      <h3 className={styles.title}>
        {plan.changes ? "What would change" : "Nothing would change"}
        {files > 0 ? (
          <span className="dim">
            {" "}
            · {files} {files === 1 ? "file" : "files"}, +{added} −{removed}
          </span>
        ) : null}
      </h3>
      {!plan.changes && !failed ? (
        <p className="dim">Everything is as this promotion would make it. Promoting records the Freight all the same.</p>
      ) : null}
      <ol className={styles.steps}>
        {telling.map((step) => (
          <Step key={step.alias} step={step} />
        ))}
        {quiet.length > 0 ? (
          <li>
            <details className={styles.quiet}>
              <summary>
                {quiet.length} {quiet.length === 1 ? "step prepares" : "steps prepare"} this and {quiet.length === 1 ? "changes" : "change"} nothing outside
              </summary>
              <ol>
                {quiet.map((step) => (
                  <li key={step.alias}>
                    {step.uses} <code>{step.alias}</code>
                    {step.status === "Skipped" ? " · skipped" : ""}
                  </li>
                ))}
              </ol>
            </details>
          </li>
        ) : null}
      </ol>
    </>
  );
}
