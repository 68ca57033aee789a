/** A promotion: its steps as they go, why it waits, what it left, and ending it. */
import { useState } from "react";
import { Link, useParams, useSearchParams } from "react-router";

import { useStageExplanation } from "~/api/explain";
import { useFreight } from "~/api/freight";
import { useLive } from "~/api/live";
import { useLog } from "~/api/log";
import { abort, usePromotion } from "~/api/promote";
import { useMay } from "~/api/rights";
import type { Promotion } from "~/api/types";
import { ArtifactLines } from "~/design/Artifacts";
import { StateDot } from "~/design/Badge";
import { Button, LinkButton } from "~/design/Button";
import { CommandLine } from "~/design/CommandLine";
import { Dialog } from "~/design/Dialog";
import { Flag } from "~/design/Flag";
import { Page } from "~/design/Page";
import { Loading, Notice, Trouble } from "~/design/State";
import { Ago, useNow } from "~/design/Time";
import { useDone } from "~/design/Toast";
import { actorName } from "~/model/actor";
import { said } from "~/model/action";
import { artifactLines } from "~/model/artifact";
import { hasEnded, phaseMark } from "~/model/health";
import { aliasOf } from "~/model/pipeline";
import { stepOfInterest, stepViews } from "~/model/promotion";
import { lasted } from "~/model/time";
import { Reasons } from "~/pages/promote/Reasons";
import { at } from "~/shell/places";

import { LogView } from "./LogView";
import styles from "./Promotion.module.css";
import { StepDetail } from "./StepDetail";
import { StepList } from "./StepList";

function Aborting({ project, name, onClose }: { project: string; name: string; onClose: () => void }) {
  const done = useDone();
  return (
    <Dialog
      title="Abort this promotion?"
      onClose={onClose}
      left={<CommandLine command={said.abort(project, name)} />}
      foot={
        <>
          <Button onClick={onClose}>Let it go on</Button>
          <Button
            look="danger"
            onClick={() => {
              void done(abort(project, name), "The promotion is being aborted");
              onClose();
            }}
          >
            Abort
          </Button>
        </>
      }
    >
      <p>It ends after the step that runs. What its steps have done so far, such as a push, stays.</p>
    </Dialog>
  );
}

/** Why it does not run yet. */
function Waiting({ project, promotion }: { project: string; promotion: Promotion }) {
  const told = useStageExplanation(project, promotion.spec?.stage ?? "").data;
  const why = told?.waiting.find((each) => each.promotion === promotion.metadata.name);
  if (!why || why.reasons.length === 0) return null;
  return (
    <Notice icon="clock">
      <Reasons reasons={why.reasons} />
    </Notice>
  );
}

function About({ promotion }: { promotion: Promotion }) {
  const now = useNow();
  const { status, metadata } = promotion;
  const actor = actorName(metadata.annotations?.["kargo.akuity.io/create-actor"]);
  const from = status?.startedAt ?? metadata.creationTimestamp;
  return (
    <div className={styles.facts}>
      <StateDot mark={phaseMark(status?.phase)} />
      <span>
        {hasEnded(status?.phase) ? "took " : status?.startedAt ? "for " : "waits for "}
        {lasted(from, status?.finishedAt, now)}
      </span>
      <span>
        <Ago time={metadata.creationTimestamp} />, by {actor || "auto-promotion"}
      </span>
    </div>
  );
}

function Shown({ project, promotion }: { project: string; promotion: Promotion }) {
  const { metadata, spec, status } = promotion;
  const { name } = metadata;
  const may = useMay(project);
  const [search, setSearch] = useSearchParams();
  const [asked, setAsked] = useState(false);
  const running = !hasEnded(status?.phase);
  const freight = useFreight(project, spec?.freight).data;
  const log = useLog(project, name, running);
  const steps = stepViews(promotion);
  const picked = search.get("step");
  const chosen = picked === null ? stepOfInterest(steps) : picked || undefined;
  const step = steps.find((each) => each.alias === chosen);
  const alias = freight ? aliasOf(freight) : (spec?.freight ?? "").slice(0, 7);
  const stage = spec?.stage ?? "";

  const choose = (step: string | undefined) =>
    setSearch(
      (was) => {
        was.set("step", step ?? "");
        return was;
      },
      { replace: true },
    );
  const ask = (what: string): string => `?${what}=${encodeURIComponent(stage)}${what === "promote" ? `&freight=${spec?.freight ?? ""}` : ""}`;

  return (
    <Page
      wide
      title={`${alias} to ${stage}`}
      of={project}
      above={
        <>
          <Link to={at.stage(project, stage)}>{stage}</Link> <span>/</span> <span>Promotion</span> <code>{name.split(".").at(-2) ?? name}</code>
        </>
      }
      mark={<Flag of={spec?.freight ?? ""} size={22} />}
      about={<About promotion={promotion} />}
      acts={
        running ? (
          !may("patch", "promotions", name) ? null : <Button look="danger" onClick={() => setAsked(true)}>
            Abort
          </Button>
        ) : !may("promote", "stages", stage) ? null : (
          <>
            <LinkButton to={ask("promote")}>Promote again</LinkButton>
            {status?.phase === "Succeeded" ? <LinkButton to={ask("rollback")}>Roll back {stage}</LinkButton> : null}
          </>
        )
      }
    >
      {running ? <Waiting project={project} promotion={promotion} /> : null}
      {status?.message && status.phase !== "Succeeded" ? (
        <Notice tone={phaseMark(status.phase).tone === "bad" ? "bad" : "plain"}>{status.message}</Notice>
      ) : null}
      <div className={styles.columns}>
        <div className={styles.side}>
          <StepList steps={steps} chosen={chosen} onChoose={choose} />
          {freight ? (
            <div>
              <h2 style={{ marginBottom: 6 }}>
                <Link to={at.freight(project, freight.metadata.name)}>{alias}</Link>
              </h2>
              <ArtifactLines lines={artifactLines(freight)} most={12} />
            </div>
          ) : null}
        </div>
        <div className={styles.side}>
          {step ? <StepDetail step={step} /> : null}
          <LogView log={log} running={running} step={chosen} onAll={() => choose(undefined)} />
        </div>
      </div>
      {asked ? <Aborting project={project} name={name} onClose={() => setAsked(false)} /> : null}
    </Page>
  );
}

export default function PromotionPage() {
  const { project = "", promotion = "" } = useParams();
  useLive(project);
  const found = usePromotion(project, promotion);
  if (found.error && !found.data) return <Trouble page error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <Loading />;
  return <Shown key={promotion} project={project} promotion={found.data} />;
}
