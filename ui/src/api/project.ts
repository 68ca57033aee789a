/** Projects. */
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";

import { request } from "./client";
import type { List, Project } from "./types";

export interface ProjectQuery {
  filter?: string;
  pageSize?: number;
  page?: number;
}

export interface ProjectList extends List<Project> {
  total?: number;
}

export function useProjects(query: ProjectQuery = {}) {
  return useQuery({
    queryKey: ["projects", query],
    queryFn: ({ signal }) => request<ProjectList>("/v1beta1/projects", { query: { ...query }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
  });
}

const PROJECTS_PAGE = 60;

/** Projects by name, in pages that are fetched as somebody comes to their end. */
export function useProjectPages(filter: string) {
  return useInfiniteQuery({
    queryKey: projectPagesKey(filter),
    queryFn: ({ pageParam, signal }) => {
      const query = { limit: PROJECTS_PAGE, continue: pageParam, filter };
      return request<List<Project>>("/v1beta1/projects", { query, signal });
    },
    initialPageParam: "",
    getNextPageParam: (last) => last.metadata?.continue || undefined,
    placeholderData: keepPreviousData,
  });
}

export const projectPagesKey = (filter: string): string[] => ["projects", "pages", filter];
