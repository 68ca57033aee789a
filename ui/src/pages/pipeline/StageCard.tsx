/** One Stage: what it runs, how it is, what goes on, and, while Freight is chosen, whether that may come here. */
import { memo, useState } from "react";
import { Link } from "react-router";

import type { Whereabouts } from "~/api/explain";
import { useMay } from "~/api/rights";
import { ArtifactLines } from "~/design/Artifacts";
import { Chip, StateDot } from "~/design/Badge";
import { Button } from "~/design/Button";
import { Flag } from "~/design/Flag";
import { Icon } from "~/design/Icon";
import { Ago } from "~/design/Time";
import type { StageView } from "~/model/pipeline";
import { sentence } from "~/model/sentence";
import { at } from "~/shell/places";

import { endDrag, FREIGHT_TYPE } from "./drag";
import styles from "./StageCard.module.css";
import { StageMenu } from "./StageMenu";

interface StageCardProps {
  project: string;
  stage: StageView;
  faint: boolean;
  /** What the server says of the chosen Freight and this Stage; undefined while none is chosen. */
  offer: Whereabouts | "loading" | "uninterested" | undefined;
  onPromote: (stage: string, freight?: string) => void;
}

function Foot({ project, stage, offer, onPromote }: StageCardProps) {
  if (offer === "loading") return <span className="dim">…</span>;
  if (offer === "uninterested") return <span className={styles.why}>Takes no Freight of this Warehouse.</span>;
  if (offer) return <Offered project={project} stage={stage} offer={offer} onPromote={onPromote} />;
  if (stage.running) {
    const { alias, step, steps, phase } = stage.running;
    return (
      <Link to={at.promotion(project, stage.running.promotion)} className={`${styles.run} ${styles.above}`}>
        <StateDot mark={{ tone: phase === "Running" ? "busy" : "idle", word: phase }} wordless />
        <span className="truncate">
          {phase === "Running" ? `Promoting ${alias}` : `${alias} waits`}
          {steps > 0 && phase === "Running" ? ` · step ${Math.min(step, steps)} of ${steps}` : ""}
        </span>
      </Link>
    );
  }
  return <Gates project={project} stage={stage} onPromote={onPromote} />;
}

function Gates({ project, stage, onPromote }: Pick<StageCardProps, "project" | "stage" | "onPromote">) {
  const may = useMay(project)("promote", "stages", stage.name);
  return (
    <>
      {stage.lastFailed ? (
        <Link className={styles.above} to={at.promotion(project, stage.lastFailed)}>
          <Chip tone="bad">promotion failed</Chip>
        </Link>
      ) : null}
      {stage.trouble ? (
        <Chip tone="bad" title={stage.trouble}>
          not ready
        </Chip>
      ) : null}
      {stage.held.length > 0 ? (
        <Chip tone="warn" title={`Auto-promotion is held for ${stage.held.join(", ")}`}>
          held
        </Chip>
      ) : null}
      {stage.auto ? <Chip title="Takes new Freight by itself">auto</Chip> : null}
      {stage.gates.map((each) => (
        <Chip key={each} title="What Freight must pass to come here">
          {each}
        </Chip>
      ))}
      {stage.newer > 0 && !may ? <Chip title="Newer Freight than what is here">{stage.newer} newer</Chip> : null}
      {stage.newer > 0 && may ? (
        <Button look="quiet" small className={`${styles.above} ${styles.push}`} onClick={() => onPromote(stage.name)}>
          {stage.newer} newer
          <Icon name="chevron" size={12} />
        </Button>
      ) : null}
    </>
  );
}

function Offered({ project, stage, offer, onPromote }: Omit<StageCardProps, "faint" | "offer"> & { offer: Whereabouts }) {
  const may = useMay(project)("promote", "stages", stage.name);
  if (offer.available && offer.state !== "here" && !stage.isControlFlow && !may) return <Chip tone="good">may go here</Chip>;
  if (offer.available && !stage.isControlFlow && may)
    return (
      <>
        {offer.state === "here" ? <Chip tone="good">here</Chip> : offer.state === "was" ? <Chip>was here</Chip> : null}
        <Button look={offer.state === "here" ? "plain" : "primary"} small className={`${styles.above} ${styles.push}`} onClick={() => onPromote(stage.name)}>
          {offer.state === "here" ? "Promote again" : "Promote here"}
        </Button>
      </>
    );
  if (offer.state === "here") return <Chip tone="good">here</Chip>;
  if (stage.isControlFlow) return <span className={styles.why}>{offer.state === "was" ? "Has passed it on." : "Passes Freight on by itself."}</span>;
  return (
    <span className={styles.why} title={offer.reasons.map((each) => each.message).join("\n")}>
      {sentence(offer.reasons[0]?.message) || (offer.state === "was" ? "Was here." : "")}
    </span>
  );
}

export const StageCard = memo(function StageCard(props: StageCardProps) {
  const { project, stage, faint, offer, onPromote } = props;
  const [over, setOver] = useState(false);
  const may = useMay(project)("promote", "stages", stage.name);
  const isOffered = typeof offer === "object" && offer.available && offer.state !== "here" && !stage.isControlFlow;
  const names = [styles.card, faint && styles.faint, isOffered && styles.offered, over && styles.over];
  const [first, ...more] = stage.freight;
  return (
    <article
      className={names.filter(Boolean).join(" ")}
      aria-label={`Stage ${stage.name}`}
      data-stage={stage.name}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes(FREIGHT_TYPE) || stage.isControlFlow || !may) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        setOver(false);
        event.preventDefault();
        endDrag();
        onPromote(stage.name, event.dataTransfer.getData(FREIGHT_TYPE));
      }}
    >
      <div className={styles.head}>
        <h3 className="truncate">
          <Link to={at.stage(project, stage.name)} draggable={false}>
            {stage.name}
          </Link>
        </h3>
        {stage.verification && stage.verification.tone !== "good" ? (
          <Chip tone={stage.verification.tone}>verification {stage.verification.word.toLowerCase()}</Chip>
        ) : (
          <StateDot mark={stage.isControlFlow ? { tone: "idle", word: "Passes on" } : stage.health} />
        )}
        <span className={styles.above}>
          <StageMenu project={project} stage={stage} onPromote={onPromote} />
        </span>
      </div>
      {stage.isControlFlow ? null : (
        <div className={styles.freight}>
          {first ? (
            <>
              <Flag of={first.name} />
              <span className="truncate">
                {first.alias}
                {more.length > 0 ? ` +${more.length}` : ""}
              </span>
              <Ago time={stage.since} />
            </>
          ) : (
            <span className={styles.none}>No Freight yet</span>
          )}
        </div>
      )}
      {stage.isControlFlow ? null : <ArtifactLines lines={stage.artifacts} />}
      <div className={styles.foot}>
        <Foot {...props} />
      </div>
      {stage.running && stage.running.phase === "Running" && stage.running.steps > 0 ? (
        <div className={styles.bar}>
          <i style={{ width: `${Math.min(100, ((stage.running.step - 0.5) / stage.running.steps) * 100)}%` }} />
        </div>
      ) : null}
    </article>
  );
});
