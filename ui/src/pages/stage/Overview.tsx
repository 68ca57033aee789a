/** What a Stage runs, how that is, what goes on, and what could come. */
import { Link } from "react-router";
import { stringify } from "yaml";

import { type Candidate, type Movement, type StageExplanation, useStageExplanation } from "~/api/explain";
import { useMay } from "~/api/rights";
import { abortVerification, reverify } from "~/api/stage";
import type { Stage, VerificationInfo } from "~/api/types";
import { ArtifactLines } from "~/design/Artifacts";
import { Chip, StateDot } from "~/design/Badge";
import { Button, LinkButton } from "~/design/Button";
import { Flag } from "~/design/Flag";
import { Panel } from "~/design/Page";
import { Loading, Notice, Refusal } from "~/design/State";
import { Ago, useNow } from "~/design/Time";
import { useDone } from "~/design/Toast";
import { said } from "~/model/action";
import { actorName } from "~/model/actor";
import { artifactLines } from "~/model/artifact";
import { phaseMark } from "~/model/health";
import { healthIssues, lastFailed } from "~/model/stage";
import { lasted } from "~/model/time";
import { Reasons } from "~/pages/promote/Reasons";
import { at } from "~/shell/places";

import styles from "./Stage.module.css";

interface Given {
  project: string;
  stage: Stage;
}

function Current({ project, told }: { project: string; told: StageExplanation }) {
  if (told.current.length === 0) return <p className={styles.pad}>There is no Freight in it yet.</p>;
  return told.current.map((each) => (
    <div key={each.freight} className={styles.pad}>
      <div className={styles.row}>
        <Link className={styles.name} to={at.freight(project, each.freight)}>
          <Flag of={each.freight} /> {each.alias || each.freight.slice(0, 7)}
        </Link>
        {each.verifiedAt ? <Chip tone="good">verified</Chip> : null}
        <span className={styles.end}>
          <Ago time={each.since} />
        </span>
      </div>
      <ArtifactLines lines={artifactLines(each)} most={12} />
    </div>
  ));
}

function Running({ project, movement }: { project: string; movement: Movement }) {
  return (
    <div className={styles.pad}>
      <div className={styles.row}>
        <StateDot mark={phaseMark(movement.phase)} wordless />
        <Link to={at.promotion(project, movement.promotion)}>{movement.alias || movement.freight.slice(0, 7)}</Link>
        <span className={styles.small}>{movement.phase === "Running" ? "is being promoted" : "waits"}</span>
        <span className={`${styles.small} ${styles.end}`}>{actorName(movement.actor) || "auto-promotion"}</span>
      </div>
      {movement.reasons.length > 0 ? <Reasons reasons={movement.reasons} className={styles.why} /> : null}
    </div>
  );
}

function Verification({ project, stage, last }: { project: string; stage: string; last: VerificationInfo | undefined }) {
  const done = useDone();
  const now = useNow();
  const may = useMay(project)("patch", "stages", stage);
  if (!last) return null;
  const ended = Boolean(last.finishTime);
  return (
    <div className={styles.pad}>
      <div className={styles.row}>
        <StateDot mark={phaseMark(last.phase)} />
        <span className={styles.small}>
          {ended ? "took" : "for"} {lasted(last.startTime, last.finishTime, now)}
          {last.actor ? `, asked for by ${actorName(last.actor)}` : ""}
        </span>
        <span className={styles.end}>
          {!may ? null : ended ? (
            <Button small onClick={() => void done(reverify(project, stage), "It is verified again", said.verify(project, stage))}>
              Verify again
            </Button>
          ) : (
            <Button small look="danger" onClick={() => void done(abortVerification(project, stage), "The verification is being ended", said.abortVerification(project, stage))}>
              Abort
            </Button>
          )}
        </span>
      </div>
      {last.message ? <p className={styles.small}>{last.message}</p> : null}
    </div>
  );
}

