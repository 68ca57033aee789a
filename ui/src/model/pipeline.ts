/** What the pipeline page shows, made of what the server said. */
import type { Freight, FreightReference, Pipeline, Promotion, Stage, Subscription, Warehouse } from "~/api/types";

import { shortRepo } from "./address";
import { type ArtifactKind, type ArtifactLine, artifactLines } from "./artifact";
import { type Mark, phaseMark, stageHealthMark } from "./health";

export interface FreightTag {
  name: string;
  alias: string;
  origin: string;
}

export interface StageView {
  name: string;
  isControlFlow: boolean;
  health: Mark;
  freight: FreightTag[];
  artifacts: ArtifactLine[];
  since?: string;
  running?: { promotion: string; alias: string; step: number; steps: number; phase: string };
  waiting: number;
  lastFailed?: string;
  verification?: Mark;
  auto: boolean;
  held: string[];
  gates: string[];
  /** How many pieces of newer Freight an upstream has let through. */
  newer: number;
  trouble?: string;
  uid: string;
}

export interface WarehouseView {
  name: string;
  repos: string[];
  mark: Mark;
  message?: string;
  count: number;
}

export interface RepoView {
  id: string;
  kind: ArtifactKind;
  name: string;
  url: string;
}

export interface FreightView {
  name: string;
  alias: string;
  origin: string;
  createdAt: string;
  artifacts: ArtifactLine[];
  stages: string[];
  verified: string[];
  approved: string[];
  text: string;
}

export interface PipelineView {
  project: string;
  repos: RepoView[];
  warehouses: WarehouseView[];
  stages: StageView[];
  freight: FreightView[];
  edges: Edge[];
}

export interface Edge {
  from: string;
  to: string;
}

export const repoId = (kind: ArtifactKind, url: string): string => `repo ${kind} ${url}`;
export const warehouseId = (name: string): string => `warehouse ${name}`;
export const stageId = (name: string): string => `stage ${name}`;

export const aliasOf = (freight: Freight): string =>
  freight.alias || freight.metadata.labels?.["kargo.akuity.io/alias"] || freight.metadata.name.slice(0, 7);

export function freightView(freight: Freight): FreightView {
  const artifacts = artifactLines(freight);
  const alias = aliasOf(freight);
  const words = artifacts.flatMap((each) => [each.repo, each.version, each.full, each.about ?? "", each.author ?? ""]);
  return {
    name: freight.metadata.name,
    alias,
    origin: freight.origin?.name ?? "",
    createdAt: freight.metadata.creationTimestamp ?? "",
    artifacts,
    stages: Object.keys(freight.status?.currentlyIn ?? {}).sort(),
    verified: Object.keys(freight.status?.verifiedIn ?? {}).sort(),
    approved: Object.keys(freight.status?.approvedFor ?? {}).sort(),
    text: [alias, freight.metadata.name, ...words].join("\n").toLowerCase(),
  };
}

const newestFirst = (left: FreightView, right: FreightView): number =>
  right.createdAt.localeCompare(left.createdAt) || right.name.localeCompare(left.name);

function reposOf(subscription: Subscription): RepoView[] {
  const found: RepoView[] = [];
  for (const kind of ["image", "git", "chart"] as const) {
    const given = subscription[kind];
    if (!given) continue;
    const url = given.repoURL;
    const chart = kind === "chart" ? (subscription.chart?.name ?? "") : "";
    const name = chart ? `${shortRepo(url)}/${chart}` : shortRepo(url);
    found.push({ id: repoId(kind, `${url}${chart ? ` ${chart}` : ""}`), kind, name, url });
  }
  return found;
}

export function warehouseMark(warehouse: Warehouse): Mark {
  const conditions = warehouse.status?.conditions ?? [];
  const healthy = conditions.find((each) => each.type === "Healthy");
  if (healthy?.status === "False") return { tone: "bad", word: "Failing" };
  if (conditions.some((each) => each.type === "Reconciling" && each.status === "True")) return { tone: "busy", word: "Looking" };
  return healthy ? { tone: "good", word: "Healthy" } : { tone: "idle", word: "New" };
}

