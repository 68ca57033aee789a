/** Projects. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { path, request } from "./client";
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

export function useProject(project: string) {
  return useQuery({
    queryKey: ["project", project],
    queryFn: ({ signal }) => request<Project>(path`/v1beta1/projects/${project}`, { signal }),
  });
}
