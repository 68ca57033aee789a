/** How far the first version has come, in lines that a newcomer understands. */
import type { Stage, Warehouse } from "~/api/types";

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

export function stageLine({ metadata, spec, status }: Stage, promotion: (name: string) => string): Line {
  const { name } = metadata;
  const running = status?.currentPromotion;
  if (running) return { mark: { tone: "busy", word: "Running" }, name, text: "A promotion runs …" };
  const last = status?.lastPromotion;
  const phase = last?.status?.phase;
  if (last && phase === "Succeeded") return { mark: { tone: "good", word: "Done" }, name, text: `Runs ${status?.freightSummary ?? "its first version"}.` };
  if (last && phase) {
    return { mark: phaseMark(phase), name, text: last.status?.message ?? `The promotion is ${phase}.`, to: promotion(last.name) };
  }
  const before = spec?.requestedFreight?.[0]?.sources?.stages;
  const waits = before?.length ? `Waits for ${before.join(" and ")}` : "Waits for the first version";
  const told = status?.autoPromotionEnabled === false ? ", and then for you to promote it" : "";
  return { mark: { tone: "idle", word: "Waiting" }, name, text: `${waits}${told}.` };
}
