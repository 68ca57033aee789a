/** Freight. */
import { useQuery } from "@tanstack/react-query";

import { path, request } from "./client";
import type { Freight, List } from "./types";

export function useFreight(project: string, freight: string | undefined) {
  return useQuery({
    queryKey: ["freight", project, freight],
    queryFn: ({ signal }) => request<Freight>(path`/v1beta1/projects/${project}/freight/${freight ?? ""}`, { signal }),
    enabled: Boolean(freight),
  });
}

export const rename = (project: string, freight: string, newAlias: string): Promise<void> =>
  request(path`/v1beta1/projects/${project}/freight/${freight}/alias`, { method: "PATCH", query: { newAlias } });

export const removeFreight = (project: string, freight: string): Promise<void> =>
  request(path`/v1beta1/projects/${project}/freight/${freight}`, { method: "DELETE" });

export interface DeepLinks {
  links: { title: string; url: string; description?: string }[];
  errors?: string[];
}

export function useLinks(project: string, kind: "freight" | "stages", name: string | undefined) {
  return useQuery({
    queryKey: ["links", project, kind, name],
    queryFn: ({ signal }) => request<DeepLinks>(path`/v1beta1/projects/${project}/${kind}/${name ?? ""}/links`, { signal }),
    enabled: Boolean(name),
  });
}

/** Freight of one Warehouse, the newest first. */
export function useFreightOf(project: string, warehouse: string, limit: number) {
  return useQuery({
    queryKey: ["explain", project, "freight-of", warehouse, limit],
    queryFn: ({ signal }) =>
      request<{ groups: Record<string, List<Freight>> }>(path`/v1beta1/projects/${project}/freight`, {
        query: { origins: warehouse, reverse: true, limit },
        signal,
      }),
  });
}