function warehouseView(warehouse: Warehouse, count: number): WarehouseView {
  const mark = warehouseMark(warehouse);
  const message = warehouse.status?.conditions?.find((each) => each.type === "Healthy")?.message;
  return {
    name: warehouse.metadata.name,
    repos: (warehouse.spec?.subscriptions ?? []).flatMap(reposOf).map((each) => each.id),
    mark,
    ...(mark.tone === "bad" && message ? { message } : {}),
    count,
  };
}

function tag(reference: FreightReference, known: ReadonlyMap<string, FreightView>): FreightTag {
  const name = reference.name ?? "";
  return { name, alias: known.get(name)?.alias ?? name.slice(0, 7), origin: reference.origin?.name ?? "" };
}

/** What Freight must have passed to come into a Stage, in few words. */
export function gatesOf(stage: Stage): string[] {
  const gates: string[] = [];
  for (const request of stage.spec?.requestedFreight ?? []) {
    const sources = request.sources ?? {};
    if (sources.requiredSoakTime) gates.push(`soak ${sources.requiredSoakTime}`);
    if (sources.availabilityStrategy === "All" && (sources.stages?.length ?? 0) > 1) gates.push("all upstreams");
  }
  if (stage.spec?.verification) gates.push("verification");
  return [...new Set(gates)];
}

/** Whether a source of the Stage has let the Freight through; time and approval by policy are the server's to judge. */
function letThrough(freight: FreightView, stage: Stage): boolean {
  if (freight.approved.includes(stage.metadata.name)) return true;
  const request = stage.spec?.requestedFreight?.find((each) => each.origin.name === freight.origin);
  if (!request) return false;
  if (request.sources?.direct) return true;
  const upstream = request.sources?.stages ?? [];
  const has = (name: string) => freight.verified.includes(name);
  return request.sources?.availabilityStrategy === "All" ? upstream.every(has) : upstream.some(has);
}

function newerFor(stage: Stage, byOrigin: ReadonlyMap<string, FreightView[]>): number {
  const current = stage.status?.freightHistory?.[0]?.items ?? {};
  let count = 0;
  for (const request of stage.spec?.requestedFreight ?? []) {
    const has = Object.values(current).find((each) => each.origin?.name === request.origin.name)?.name;
    for (const freight of byOrigin.get(request.origin.name) ?? []) {
      if (freight.name === has) break;
      if (letThrough(freight, stage)) count += 1;
    }
  }
  return count;
}

function stepsOf(promotion: Promotion | undefined, stage: Stage): number {
  return promotion?.spec?.steps?.length ?? stage.spec?.promotionTemplate?.spec?.steps?.length ?? 0;
}

interface Known {
  freight: ReadonlyMap<string, FreightView>;
  byOrigin: ReadonlyMap<string, FreightView[]>;
  promotions: ReadonlyMap<string, Promotion[]>;
  documents: ReadonlyMap<string, Freight>;
}

function stageView(stage: Stage, known: Known): StageView {
  const { name, uid = "" } = stage.metadata;
  const status = stage.status ?? {};
  const collection = status.freightHistory?.[0];
  const references = Object.values(collection?.items ?? {});
  const tags = references.map((each) => tag(each, known.freight));
  const open = known.promotions.get(name) ?? [];
  const running = open.find((each) => each.status?.phase === "Running") ?? open.find((each) => each.metadata.name === status.currentPromotion?.name);
  const ready = status.conditions?.find((each) => each.type === "Ready");
  const verification = collection?.verificationHistory?.[0];
  const last = status.lastPromotion;
  const since = tags[0] ? known.documents.get(tags[0].name)?.status?.currentlyIn?.[name]?.since : undefined;
  const isControlFlow = (stage.spec?.promotionTemplate?.spec?.steps ?? []).length === 0;
  const failed = last?.status?.phase && ["Failed", "Errored"].includes(last.status.phase) ? last.name : undefined;
  const isFaulty = ready?.status === "False" && ["Error", "Errored", "Invalid"].some((word) => ready.reason?.includes(word));
  return {
    name,
    uid,
    isControlFlow,
    health: stageHealthMark(references.length === 0, status.health?.status),
    freight: tags,
    artifacts: references.flatMap(artifactLines),
    ...(since ? { since } : {}),
    ...(running ? { running: runningView(running, stage, known.freight) } : {}),
    waiting: open.filter((each) => each !== running).length,
    ...(failed ? { lastFailed: failed } : {}),
    ...(verification?.phase ? { verification: phaseMark(verification.phase) } : {}),
    auto: status.autoPromotionEnabled ?? false,
    held: Object.keys(status.effectiveAutoPromotionHolds ?? status.autoPromotionHolds ?? {}),
    gates: gatesOf(stage),
    newer: isControlFlow ? 0 : newerFor(stage, known.byOrigin),
    ...(isFaulty && ready.message ? { trouble: ready.message } : {}),
  };
}

