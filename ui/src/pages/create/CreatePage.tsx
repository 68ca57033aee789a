/** Makes a pipeline of a few answers: what is watched, which stages there are, and how they are changed. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useSearchParams } from "react-router";

import { ApiError, path, request } from "~/api/client";
import { Button } from "~/design/Button";
import { Page } from "~/design/Page";
import { Refusal } from "~/design/State";
import { useLint } from "~/design/useLint";
import { type Fault, faultsOfProblems, faultsOfResults, projectNameOf } from "~/model/applied";
import { type Faults, faultsOf, type Part, partOf } from "~/model/blueprintFaults";
import { manifestsOf } from "~/model/blueprintYaml";

import type { AskProps } from "./ask";
import { Check } from "./Check";
import styles from "./Create.module.css";
import { Done } from "./Done";
import { forgetDraft, type Opener, useDraft } from "./draft";
import { How } from "./How";
import { credentialsOf, perform } from "./perform";
import { Sketch } from "./Sketch";
import { Stages } from "./Stages";
import { What } from "./What";

type Step = Part | "check";

const STEPS: readonly { step: Step; name: string }[] = [
  { step: "what", name: "What to deliver" },
  { step: "stages", name: "Stages" },
  { step: "how", name: "How they change" },
  { step: "check", name: "Check and create" },
];

const ASK = { what: What, stages: Stages, how: How };

export default function CreatePage() {
  const given = useSearchParams()[0].get("project") || undefined;
  const [made, setMade] = useState<string>();
  if (made)
    return (
      <Page title={`${made} is set up`} about="What happens now:">
        <Done project={made} />
      </Page>
    );
  return <Questions key={given} given={given} onMade={setMade} />;
}

interface QuestionsProps {
  /** The Project to fill; without it, a new one is made. */
  given: string | undefined;
  onMade: (project: string) => void;
}

function Questions({ given, onMade }: QuestionsProps) {
  const isThere = given !== undefined;
  const [draft, setDraft] = useDraft(given);
  const [step, setStep] = useState<Step>("what");
  const [tried, setTried] = useState<ReadonlySet<Step>>(new Set());
  const [openers, setOpeners] = useState<Record<string, Opener>>({});
  const [byHand, setByHand] = useState<string>();
  const [taken, setTaken] = useState<string>();
  const form = useRef<HTMLDivElement>(null);
  const all: Faults = { ...faultsOf(draft), ...(taken && taken === draft.project ? { project: TAKEN } : {}) };
  const shown = Object.fromEntries(Object.entries(all).filter(([field]) => tried.has(partOf(field))));
  const generated = manifestsOf(draft, isThere);
  const text = byHand ?? generated;

  const open: AskProps["open"] = (address, opener) =>
    setOpeners(({ [address]: _, ...rest }) => (opener ? { ...rest, [address]: opener } : rest));

  async function go(to: Step): Promise<void> {
    const now = STEPS.findIndex((each) => each.step === step);
    const wanted = STEPS.findIndex((each) => each.step === to);
    if (wanted > now) {
      const left = STEPS.slice(0, wanted).map((each) => each.step);
      setTried((was) => new Set([...was, ...left]));
      const bad = left.find((each) => Object.keys(all).some((field) => partOf(field) === each));
      const known = bad ?? (!isThere && (await isTaken(draft.project)) ? "what" : undefined);
      if (!bad && known) setTaken(draft.project);
      if (known) {
        setStep(known);
        setTimeout(() => form.current?.querySelector<HTMLElement>("[aria-invalid], [aria-describedby$=f] input")?.focus());
        return;
      }
    }
    setStep(to);
    scrollTo({ top: 0 });
  }

  const Ask = step === "check" ? undefined : ASK[step];
  const at = STEPS.findIndex((each) => each.step === step);
  return (
    <Page title="New pipeline" about="From nothing to a version in production: four short steps, and nothing is made before the last one.">
      <nav aria-label="Steps" className={styles.steps}>
        {STEPS.map((each, index) => (
          <button
            key={each.step}
            type="button"
            aria-current={each.step === step ? "step" : undefined}
            data-done={index < at || undefined}
            onClick={() => void go(each.step)}
          >
            <span className={styles.number}>{index + 1}</span>
            {each.name}
          </button>
        ))}
      </nav>
      <Sketch draft={draft} />
      <div ref={form} className={styles.form} key={step}>
        {Ask ? (
          <form
            noValidate
            className={styles.form}
            onSubmit={(event) => {
              event.preventDefault();
              void go(STEPS[at + 1]?.step ?? "check");
            }}
          >
            <Ask draft={draft} isThere={isThere} change={setDraft} faults={shown} openers={openers} open={open} />
            <div className={styles.foot}>
              {at > 0 ? <Button onClick={() => void go(STEPS[at - 1]?.step ?? "what")}>Back</Button> : null}
              <Button look="primary" type="submit">
                Continue
              </Button>
            </div>
          </form>
        ) : (
          <Finish
            text={text}
            changedByHand={byHand !== undefined && byHand !== generated}
            onText={(now) => setByHand(now === generated ? undefined : now)}
            onAgain={() => setByHand(undefined)}
            project={given}
            credentials={credentialsOf(draft, openers)}
            onBack={() => void go("how")}
            onMade={onMade}
          />
        )}
      </div>
    </Page>
  );
}

