/** Promoting: what it would do, doing it, and what belongs to it. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";

import { path, request } from "./client";
import type { Answer, List, Promotion } from "./types";

export type PlannedStep = Answer<"PlannedStep">;
export type Plan = Answer<"Plan">;

export function usePlan(project: string, stage: string, freight: string | undefined) {
  return useQuery({
    queryKey: ["plan", project, stage, freight],
    queryFn: ({ signal }) =>
      request<Plan>(path`/v1beta1/projects/${project}/stages/${stage}/plan`, { method: "POST", body: { freight }, signal }),
    enabled: Boolean(freight),
    staleTime: 0,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
  });
}

export const promote = (project: string, stage: string, freight: string): Promise<Promotion> =>
  request(path`/v1beta1/projects/${project}/stages/${stage}/promotions`, { method: "POST", body: { freight } });

export const promoteDownstream = (project: string, stage: string, freight: string): Promise<{ promotions: Promotion[] }> =>
  request(path`/v1beta1/projects/${project}/stages/${stage}/promotions/downstream`, { method: "POST", body: { freight } });

export const rollBack = (project: string, stage: string, freight: string | undefined): Promise<Promotion> =>
  request(path`/v1beta1/projects/${project}/stages/${stage}/rollback`, {
    method: "POST",
    body: freight ? { freight } : {},
  });

export const abort = (project: string, promotion: string): Promise<void> =>
  request(path`/v1beta1/projects/${project}/promotions/${promotion}/abort`, { method: "POST" });

export const approve = (project: string, freight: string, stage: string): Promise<void> =>
  request(path`/v1beta1/projects/${project}/freight/${freight}/approve`, { method: "POST", query: { stage } });

export function usePromotion(project: string, name: string) {
  return useQuery({
    queryKey: ["promotion", project, name],
    queryFn: ({ signal }) => request<Promotion>(path`/v1beta1/projects/${project}/promotions/${name}`, { signal }),
  });
}

/** Promotions to a Stage, the newest first, page by page. */
export function usePromotions(project: string, stage: string, limit = 30) {
  return useInfiniteQuery({
    queryKey: ["promotions", project, stage, limit],
    queryFn: ({ signal, pageParam }) =>
      request<List<Promotion>>(path`/v1beta1/projects/${project}/promotions`, {
        query: { stage, reverse: true, limit, continue: pageParam },
        signal,
      }),
    initialPageParam: "",
    getNextPageParam: (last) => last.metadata?.continue || undefined,
  });
}
