/** What is kept in a Project, is shared by all of them, or is the system's: lists by name, and their changes. */
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";

import { useServerConfig } from "./config";
import { path, request } from "./client";
import type { List, Resource } from "./types";

export type Scope = { project: string } | "shared" | "system";

export const scopePath = (scope: Scope, noun: string): string =>
  typeof scope === "string" ? `/v1beta1/${scope}/${noun}` : path`/v1beta1/projects/${scope.project}/` + noun;

export const scopeKey = (scope: Scope): string => (typeof scope === "string" ? `(${scope})` : scope.project);

/** The namespace of a scope; undefined while it is not known. */
export function useNamespace(scope: Scope): string | undefined {
  const config = useServerConfig(typeof scope === "string").data;
  if (typeof scope !== "string") return scope.project;
  return scope === "shared" ? config?.sharedResourcesNamespace : config?.systemResourcesNamespace;
}

const PAGE = 200;

/** A list in pages; `all` has what was fetched so far. */
export function useScoped<T extends Resource>(scope: Scope, noun: string) {
  const found = useInfiniteQuery({
    queryKey: [noun, scopeKey(scope)],
    queryFn: ({ pageParam, signal }) => request<List<T>>(scopePath(scope, noun), { query: { limit: PAGE, continue: pageParam }, signal }),
    initialPageParam: "",
    getNextPageParam: (last) => last.metadata?.continue || undefined,
  });
  return { ...found, all: found.data?.pages.flatMap((page) => page.items) };
}

/** Has a list read anew after something in it was changed. */
export function useReread(scope: Scope, noun: string): () => void {
  const queries = useQueryClient();
  return () => void queries.invalidateQueries({ queryKey: [noun, scopeKey(scope)] });
}

export const removeScoped = (scope: Scope, noun: string, name: string): Promise<void> =>
  request(scopePath(scope, noun) + path`/${name}`, { method: "DELETE" });
