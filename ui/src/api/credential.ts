/** Credentials of repositories: what opens them is sent, and never comes back. */
import { useQuery } from "@tanstack/react-query";

import { path, request } from "./client";
import type { List, Resource } from "./types";

/** Where credentials, other secrets and maps are kept. */
export type Scope = { project: string } | "shared" | "system";

export const scopePath = (scope: Scope, noun: string): string =>
  typeof scope === "string" ? `/v1beta1/${scope}/${noun}` : path`/v1beta1/projects/${scope.project}/` + noun;

export const scopeKey = (scope: Scope): string => (typeof scope === "string" ? `(${scope})` : scope.project);

export interface Secret extends Resource {
  /** Values are hidden: their names are what counts. */
  data?: Record<string, string>;
  stringData?: Record<string, string>;
}

export type RepoType = "git" | "image" | "helm";

export interface RepoCredential {
  name: string;
  type: RepoType;
  repoUrl: string;
  repoUrlIsRegex?: boolean;
  username: string;
  password: string;
  description?: string;
}

const NOUN = "repo-credentials";

export function useRepoCredentials(scope: Scope) {
  return useQuery({
    queryKey: [NOUN, scopeKey(scope)],
    queryFn: ({ signal }) => request<List<Secret>>(scopePath(scope, NOUN), { query: { limit: 500 }, signal }),
  });
}

export const createRepoCredential = (scope: Scope, body: RepoCredential): Promise<Secret> =>
  request(scopePath(scope, NOUN), { method: "POST", body });

/** Changes credentials; what is empty stays. */
export function patchRepoCredential(scope: Scope, name: string, body: Partial<RepoCredential>): Promise<Secret> {
  return request(scopePath(scope, NOUN) + path`/${name}`, { method: "PATCH", body });
}

export const deleteRepoCredential = (scope: Scope, name: string): Promise<void> =>
  request(scopePath(scope, NOUN) + path`/${name}`, { method: "DELETE" });
