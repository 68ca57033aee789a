/** Credentials of repositories, and other secrets: what is secret is sent, and never comes back. */
import { path, request } from "./client";
import { type Scope, scopePath } from "./scoped";
import type { Resource } from "./types";

export interface Secret extends Resource {
  type?: string;
  data?: Record<string, string>;
  /** What opens nothing stands here as it is; of the rest, only the keys count. */
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

export const REPOSITORIES = "repo-credentials";
export const SECRETS = "generic-credentials";

export const createRepoCredential = (scope: Scope, body: RepoCredential): Promise<Secret> =>
  request(scopePath(scope, REPOSITORIES), { method: "POST", body });

/** Changes credentials; what is empty stays. */
export const patchRepoCredential = (scope: Scope, name: string, body: Partial<RepoCredential>): Promise<Secret> =>
  request(scopePath(scope, REPOSITORIES) + path`/${name}`, { method: "PATCH", body });
