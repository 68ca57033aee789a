/** Which stages there are, in which order, and what moves versions on. */
import { Button } from "~/design/Button";
import { SelectField, TextField } from "~/design/Field";
import { Icon } from "~/design/Icon";
import { newStage, row, type StageDraft } from "~/model/blueprint";

import type { AskProps } from "./ask";
import styles from "./Create.module.css";

const ROWS = [["dev", "staging", "prod"], ["staging", "prod"], ["prod"]] as const;

export function Stages({ draft, change, faults }: AskProps) {
  const { stages } = draft;
  const setStages = (next: StageDraft[]) => change((now) => ({ ...now, stages: next }));
  const replace = (stage: StageDraft) => setStages(stages.map((each) => (each.id === stage.id ? stage : each)));
  const remove = (stage: StageDraft) =>
    setStages(stages.filter((each) => each !== stage).map((each) => (each.after === stage.id ? { ...each, after: stage.after } : each)));
  return (
    <>
      <div className={styles.add}>
        <span className="dim">Begin with</span>
        {ROWS.map((names) => (
          <Button key={names.join()} small onClick={() => setStages(row(names))}>
            {names.join(" → ")}
          </Button>
        ))}
      </div>
      <div className={styles.group}>
        {faults.stages ? <p className={styles.fault}>{faults.stages}</p> : null}
        {stages.map((stage, index) => (
          <StageFields key={stage.id} {...{ stage, index, stages, faults }} onChange={replace} onRemove={() => remove(stage)} />
        ))}
        <div className={styles.add}>
          <Button small onClick={() => setStages([...stages, newStage("", stages.at(-1)?.id ?? "", false)])}>
            <Icon name="plus" />
            Stage
          </Button>
        </div>
      </div>
    </>
  );
}

interface StageProps {
  stage: StageDraft;
  index: number;
  stages: StageDraft[];
  faults: AskProps["faults"];
  onChange: (stage: StageDraft) => void;
  onRemove: () => void;
}

function StageFields({ stage, index, stages, faults, onChange, onRemove }: StageProps) {
  const set = (part: Partial<StageDraft>) => onChange({ ...stage, ...part });
  const before = stages.find((each) => each.id === stage.after);
  const others = stages.filter((each) => each !== stage).map((each) => [each.id, each.name || "(no name yet)"] as const);
  return (
    <fieldset className={styles.item}>
      <legend className={styles.kind}>
        <Icon name="stage" />
        {stage.name || `Stage ${index + 1}`}
      </legend>
      {stages.length > 1 ? (
        <Button look="quiet" small icon className={styles.remove} label={`Remove ${stage.name || "this stage"}`} onClick={onRemove}>
          <Icon name="bin" />
        </Button>
      ) : null}
      <div className={styles.four}>
        <TextField label="Name" value={stage.name} fault={faults[`stages.${stage.id}.name`]} onChange={(name) => set({ name: name.trim() })} />
        <SelectField
          label="Takes versions from"
          value={stage.after}
          options={[["", "What is watched"], ...others]}
          onChange={(after) => set({ after })}
        />
        <SelectField
          label="Moves"
          value={stage.auto ? "auto" : "told"}
          options={[
            ["auto", "By itself"],
            ["told", "When told"],
          ]}
          onChange={(how) => set({ auto: how === "auto" })}
        />
        {before ? (
          <TextField
            label="Soak time"
            placeholder="none"
            hint={`In ${before.name || "it"} first, such as 30m`}
            value={stage.soak}
            fault={faults[`stages.${stage.id}.soak`]}
            onChange={(soak) => set({ soak: soak.trim() })}
          />
        ) : null}
      </div>
    </fieldset>
  );
}
