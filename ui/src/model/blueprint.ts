/** A pipeline as somebody describes it in a few answers, before it is YAML. */
import { shortRepo } from "./address";

export type Strategy = "SemVer" | "NewestBuild" | "Lexical" | "Digest";

export interface Source {
  id: string;
  kind: "image" | "git" | "chart";
  repoURL: string;
  /** Of images and charts: which versions count. Of an image by digest: its tag. */
  constraint: string;
  strategy: Strategy;
  /** Of Git repositories. */
  branch: string;
  /** Of Git repositories: only changes below these count; by commas. */
  paths: string;
  /** Of charts in classic repositories. */
  chart: string;
  /** Where the version is written in the stage's file, such as `image.tag`. */
  key: string;
}

export interface StageDraft {
  id: string;
  name: string;
  /** The `id` of the stage that it comes after; empty for what takes new versions first. */
  after: string;
  auto: boolean;
  /** How long a version must have been in the stage before, such as `30m`. */
  soak: string;
}

export type Layout = "branches" | "folders";
export type Way = "values" | "kustomize" | "file" | "copy";

export interface Delivery {
  repoURL: string;
  branch: string;
  layout: Layout;
  way: Way;
  /** The file, or for kustomize the folder, that is changed; `<stage>` stands for the stage's name. */
  path: string;
  argocd: boolean;
  application: string;
}

export interface Blueprint {
  project: string;
  sources: Source[];
  stages: StageDraft[];
  delivery: Delivery;
}

export const STAGE = "<stage>";

let last = 0;
const newId = (): string => `n${Date.now().toString(36)}${(last += 1)}`;

export const newSource = (kind: Source["kind"]): Source => ({
  id: newId(),
  kind,
  repoURL: "",
  constraint: "",
  strategy: "SemVer",
  branch: kind === "git" ? "main" : "",
  paths: "",
  chart: "",
  key: kind === "chart" ? "version" : "image.tag",
});

export const newStage = (name: string, after: string, auto: boolean): StageDraft => ({ id: newId(), name, after, auto, soak: "" });

/** Stages in a row, of which the last waits to be told. */
export function row(names: readonly string[]): StageDraft[] {
  const stages: StageDraft[] = [];
  names.forEach((name, index) => {
    stages.push(newStage(name, stages.at(-1)?.id ?? "", index < names.length - 1));
  });
  return stages;
}

export const newBlueprint = (): Blueprint => ({
  project: "",
  sources: [newSource("image")],
  stages: row(["dev", "staging", "prod"]),
  delivery: {
    repoURL: "",
    branch: "main",
    layout: "branches",
    way: "values",
    path: defaultPath("branches", "values"),
    argocd: false,
    application: "",
  },
});

export function defaultPath(layout: Layout, way: Way): string {
  const file = { values: "values.yaml", kustomize: "", file: "version.yaml", copy: "" }[way];
  return layout === "folders" ? ["stages", STAGE, file].filter(Boolean).join("/") : file || ".";
}

/** The ways that fit what is watched: what has a version can be written down, a commit is brought as it is. */
export function waysFor({ sources, delivery }: Blueprint): Way[] {
  const versions = sources.some((each) => each.kind !== "git");
  const images = sources.some((each) => each.kind === "image");
  const ways: Way[] = [];
  if (versions) ways.push("values");
  if (images) ways.push("kustomize");
  ways.push("file");
  if (delivery.layout === "branches" && watchesConfig({ sources, delivery })) ways.push("copy");
  return ways;
}

/** Whether the repository that is written to is watched, too. */
export function watchesConfig({ sources, delivery }: Pick<Blueprint, "sources" | "delivery">): Source | undefined {
  const wanted = delivery.repoURL.trim();
  return sources.find((each) => each.kind === "git" && wanted !== "" && each.repoURL.trim() === wanted);
}

/** The stages in an order in which each comes after what it takes versions from. */
export function ordered(stages: readonly StageDraft[]): StageDraft[] {
  const done = new Set<string>([""]);
  const rest = [...stages];
  const out: StageDraft[] = [];
  while (rest.length > 0) {
    const at = rest.findIndex((each) => done.has(each.after));
    const [next] = rest.splice(Math.max(at, 0), 1);
    if (!next) break;
    done.add(next.id);
    out.push(next);
  }
  return out;
}

/** How far a stage is from what is watched: 0 takes new versions first. */
export function depth(stages: readonly StageDraft[], stage: StageDraft): number {
  let steps = 0;
  let at: StageDraft | undefined = stage;
  while (at?.after && steps <= stages.length) {
    const { after }: StageDraft = at;
    at = stages.find((each) => each.id === after);
    steps += 1;
  }
  return steps;
}

export const inCircles = (stages: readonly StageDraft[]): boolean => stages.some((each) => depth(stages, each) > stages.length);

/** A name of Kubernetes made of the end of an address: `acme/Web_App` is `web-app`. */
export function nameOf(repoURL: string): string {
  const base = shortRepo(repoURL).split("/").at(-1) ?? "";
  return base.toLowerCase().replaceAll(/[^a-z0-9-]+/g, "-").replaceAll(/^-+|-+$/g, "").slice(0, 50);
}

/** What the repository must hold before the first promotion. */
export function needs({ sources, stages, delivery }: Blueprint): string[] {
  const { branch, layout, way, path } = delivery;
  const keys = sources.filter((each) => each.kind !== "git").map((each) => each.key);
  const places = layout === "folders" ? stages.map((each) => path.replaceAll(STAGE, each.name)) : [path];
  const made = layout === "branches" ? [`The branches ${stages.map((each) => `stage/${each.name}`).join(", ")} are made by the first promotions.`] : [];
  if (way === "values") return [...places.map((each) => `${each} on ${branch}, with ${keys.join(" and ")} in it`), ...made];
  if (way === "kustomize") return [...places.map((each) => `${each === "." ? "" : `${each}/`}kustomization.yaml on ${branch}`), ...made];
  return [`A branch ${branch} with at least one commit`, ...made];
}
