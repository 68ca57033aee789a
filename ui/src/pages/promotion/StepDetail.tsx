/** One step: its configuration, what it gave, and where that is to be seen. */
import { stringify } from "yaml";

import { StateDot } from "~/design/Badge";
import { Icon } from "~/design/Icon";
import { Panel } from "~/design/Page";
import { Notice } from "~/design/State";
import type { StepView } from "~/model/promotion";

import styles from "./Promotion.module.css";

function Code({ title, value }: { title: string; value: unknown }) {
  return (
    <div>
      <h3>{title}</h3>
      <pre className={styles.code} tabIndex={0} aria-label={title}>
        {stringify(value, { lineWidth: 0 })}
      </pre>
    </div>
  );
}

export function StepDetail({ step }: { step: StepView }) {
  const failed = step.mark.tone === "bad";
  return (
    <Panel className={styles.detail}>
      <h2>
        {step.uses} <StateDot mark={step.mark} />
      </h2>
      {step.message ? <Notice tone={failed ? "bad" : "plain"}>{step.message}</Notice> : null}
      <dl className={styles.facts}>
        <div>
          <dt>Alias</dt>
          <dd>
            <code>{step.alias}</code>
          </dd>
        </div>
        {step.errors > 0 || step.patience > 1 ? (
          <div>
            <dt>Errors</dt>
            <dd>
              {step.errors} of {step.patience}
            </dd>
          </div>
        ) : null}
        {step.condition ? (
          <div>
            <dt>Only if</dt>
            <dd>
              <code>{step.condition}</code>
            </dd>
          </div>
        ) : null}
        {step.continues ? (
          <div>
            <dt>On error</dt>
            <dd>the promotion goes on</dd>
          </div>
        ) : null}
      </dl>
      {step.links.length > 0 ? (
        <div className={styles.links}>
          {step.links.map((each) => (
            <a key={each.href} href={each.href} target="_blank" rel="noreferrer">
              {each.title} <Icon name="link" size={12} />
            </a>
          ))}
        </div>
      ) : null}
      {step.outputs ? <Code title="Outputs" value={step.outputs} /> : null}
      {step.config !== undefined ? <Code title="Configuration, as it is written" value={step.config} /> : null}
    </Panel>
  );
}
