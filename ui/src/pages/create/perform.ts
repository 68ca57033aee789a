/** Makes what was described: the Project, what opens its repositories, and then the rest, which needs both. */
import { ApiError } from "~/api/client";
import { createRepoCredential, patchRepoCredential, type RepoCredential } from "~/api/credential";
import { applyManifests, createManifests, type Written } from "~/api/manifest";
import { projectsOf } from "~/model/applied";
import { type Blueprint, nameOf } from "~/model/blueprint";

import type { Opener } from "./draft";

/** The credentials to keep: one for each address that is still used. */
export function credentialsOf({ sources, delivery }: Blueprint, openers: Readonly<Record<string, Opener>>): RepoCredential[] {
  const used = new Map<string, RepoCredential["type"]>(
    sources.map((each) => [each.repoURL.trim(), each.kind === "chart" ? "helm" : each.kind] as const),
  );
  used.set(delivery.repoURL.trim(), "git");
  return [...used].flatMap(([repoUrl, type]) => {
    const opener = openers[repoUrl];
    if (!opener?.username || !opener.password) return [];
    return [{ name: `${nameOf(repoUrl) || "repository"}-${type}`, type, repoUrl, ...opener }];
  });
}

async function keep(project: string, credential: RepoCredential): Promise<void> {
  try {
    await createRepoCredential({ project }, credential);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 409) throw error;
    await patchRepoCredential({ project }, credential.name, credential);
  }
}

interface Made {
  project: string;
  /** The Project is there already; nothing else of it must be. */
  isThere: boolean;
  text: string;
  credentials: readonly RepoCredential[];
}

/** Throws ApiError for what is refused as a whole. */
export async function perform({ project, isThere, text, credentials }: Made): Promise<Written[]> {
  if (credentials.length > 0 && !isThere) await applyManifests(projectsOf(text));
  for (const each of credentials) await keep(project, each);
  return isThere ? createManifests(text) : applyManifests(text);
}
