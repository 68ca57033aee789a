/** Manifests: written as YAML, checked before they are applied, applied one by one. */
import { useQuery } from "@tanstack/react-query";

import type { Schema } from "~/model/schema";

import { request } from "./client";
import type { Made, Resource } from "./types";

export type Finding = Made<"Finding">;

export interface Written {
  createdResourceManifest?: Resource;
  updatedResourceManifest?: Resource;
  error?: string;
}

const YAML = "application/yaml";

/** The schema of all kinds: large, and asked for once. */
export function useManifestSchema() {
  return useQuery({
    queryKey: ["manifest-schema"],
    queryFn: ({ signal }) => request<Schema>("/v1beta1/system/schema", { signal }),
    staleTime: Infinity,
    retry: 1,
  });
}

/** Everything that is wrong with manifests, before anything is written. */
export async function lintManifests(text: string, project: string, signal?: AbortSignal): Promise<Finding[]> {
  const asked = { method: "POST", body: text, type: YAML, query: { project }, signal } as const;
  return (await request<{ findings: Finding[] }>("/v1beta1/system/lint", asked)).findings;
}

/** Writes manifests, whether they are there or not, and tells what became of each, Projects first. Throws ApiError. */
export async function applyManifests(text: string): Promise<Written[]> {
  const asked = { method: "PUT", body: text, type: YAML, query: { upsert: true } } as const;
  return (await request<{ results: Written[] }>("/v1beta1/resources", asked)).results;
}

/** Writes manifests that must not be there yet. Throws ApiError. */
export async function createManifests(text: string): Promise<Written[]> {
  const asked = { method: "POST", body: text, type: YAML } as const;
  return (await request<{ results: Written[] }>("/v1beta1/resources", asked)).results;
}

/** Deletes what manifests name. Throws ApiError. */
export async function deleteManifests(text: string): Promise<void> {
  await request("/v1beta1/resources", { method: "DELETE", body: text, type: YAML });
}
