/** Stages. */
import { useQuery } from "@tanstack/react-query";

import { path, request } from "./client";
import type { Stage } from "./types";

export const refreshStage = (project: string, stage: string): Promise<void> =>
  request(path`/v1beta1/projects/${project}/stages/${stage}/refresh`, { method: "POST" });

export const reverify = (project: string, stage: string): Promise<void> =>
  request(path`/v1beta1/projects/${project}/stages/${stage}/verification`, { method: "POST" });

export const abortVerification = (project: string, stage: string): Promise<void> =>
  request(path`/v1beta1/projects/${project}/stages/${stage}/verification/abort`, { method: "POST" });

export function useStage(project: string, stage: string) {
  return useQuery({
    queryKey: ["stage", project, stage],
    queryFn: ({ signal }) => request<Stage>(path`/v1beta1/projects/${project}/stages/${stage}`, { signal }),
  });
}
