/** Artifacts in few words. */
import type { ArtifactReference, Artifacts, ChartArtifact, CommitArtifact, ImageArtifact } from "~/api/types";

import { commitLink, safeLink, shortRepo } from "./address";

export type ArtifactKind = "image" | "git" | "chart" | "other";

/** One artifact as a line: what it is, which version, where to read more. */
export interface ArtifactLine {
  key: string;
  kind: ArtifactKind;
  /** What tells it from the others of its Freight: `web`. */
  name: string;
  repo: string;
  version: string;
  /** The whole of what `version` may shorten: a digest, a commit's ID. */
  full: string;
  about?: string;
  author?: string;
  link?: string;
}

const baseName = (repoURL: string | undefined): string => shortRepo(repoURL).split("/").at(-1) ?? "?";

function imageLine(image: ImageArtifact): ArtifactLine {
  const version = image.tag || image.digest?.slice(0, 19) || "?";
  const source = image.annotations?.["org.opencontainers.image.source"];
  const link = safeLink(image.annotations?.["org.opencontainers.image.url"] ?? source);
  return {
    key: `image ${image.repoURL} ${image.subscriptionName ?? ""}`,
    kind: "image",
    name: image.subscriptionName || baseName(image.repoURL),
    repo: image.repoURL ?? "",
    version,
    full: image.digest ?? version,
    ...(link ? { link } : {}),
  };
}

function commitLine(commit: CommitArtifact): ArtifactLine {
  const link = commitLink(commit.repoURL, commit.id);
  const about = commit.message?.split("\n")[0];
  return {
    key: `git ${commit.repoURL} ${commit.subscriptionName ?? ""}`,
    kind: "git",
    name: commit.subscriptionName || baseName(commit.repoURL),
    repo: commit.repoURL ?? "",
    version: commit.tag || (commit.id ?? "?").slice(0, 7),
    full: commit.id ?? "",
    ...(about ? { about } : {}),
    ...(commit.author ? { author: commit.author } : {}),
    ...(link ? { link } : {}),
  };
}

function chartLine(chart: ChartArtifact): ArtifactLine {
  return {
    key: `chart ${chart.repoURL} ${chart.name ?? ""}`,
    kind: "chart",
    name: chart.subscriptionName || chart.name || baseName(chart.repoURL),
    repo: [chart.repoURL, chart.name].filter(Boolean).join("/"),
    version: chart.version ?? "?",
    full: chart.version ?? "",
  };
}

function otherLine(artifact: ArtifactReference): ArtifactLine {
  const { subscriptionName: name, artifactType, version } = artifact;
  return { key: `other ${name}`, kind: "other", name, repo: artifactType ?? "", version, full: version };
}

/** The artifacts of Freight: images first, for they are what people ask for. */
export function artifactLines(of: Artifacts): ArtifactLine[] {
  return [
    ...(of.images ?? []).map(imageLine),
    ...(of.charts ?? []).map(chartLine),
    ...(of.commits ?? []).map(commitLine),
    ...(of.artifacts ?? []).map(otherLine),
  ];
}
