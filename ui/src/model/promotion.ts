/** A promotion, step by step. */
import type { Promotion, PromotionStep } from "~/api/types";

import { safeLink } from "./address";
import { type Mark, phaseMark } from "./health";

export interface OutputLink {
  title: string;
  href: string;
}

export interface StepView {
  alias: string;
  /** The task that the step came with. */
  task: string;
  name: string;
  uses: string;
  mark: Mark;
  startedAt?: string;
  finishedAt?: string;
  message: string;
  errors: number;
  /** How many errors it may have before it fails. */
  patience: number;
  continues: boolean;
  condition?: string;
  config?: unknown;
  outputs?: Record<string, unknown>;
  links: OutputLink[];
}

const LATER: Mark = { tone: "idle", word: "To come" };

function stepMark(status: string | undefined, phase: string | undefined): Mark {
  if (status) return phaseMark(status);
  return phase && ["Failed", "Errored", "Aborted"].includes(phase) ? { tone: "idle", word: "Not reached" } : LATER;
}

/** Every address of the web among the outputs, with its key as the title. */
export function linksIn(value: unknown, title = ""): OutputLink[] {
  if (typeof value === "string") {
    const href = safeLink(value);
    return href ? [{ title: title || "link", href }] : [];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => linksIn(inner, title && key === "url" ? title : key));
}

export function stepViews(promotion: Promotion): StepView[] {
  const { status } = promotion;
  const executed = status?.stepExecutionMetadata ?? [];
  const byAlias = new Map(executed.map((each) => [each.alias, each]));
  return (promotion.spec?.steps ?? []).map((step: PromotionStep, index) => {
    const alias = step.as ?? `step-${index + 1}`;
    const done = byAlias.get(alias) ?? (executed[index]?.alias ? undefined : executed[index]);
    const [task, name] = alias.includes("::") ? [alias.slice(0, alias.indexOf("::")), alias.slice(alias.indexOf("::") + 2)] : ["", alias];
    const outputs = (status?.state as Record<string, unknown> | undefined)?.[alias];
    const known = typeof outputs === "object" && outputs !== null && Object.keys(outputs).length > 0;
    return {
      alias,
      task,
      name,
      uses: step.uses ?? step.task?.name ?? "",
      mark: stepMark(done?.status, status?.phase),
      message: done?.message ?? "",
      errors: done?.errorCount ?? 0,
      patience: step.retry?.errorThreshold ?? 1,
      continues: step.continueOnError ?? false,
      links: linksIn(outputs),
      ...(done?.startedAt ? { startedAt: done.startedAt } : {}),
      ...(done?.finishedAt ? { finishedAt: done.finishedAt } : {}),
      ...(step.if ? { condition: step.if } : {}),
      ...(step.config !== undefined ? { config: step.config } : {}),
      ...(known ? { outputs: outputs as Record<string, unknown> } : {}),
    };
  });
}

/** Which step to look at first: the one that runs, else the one that failed, else none. */
export function stepOfInterest(steps: readonly StepView[]): string | undefined {
  const running = steps.find((each) => each.mark.tone === "busy");
  return (running ?? steps.find((each) => each.mark.tone === "bad"))?.alias;
}

export interface LogLine {
  time: string;
  step: string;
  text: string;
}

const LINE = /^(\d{4}-\d\d-\d\dT[\d:.]+Z) (\S+): (.*)$/;

/** The lines of a log; what continues a line has neither time nor step of its own. */
export function logLines(text: string): LogLine[] {
  if (!text) return [];
  let step = "";
  return text.replace(/\n$/, "").split("\n").map((line) => {
    const read = LINE.exec(line);
    if (!read) return { time: "", step, text: line };
    step = read[2] ?? "";
    return { time: read[1] ?? "", step, text: read[3] ?? "" };
  });
}
