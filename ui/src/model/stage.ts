/** What went wrong in a Stage, as people would tell it. */
import type { Stage } from "~/api/types";

export interface Failed {
  promotion: string;
  freight: string;
  phase: string;
  message: string;
}

/** The last Promotion, where it failed. */
export function lastFailed(stage: Stage): Failed | undefined {
  const last = stage.status?.lastPromotion;
  const phase = last?.status?.phase ?? "";
  if (!last || !["Failed", "Errored"].includes(phase)) return undefined;
  return { promotion: last.name, freight: last.freight?.name ?? "", phase, message: last.status?.message ?? "" };
}

/** What its health checks complain of; that they cannot be made since a Promotion runs or failed says nothing beside that. */
export function healthIssues(stage: Stage): string[] {
  const { issues = [], status } = stage.status?.health ?? {};
  const told = stage.status?.currentPromotion ? /promotion is currently in progress/i : lastFailed(stage) ? /last promotion did not succeed/i : undefined;
  return told && status === "Unknown" ? issues.filter((each) => !told.test(each)) : issues;
}
