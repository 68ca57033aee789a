/** Secrets and ConfigMaps of many keys. */
import { path, request } from "./client";
import { type Scope, scopePath } from "./scoped";
import type { Resource } from "./types";

export interface KeyedBody {
  description: string;
  /** Values by key; of those that are there, only what changes. */
  data: Record<string, string>;
}

export const createKeyed = (scope: Scope, noun: string, body: KeyedBody & { name: string; replicate: boolean }): Promise<Resource> =>
  request(scopePath(scope, noun), { method: "POST", body });

export const patchKeyed = (scope: Scope, noun: string, name: string, body: KeyedBody & { removeKeys: string[] }): Promise<Resource> =>
  request(scopePath(scope, noun) + path`/${name}`, { method: "PATCH", body });
