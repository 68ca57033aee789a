/** How far the first version has come, in lines that a newcomer understands. */
import type { PromotionReference, Stage, Warehouse } from "~/api/types";

import { artifactLines } from "./artifact";
import { type Mark, phaseMark } from "./health";

export interface Line {
  mark: Mark;
  name: string;
  text: string;
  /** Where the whole of it is told. */
  to?: string;
}

export function warehouseLine({ metadata, status }: Warehouse, to: string): Line {
  const { name } = metadata;
  const condition = (type: string) => status?.conditions?.find((each) => each.type === type);
  const ready = condition("Ready");
  const healthy = condition("Healthy");
  const failed = [healthy, ready].find((each) => each?.status === "False" && !/progress|pending/i.test(each.reason ?? ""));
  if (failed) return { mark: { tone: "bad", word: "Failed" }, name, text: failed.message ?? "It cannot look.", to };
  if (status?.lastFreightID) return { mark: { tone: "good", word: "Done" }, name, text: "Found the first version." };
  if (status?.discoveredArtifacts) return { mark: { tone: "warn", word: "Waiting" }, name, text: "Looked, and found no version that fits.", to };
  return { mark: { tone: "busy", word: "Looking" }, name, text: "Looks for versions …" };
}

/** The stages in the order in which versions pass them, each with what it does or waits for. */
export function stageLines(stages: readonly Stage[], promotion: (name: string) => string): Line[] {
  const before = (stage: Stage): string[] => stage.spec?.requestedFreight?.flatMap((each) => each.sources?.stages ?? []) ?? [];
  const named = new Map(stages.map((each) => [each.metadata.name, each]));
  const depth = (stage: Stage, seen = 0): number =>
    seen > stages.length ? seen : Math.max(0, ...before(stage).map((name) => named.get(name)).map((each) => (each ? 1 + depth(each, seen + 1) : 0)));
  const has = (name: string) => named.get(name)?.status?.lastPromotion?.status?.phase === "Succeeded";
  return stages
    .map((stage) => ({ stage, at: depth(stage) }))
    .sort((left, right) => left.at - right.at)
    .map(({ stage }) => stageLine(stage, before(stage).filter((name) => !has(name)), promotion));
}

function stageLine({ metadata, spec, status }: Stage, waitsFor: readonly string[], promotion: (name: string) => string): Line {
  const { name } = metadata;
  if (status?.currentPromotion) return { mark: { tone: "busy", word: "Running" }, name, text: "A promotion runs …" };
  const last = status?.lastPromotion;
  const phase = last?.status?.phase;
  if (last && phase === "Succeeded") return { mark: { tone: "good", word: "Done" }, name, text: `Runs ${versionOf(last)}.` };
  if (last && phase) {
    return { mark: phaseMark(phase), name, text: last.status?.message ?? `The promotion is ${phase}.`, to: promotion(last.name) };
  }
  const idle: Mark = { tone: "idle", word: "Waiting" };
  if (waitsFor.length > 0) return { mark: idle, name, text: `Waits for ${waitsFor.join(" and ")}.` };
  if (spec?.requestedFreight?.some((each) => each.sources?.direct)) return { mark: idle, name, text: "Waits for the first version." };
  const told = status?.autoPromotionEnabled ? "Takes it soon, by itself." : "Waits for you: open the pipeline, and promote it when you like.";
  return { mark: idle, name, text: told };
}

function versionOf({ freight }: PromotionReference): string {
  const lines = artifactLines(freight ?? {});
  return lines.map((each) => `${each.name} ${each.version}`).join(", ") || "its first version";
}
