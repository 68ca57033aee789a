/** What runs where. */
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";

import { path, request } from "./client";

export interface MatrixArtifact {
  kind: "image" | "git" | "chart";
  repoURL: string;
  name: string;
}

export interface MatrixCell {
  project: string;
  stage: string;
  version: string;
  freight: string;
  alias?: string;
  /** How many newer versions there are; absent where that is not known. */
  behind?: number | null;
  /** There may be more of them than were counted. */
  atLeast?: boolean;
  health?: string;
}

export interface MatrixStage {
  project: string;
  stage: string;
  health?: string;
  promoting?: boolean;
}

export interface MatrixRow {
  artifact: MatrixArtifact;
  newest?: string;
  cells: MatrixCell[];
}

/** A page of it: some of the Stages, with all that they use. */
export interface MatrixPage {
  metadata?: { continue?: string };
  stages: MatrixStage[];
  rows: MatrixRow[];
}

const STAGES = 200;

/** Of one Project, or of all that may be seen. */
export function useMatrix(project: string | undefined) {
  return useInfiniteQuery({
    queryKey: ["matrix", project ?? ""],
    queryFn: ({ pageParam, signal }) => {
      const place = project === undefined ? "/v1beta1/matrix" : path`/v1beta1/projects/${project}/matrix`;
      return request<MatrixPage>(place, { query: { limit: STAGES, continue: pageParam }, signal });
    },
    initialPageParam: "",
    getNextPageParam: (last) => last.metadata?.continue || undefined,
    placeholderData: keepPreviousData,
    // The whole is long, and one Project's is brought up to date when something changes in it.
    refetchInterval: (query) => (project === undefined && (query.state.data?.pages.length ?? 0) < 3 ? 30_000 : false),
  });
}
