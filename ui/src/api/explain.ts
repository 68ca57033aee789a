/** Why things are as they are, in the server's words. */
import { useQuery } from "@tanstack/react-query";

import { path, request } from "./client";
import type { Made } from "./types";

export type Reason = Made<"Reason">;
export type Candidate = Made<"Candidate">;
export type Movement = Made<"Movement">;
export type StageExplanation = Made<"StageExplanation">;
export type Whereabouts = Made<"Whereabouts">;
export type FreightExplanation = Made<"FreightExplanation">;

export function useStageExplanation(project: string, stage: string, enabled = true) {
  return useQuery({
    queryKey: ["explain", project, "stage", stage],
    queryFn: ({ signal }) =>
      request<StageExplanation>(path`/v1beta1/projects/${project}/stages/${stage}/explain`, { signal }),
    enabled,
  });
}

export function useFreightExplanation(project: string, freight: string | undefined) {
  return useQuery({
    queryKey: ["explain", project, "freight", freight],
    queryFn: ({ signal }) =>
      request<FreightExplanation>(path`/v1beta1/projects/${project}/freight/${freight ?? ""}/explain`, { signal }),
    enabled: Boolean(freight),
  });
}
