/** How things are, in one of a few tones. */

export type Tone = "good" | "busy" | "warn" | "bad" | "idle";

export interface Mark {
  tone: Tone;
  word: string;
}

const HEALTH: Readonly<Record<string, Mark>> = {
  Healthy: { tone: "good", word: "Healthy" },
  Progressing: { tone: "busy", word: "Progressing" },
  Unhealthy: { tone: "bad", word: "Unhealthy" },
  NotApplicable: { tone: "idle", word: "No health" },
  Unknown: { tone: "idle", word: "Unknown" },
};

export const healthMark = (status: string | undefined): Mark => HEALTH[status ?? ""] ?? { tone: "idle", word: "Unknown" };

/** The health of a Stage: one that uses nothing is neither well nor unwell. */
export const stageHealthMark = (isEmpty: boolean, status: string | undefined): Mark =>
  isEmpty && ["", "Unknown", "NotApplicable"].includes(status ?? "") ? { tone: "idle", word: "Empty" } : healthMark(status);

const PHASES: Readonly<Record<string, Tone>> = {
  Pending: "idle",
  Running: "busy",
  Succeeded: "good",
  Successful: "good",
  Failed: "bad",
  Errored: "bad",
  Error: "bad",
  Aborted: "warn",
  Skipped: "idle",
  Inconclusive: "warn",
};

/** The mark of a phase of a promotion, a step or a verification. */
export const phaseMark = (phase: string | undefined): Mark => ({
  tone: PHASES[phase ?? ""] ?? "idle",
  word: phase || "Pending",
});

export const hasEnded = (phase: string | undefined): boolean =>
  ["Succeeded", "Failed", "Errored", "Aborted"].includes(phase ?? "");
