/** Credentials of repositories, and other secrets: what is secret is sent, and never comes back. */
import { path, request } from "./client";
import { type Scope, scopePath } from "./scoped";
import type { Answer, Resource } from "./types";

/** What opens nothing stands in `stringData` as it is; of the rest, only the keys count. */
export type Secret = Resource & Partial<Pick<Answer<"Secret">, "type" | "data" | "stringData">>;

export type RepoType = "git" | "image" | "helm";

export type RepoCredential = Answer<"CreateRepoCredentialsRequest"> & { name: string; type: RepoType; repoUrl: string };

export const REPOSITORIES = "repo-credentials";
export const SECRETS = "generic-credentials";

export const createRepoCredential = (scope: Scope, body: RepoCredential): Promise<Secret> =>
  request(scopePath(scope, REPOSITORIES), { method: "POST", body });

/** Changes credentials; what is empty stays. */
export const patchRepoCredential = (scope: Scope, name: string, body: Partial<RepoCredential>): Promise<Secret> =>
  request(scopePath(scope, REPOSITORIES) + path`/${name}`, { method: "PATCH", body });
