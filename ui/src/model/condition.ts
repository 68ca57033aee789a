/** Conditions that somebody should know of. */
import type { Condition } from "~/api/types";

export interface ConditionNote {
  tone: "bad" | "warn";
  text: string;
}

const GOOD_WHEN_FALSE = new Set(["Reconciling", "Stalled"]);
/** Conditions that are often false without anything being wrong. */
const QUIET = new Set(["FreightCreated", "Promoting", "Verified", "Reconciling"]);

export function conditionNotes(conditions: readonly Condition[] | undefined): ConditionNote[] {
  const notes = (conditions ?? []).flatMap(({ type, status, message, reason }): ConditionNote[] => {
    const isGood = status === (GOOD_WHEN_FALSE.has(type) ? "False" : "True");
    if (isGood || status === "Unknown" || QUIET.has(type)) return [];
    return [{ tone: type === "FreightCreationCriteriaSatisfied" ? "warn" : "bad", text: message || reason || type }];
  });
  return [...new Map(notes.map((each) => [each.text, each])).values()];
}