function runningView(promotion: Promotion, stage: Stage, known: ReadonlyMap<string, FreightView>): NonNullable<StageView["running"]> {
  const name = promotion.spec?.freight ?? "";
  return {
    promotion: promotion.metadata.name,
    alias: known.get(name)?.alias ?? name.slice(0, 7),
    step: Math.max(promotion.status?.currentStep ?? 0, 0) + 1,
    steps: stepsOf(promotion, stage),
    phase: promotion.status?.phase ?? "Pending",
  };
}

function edgesOf(warehouses: readonly WarehouseView[], stages: readonly Stage[]): Edge[] {
  const edges = warehouses.flatMap((each) => each.repos.map((repo) => ({ from: repo, to: warehouseId(each.name) })));
  const known = new Set([...warehouses.map((each) => warehouseId(each.name)), ...stages.map((each) => stageId(each.metadata.name))]);
  for (const stage of stages) {
    const to = stageId(stage.metadata.name);
    for (const { origin, sources } of stage.spec?.requestedFreight ?? []) {
      if (sources?.direct) edges.push({ from: warehouseId(origin.name), to });
      edges.push(...(sources?.stages ?? []).map((name) => ({ from: stageId(name), to })));
    }
  }
  const unique = new Map(edges.filter((each) => known.has(each.from) || each.from.startsWith("repo ")).map((each) => [`${each.from}>${each.to}`, each]));
  return [...unique.values()];
}

function grouped<T>(all: readonly T[], key: (each: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const each of all) {
    const group = groups.get(key(each));
    if (group) group.push(each);
    else groups.set(key(each), [each]);
  }
  return groups;
}

const byName = (left: { metadata: { name: string } }, right: { metadata: { name: string } }): number =>
  left.metadata.name.localeCompare(right.metadata.name, undefined, { numeric: true });

export function pipelineView(told: Pipeline): PipelineView {
  const freight = told.freight.map(freightView).sort(newestFirst);
  const byOrigin = grouped(freight, (each) => each.origin);
  const known: Known = {
    freight: new Map(freight.map((each) => [each.name, each])),
    byOrigin,
    promotions: grouped(told.promotions, (each) => each.spec?.stage ?? ""),
    documents: new Map(told.freight.map((each) => [each.metadata.name, each])),
  };
  const stages = [...told.stages].sort(byName);
  const warehouses = [...told.warehouses]
    .sort(byName)
    .map((each) => warehouseView(each, byOrigin.get(each.metadata.name)?.length ?? 0));
  const repos = new Map(
    told.warehouses.flatMap((each) => (each.spec?.subscriptions ?? []).flatMap(reposOf)).map((each) => [each.id, each]),
  );
  return {
    project: told.project.metadata.name,
    repos: [...repos.values()].sort((left, right) => left.id.localeCompare(right.id)),
    warehouses,
    stages: stages.map((each) => stageView(each, known)),
    freight,
    edges: edgesOf(warehouses, stages),
  };
}

export interface FreightFilter {
  text: string;
  warehouse: string;
  inUse: boolean;
}

/** The Freight that a filter lets through, in the order it came. */
export function filtered(freight: readonly FreightView[], filter: FreightFilter): FreightView[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  return freight.filter(
    (each) =>
      (!filter.warehouse || each.origin === filter.warehouse) &&
      (!filter.inUse || each.stages.length > 0) &&
      words.every((word) => each.text.includes(word)),
  );
}
