/** What is still wrong with the answers that make a pipeline; each fault is at a field. */
import { type Blueprint, inCircles, type Source, STAGE, type StageDraft, waysFor } from "./blueprint";

/** Faults by the name of their field, such as `stages.n1.name`. */
export type Faults = Record<string, string>;

const NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const DURATION = /^(\d+(\.\d+)?(h|m|s))+$/;
const KEY = /^[^.\s]+(\.[^.\s]+)*$/;
const BRANCH = /^(?!\/)(?!.*(\.\.|\/\/|[\s~^:?*[\\]))[^\s]+(?<!\/)$/;

export const NAME_RULE = "Use small letters, digits and dashes, such as “web-shop”.";

export function nameFault(name: string, what: string): string | undefined {
  if (!name) return `Give the ${what} a name.`;
  return NAME.test(name) ? undefined : NAME_RULE;
}

/** What is wrong with the address of a Git repository that is cloned. */
export function gitFault(address: string): string | undefined {
  const text = address.trim();
  if (!text) return "Which repository?";
  if (/\s/.test(text)) return "An address has no spaces.";
  if (/^(https?|ssh|file):\/\/\S+$/.test(text) || /^[\w.-]+@[\w.-]+:\S+$/.test(text)) return undefined;
  return "Write the whole address, as for git clone: https://… or git@…";
}

function imageFault(address: string): string | undefined {
  const text = address.trim();
  if (!text) return "Which image?";
  if (text.includes("://")) return "Leave out https://: registry.example.com/team/app";
  if (/@sha256:/.test(text) || /:[\w.-]+$/.test(text.split("/").at(-1) ?? "")) {
    return "Leave out the tag: which one to take is what will be found out.";
  }
  return /^[a-zA-Z0-9._:-]+(\/[a-zA-Z0-9._-]+)*$/.test(text) ? undefined : "This is no name of an image.";
}

function chartFault(address: string): string | undefined {
  if (!address.trim()) return "Which chart repository?";
  return /^(https?|oci):\/\/\S+$/.test(address.trim()) ? undefined : "Write https://… or oci://…";
}

const ADDRESS = { image: imageFault, git: gitFault, chart: chartFault };

function sourceFaults(source: Source, named: boolean): [string, string | undefined][] {
  const at = `sources.${source.id}`;
  const classic = source.kind === "chart" && !source.repoURL.trim().startsWith("oci://");
  const wantsTag = source.kind === "image" && source.strategy === "Digest";
  return [
    [`${at}.repoURL`, ADDRESS[source.kind](source.repoURL)],
    [`${at}.chart`, classic && !source.chart ? "Which chart of this repository?" : undefined],
    [`${at}.constraint`, wantsTag && !source.constraint ? "Which tag is followed?" : undefined],
    [`${at}.branch`, source.kind === "git" && !BRANCH.test(source.branch) ? "This is no name of a branch." : undefined],
    [`${at}.key`, named && source.kind !== "git" && !KEY.test(source.key) ? "Write the keys with dots between them: image.tag" : undefined],
  ];
}

function stageFaults(stage: StageDraft, all: readonly StageDraft[]): [string, string | undefined][] {
  const at = `stages.${stage.id}`;
  const twin = all.find((each) => each.name === stage.name) !== stage;
  return [
    [`${at}.name`, nameFault(stage.name, "stage") ?? (twin ? "There is another stage of this name." : undefined)],
    [`${at}.soak`, stage.soak && !DURATION.test(stage.soak) ? "Write it as 30m, 12h or 1h30m." : undefined],
  ];
}

export function faultsOf(blueprint: Blueprint): Faults {
  const { project, sources, stages, delivery } = blueprint;
  const named = delivery.way === "values";
  const byStage = delivery.layout === "folders" && !delivery.path.includes(STAGE);
  const found: [string, string | undefined][] = [
    ["project", nameFault(project, "project")],
    ["sources", sources.length === 0 ? "Add at least one thing to watch." : undefined],
    ...sources.flatMap((each) => sourceFaults(each, named)),
    ["stages", stageListFault(stages)],
    ...stages.flatMap((each) => stageFaults(each, stages)),
    ["delivery.repoURL", gitFault(delivery.repoURL)],
    ["delivery.branch", BRANCH.test(delivery.branch) ? undefined : "This is no name of a branch."],
    ["delivery.way", waysFor(blueprint).includes(delivery.way) ? undefined : "This does not fit what is watched."],
    ["delivery.path", pathFault(delivery.path) ?? (byStage ? `Put ${STAGE} where the stages differ.` : undefined)],
    ["delivery.application", delivery.argocd && !delivery.application ? "Which Application?" : undefined],
  ];
  return Object.fromEntries(found.filter((each): each is [string, string] => each[1] !== undefined));
}

function stageListFault(stages: readonly StageDraft[]): string | undefined {
  if (stages.length === 0) return "Add at least one stage.";
  return inCircles(stages) ? "These stages wait for each other in a circle." : undefined;
}

function pathFault(path: string): string | undefined {
  if (!path.trim()) return "Which file?";
  const parts = path.split("/");
  return path.startsWith("/") || parts.includes("..") ? "Write a path within the repository." : undefined;
}

export type Part = "what" | "stages" | "how";

/** The part of the questions that a field belongs to. */
export function partOf(field: string): Part {
  if (field.startsWith("stages")) return "stages";
  return field.startsWith("delivery") || field.endsWith(".key") ? "how" : "what";
}
