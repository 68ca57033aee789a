/** What a list of Projects says of each. */
import type { Project } from "~/api/types";

import type { Tone } from "./health";

export interface Counted {
  count: number;
  healthy: number;
}

export interface ProjectRow {
  name: string;
  uid: string;
  created: string | undefined;
  stages: Counted;
  warehouses: Counted;
  tone: Tone;
  /** The state in a word or two, for those who do not see colours. */
  state: string;
  /** What keeps it from being used, in the server's words. */
  trouble: string | undefined;
}

const counted = (kind: { count?: number; health?: { healthy?: number } } | undefined): Counted => ({
  count: kind?.count ?? 0,
  healthy: Math.min(kind?.health?.healthy ?? 0, kind?.count ?? 0),
});

export function projectRow(project: Project): ProjectRow {
  const { metadata, status } = project;
  const stages = counted(status?.stats?.stages);
  const warehouses = counted(status?.stats?.warehouses);
  const ready = status?.conditions?.find((each) => each.type === "Ready");
  const trouble = ready?.status === "False" ? (ready.message ?? ready.reason) : undefined;
  return {
    name: metadata.name,
    uid: metadata.uid ?? metadata.name,
    created: metadata.creationTimestamp,
    stages,
    warehouses,
    trouble,
    ...state(project, stages, warehouses, trouble),
  };
}

function state(
  { metadata }: Project,
  stages: Counted,
  warehouses: Counted,
  trouble: string | undefined,
): Pick<ProjectRow, "tone" | "state"> {
  if (metadata.deletionTimestamp) return { tone: "busy", state: "Being deleted" };
  if (trouble) return { tone: "bad", state: "Not ready" };
  if (warehouses.healthy < warehouses.count) return { tone: "bad", state: "A warehouse has trouble" };
  if (stages.count === 0) return { tone: "idle", state: "Empty" };
  if (stages.healthy === stages.count) return { tone: "good", state: "Healthy" };
  return stages.healthy === 0 ? { tone: "idle", state: "Nothing is healthy yet" } : { tone: "warn", state: "Partly healthy" };
}

/** `2 of 3 stages healthy`. */
export function told({ count, healthy }: Counted, noun: string): string {
  if (count === 0) return `no ${noun}s`;
  const nouns = count === 1 ? noun : `${noun}s`;
  return healthy === count ? `${count} ${nouns}, healthy` : `${healthy} of ${count} ${nouns} healthy`;
}

/** The namespaces in which somebody has a role: the Projects that they may look into, where they may not list all. */
export function ownProjects(accounts: readonly string[] = [], username = ""): string[] {
  const token = /^system:serviceaccount:([^:]+):/.exec(username)?.[1];
  const own = [...accounts.map((each) => each.split("/")[0] ?? ""), ...(token ? [token] : [])];
  return [...new Set(own.filter(Boolean))].sort();
}