const TAKEN = "There is a project of this name. Choose another one.";

async function isTaken(project: string): Promise<boolean> {
  try {
    await request(path`/v1beta1/projects/${project}`);
    return true;
  } catch {
    // Not there, or not to be seen: what is refused is told when it is made.
    return false;
  }
}

interface FinishProps {
  /** The Project that is there already. */
  project: string | undefined;
  text: string;
  changedByHand: boolean;
  onText: (text: string) => void;
  onAgain: () => void;
  credentials: ReturnType<typeof credentialsOf>;
  onBack: () => void;
  onMade: (project: string) => void;
}

function Finish({ project: given, text, changedByHand, onText, onAgain, credentials, onBack, onMade }: FinishProps) {
  const queries = useQueryClient();
  const lint = useLint(text, given ?? "");
  const project = given ?? projectNameOf(text) ?? "";
  const [refused, setRefused] = useState<{ text: string; faults: readonly Fault[] }>();
  const apply = useMutation({
    mutationFn: () => perform({ project, isThere: given !== undefined, text, credentials }),
    onSuccess: (results) => {
      const faults = faultsOfResults(text, results);
      setRefused({ text, faults });
      void queries.invalidateQueries({ queryKey: ["projects"] });
      if (faults.length > 0) return;
      forgetDraft();
      onMade(project);
    },
    onError: (error) => {
      const problems = error instanceof ApiError ? error.problems : [];
      setRefused({ text, faults: faultsOfProblems(text, error.message, problems) });
    },
  });
  const ended = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (apply.isError) ended.current?.scrollIntoView({ block: "nearest" });
  }, [apply.isError]);
  const faults = refused?.text === text && refused.faults.length > 0 ? refused.faults : lint.faults;
  const wrong = lint.faults.some((each) => each.severity === "error");
  return (
    <>
      <Check {...{ text, changedByHand, onText, onAgain, faults }} pending={lint.pending} secrets={credentials.length} file="pipeline.yaml" />
      <div ref={ended}>{apply.error && refused?.text === text ? <Refusal error={apply.error} /> : null}</div>
      <div className={styles.foot}>
        <Button onClick={onBack}>Back</Button>
        <Button look="primary" disabled={apply.isPending || wrong || !project} onClick={() => apply.mutate()}>
          {apply.isPending ? "Creating …" : "Create the pipeline"}
        </Button>
      </div>
    </>
  );
}