function Coming({ stage, candidate, project, first }: { project: string; stage: string; candidate: Candidate; first: boolean }) {
  const may = useMay(project)("promote", "stages", stage);
  return (
    <div className={styles.pad}>
      <div className={styles.row}>
        <Link className={styles.name} to={at.freight(project, candidate.freight)}>
          <Flag of={candidate.freight} /> {candidate.alias || candidate.freight.slice(0, 7)}
        </Link>
        {candidate.automatic ? <Chip tone="busy">comes by itself</Chip> : null}
        <span className={styles.end}>
          {candidate.available && !may ? (
            <Chip tone="good">may come</Chip>
          ) : candidate.available ? (
            <LinkButton small look={first ? "primary" : "plain"} to={`?promote=${encodeURIComponent(stage)}&freight=${candidate.freight}`}>
              Promote
            </LinkButton>
          ) : (
            <Chip tone="warn">not yet</Chip>
          )}
        </span>
      </div>
      <ArtifactLines lines={artifactLines(candidate)} most={4} />
      {candidate.reasons.length > 0 ? <Reasons reasons={candidate.reasons} className={styles.why} /> : null}
    </div>
  );
}

/** Why the last promotion failed, and the way to its log. */
function LastFailed({ project, stage }: Given) {
  const failed = lastFailed(stage);
  if (!failed) return null;
  return (
    <Notice tone="bad">
      <p>
        The last <Link to={at.promotion(project, failed.promotion)}>promotion</Link> {failed.phase === "Failed" ? "failed" : "ended by an error"}.
      </p>
      {failed.message ? <p>{failed.message}</p> : null}
    </Notice>
  );
}

function HealthDetail({ stage }: { stage: Stage }) {
  const output = stage.status?.health?.output;
  const issues = healthIssues(stage);
  return (
    <>
      {issues.length > 0 ? (
        <Notice tone="bad">
          {issues.map((each) => (
            <p key={each}>{each}</p>
          ))}
        </Notice>
      ) : null}
      {output ? (
        <details>
          <summary className={styles.small}>What the health checks found</summary>
          <pre className={styles.code} tabIndex={0}>
            {stringify(output, { lineWidth: 0 })}
          </pre>
        </details>
      ) : null}
    </>
  );
}

function Told({ project, stage, told }: Given & { told: StageExplanation }) {
  const { name } = stage.metadata;
  const moving = [...(told.promotion ? [told.promotion] : []), ...told.waiting];
  return (
    <div className={styles.columns}>
      <div className={styles.stack}>
        {told.reasons.length > 0 ? (
          <Notice tone="bad">
            <Reasons reasons={told.reasons} />
          </Notice>
        ) : null}
        {moving.length > 0 ? null : <LastFailed project={project} stage={stage} />}
        <HealthDetail stage={stage} />
        {moving.length > 0 ? (
          <section className={styles.part}>
            <h2>On its way</h2>
            <Panel>
              {moving.map((each) => (
                <Running key={each.promotion} project={project} movement={each} />
              ))}
            </Panel>
          </section>
        ) : null}
        <section className={styles.part}>
          <h2>There now</h2>
          <Panel>
            <Current project={project} told={told} />
            <Verification project={project} stage={name} last={stage.status?.freightHistory?.[0]?.verificationHistory?.[0]} />
          </Panel>
        </section>
      </div>
      <section className={styles.part}>
        <h2>What could come</h2>
        {told.holds.map((each) => (
          <Notice key={each.origin.name} tone="warn" icon="pause">
            Auto-promotion from {each.origin.name} is held at {each.alias || each.freight.slice(0, 7)}
            {each.actor ? `, which ${actorName(each.actor)} chose` : ""}. Promoting the newest Freight ends that.
          </Notice>
        ))}
        <Panel>
          {told.candidates.map((each) => (
            <Coming
              key={each.freight}
              project={project}
              stage={name}
              candidate={each}
              first={each === told.candidates.find((one) => one.available)}
            />
          ))}
          {told.candidates.length === 0 ? <p className={styles.pad}>Nothing that is newer than what is there.</p> : null}
        </Panel>
        {told.more > 0 ? <p className={styles.small}>and {told.more} more.</p> : null}
        {told.notes.map((each) => (
          <Notice key={each}>{each}</Notice>
        ))}
      </section>
    </div>
  );
}

export function Overview({ project, stage }: Given) {
  const told = useStageExplanation(project, stage.metadata.name);
  if (told.error && !told.data) return <Refusal error={told.error} />;
  if (!told.data) return <Loading lines={5} />;
  return <Told project={project} stage={stage} told={told.data} />;
}
