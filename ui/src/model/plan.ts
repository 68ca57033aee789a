/** A plan, sorted into what is worth reading and what is not. */
import type { Plan, PlannedStep } from "~/api/promote";

import { readDiff } from "./diff";

const tells = (step: PlannedStep): boolean =>
  step.changes.length > 0 ||
  Boolean(step.waitsFor ?? step.dependsOn ?? step.unclearWithout) ||
  !["Succeeded", "Skipped"].includes(step.status);

export interface PlanTotals {
  /** Steps that would change something outside, wait, or fail. */
  telling: PlannedStep[];
  quiet: PlannedStep[];
  files: number;
  added: number;
  removed: number;
}

export function planTotals(plan: Plan): PlanTotals {
  const files = plan.steps.flatMap((step) => step.changes.flatMap((each) => (each.diff ? readDiff(each.diff) : [])));
  return {
    telling: plan.steps.filter(tells),
    quiet: plan.steps.filter((step) => !tells(step)),
    files: files.length,
    added: files.reduce((sum, each) => sum + each.added, 0),
    removed: files.reduce((sum, each) => sum + each.removed, 0),
  };
}

export const joined = (words: string | string[] | undefined): string => (Array.isArray(words) ? words.join(", ") : (words ?? ""));

const spaced = (name: string): string => name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();

/** The details of a change as names and values to read. */
export function detailLines(details: Record<string, unknown> | undefined): [string, string][] {
  return Object.entries(details ?? {}).map(([name, value]) => [
    spaced(name),
    Array.isArray(value)
      ? value.map(String).join(" · ")
      : typeof value === "object" && value !== null
        ? JSON.stringify(value)
        : value === true
          ? "yes"
          : String(value),
  ]);
}
