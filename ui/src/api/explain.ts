/** Why things are as they are, in the server's words. */
import { useQuery } from "@tanstack/react-query";

import { path, request } from "./client";
import type { Artifacts, Origin } from "./types";

export interface Reason {
  code: string;
  message: string;
  advice?: string;
  until?: string;
}

export interface Piece extends Artifacts {
  freight: string;
  alias: string;
  origin?: Origin;
  discoveredAt?: string;
}

export interface Candidate extends Piece {
  available: boolean;
  reasons: Reason[];
  automatic: boolean;
  automaticReasons: Reason[];
}

export interface Movement {
  promotion: string;
  freight: string;
  alias: string;
  phase: string;
  actor: string;
  reasons: Reason[];
}

export interface StageExplanation {
  project: string;
  stage: string;
  ready: boolean;
  message: string;
  health: string;
  healthIssues: string[];
  autoPromotion: boolean;
  holds: { origin: Origin; freight: string; alias: string; promotion: string; actor: string; since?: string }[];
  reasons: Reason[];
  current: (Piece & { since?: string; verifiedAt?: string })[];
  promotion?: Movement;
  waiting: Movement[];
  candidates: Candidate[];
  more: number;
  notes: string[];
}

export interface Whereabouts {
  stage: string;
  state: "here" | "was" | "available" | "not";
  since?: string;
  verifiedAt?: string;
  available: boolean;
  reasons: Reason[];
  automatic: boolean;
  automaticReasons: Reason[];
}

export interface FreightExplanation extends Piece {
  project: string;
  stages: Whereabouts[];
  uninterested: string[];
}

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
