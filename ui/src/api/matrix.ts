/** What runs where. */
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";

import { path, request } from "./client";
import type { Answer } from "./types";

export type MatrixArtifact = Answer<"ArtifactName">;
export type MatrixCell = Answer<"Cell">;
export type MatrixStage = Answer<"MatrixStage">;

/** A page of it: some of the Stages, with all that they use. */
export type MatrixPage = Omit<Answer<"Matrix">, "metadata"> & { metadata?: { continue?: string } };

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
