/** Freight put together by hand of what a Warehouse has discovered. */
import type { Artifacts, DiscoveredArtifacts } from "~/api/types";

import { shortRepo } from "./address";
import type { ArtifactKind } from "./artifact";

export interface Choosable {
  /** What tells it from the others of its subscription. */
  id: string;
  version: string;
  about: string;
  time?: string;
  /** The artifact as Freight holds it. */
  artifact: unknown;
}

export interface Subscribed {
  key: string;
  kind: ArtifactKind;
  name: string;
  repo: string;
  choices: Choosable[];
}

const named = (subscriptionName: string | undefined): object => (subscriptionName ? { subscriptionName } : {});

function images(found: DiscoveredArtifacts): Subscribed[] {
  return (found.images ?? []).map(({ repoURL, references = [], subscriptionName, platform }) => ({
    key: `images ${repoURL} ${subscriptionName ?? ""} ${platform ?? ""}`,
    kind: "image",
    name: subscriptionName || shortRepo(repoURL),
    repo: repoURL,
    choices: references.map(({ tag, digest, annotations, createdAt }) => ({
      id: `${tag} ${digest ?? ""}`,
      version: tag || (digest ?? "?").slice(0, 19),
      about: digest ? digest.slice(0, 19) : "",
      ...(createdAt ? { time: createdAt } : {}),
      artifact: { repoURL, tag, ...(digest ? { digest } : {}), ...(annotations ? { annotations } : {}), ...named(subscriptionName) },
    })),
  }));
}

function commits(found: DiscoveredArtifacts): Subscribed[] {
  return (found.git ?? []).map(({ repoURL, commits: all = [], subscriptionName }) => ({
    key: `commits ${repoURL} ${subscriptionName ?? ""}`,
    kind: "git",
    name: subscriptionName || shortRepo(repoURL),
    repo: repoURL,
    choices: all.map(({ id = "", tag, branch, subject, author, committer, creatorDate }) => ({
      id,
      version: tag || id.slice(0, 7),
      about: subject ?? "",
      ...(creatorDate ? { time: creatorDate } : {}),
      artifact: {
        repoURL,
        id,
        ...(branch ? { branch } : {}),
        ...(tag ? { tag } : {}),
        ...(subject ? { message: subject } : {}),
        ...(author ? { author } : {}),
        ...(committer ? { committer } : {}),
        ...named(subscriptionName),
      },
    })),
  }));
}

function charts(found: DiscoveredArtifacts): Subscribed[] {
  return (found.charts ?? []).map(({ repoURL, name, versions = [], subscriptionName }) => ({
    key: `charts ${repoURL} ${name ?? ""} ${subscriptionName ?? ""}`,
    kind: "chart",
    name: subscriptionName || name || shortRepo(repoURL),
    repo: name ? `${repoURL}/${name}` : repoURL,
    choices: versions.map((version) => ({
      id: version,
      version,
      about: "",
      artifact: { repoURL, ...(name ? { name } : {}), version, ...named(subscriptionName) },
    })),
  }));
}

function others(found: DiscoveredArtifacts): Subscribed[] {
  return (found.results ?? []).map(({ name, artifactReferences = [] }) => ({
    key: `artifacts ${name}`,
    kind: "other",
    name,
    repo: name,
    choices: artifactReferences.map((each) => ({ id: each.version, version: each.version, about: "", artifact: each })),
  }));
}

/** Everything that was discovered, by subscription, the newest first. */
export const subscribed = (found: DiscoveredArtifacts | undefined): Subscribed[] =>
  found ? [...images(found), ...charts(found), ...commits(found), ...others(found)] : [];

const LISTS: Readonly<Record<ArtifactKind, keyof Artifacts>> = { image: "images", git: "commits", chart: "charts", other: "artifacts" };

/** The manifest of Freight made of one choice for each subscription; undefined while one has nothing to choose. */
export function assembledFreight(
  project: string,
  warehouse: string,
  from: readonly Subscribed[],
  chosen: ReadonlyMap<string, string>,
  alias: string,
): object | undefined {
  const lists: Partial<Record<keyof Artifacts, unknown[]>> = {};
  for (const each of from) {
    const choice = each.choices.find(({ id }) => id === chosen.get(each.key)) ?? each.choices[0];
    if (!choice) return undefined;
    (lists[LISTS[each.kind]] ??= []).push(choice.artifact);
  }
  if (from.length === 0) return undefined;
  return {
    apiVersion: "kargo.akuity.io/v1alpha1",
    kind: "Freight",
    metadata: { name: "assembled", namespace: project }, // the server calls it by what is in it
    ...(alias ? { alias } : {}),
    origin: { kind: "Warehouse", name: warehouse },
    ...lists,
  };
}
