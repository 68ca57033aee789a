/** What came to a Stage, the newest first. */
import { useInfiniteQuery } from "@tanstack/react-query";

import { path, request } from "./client";
import type { FreightReference, List, Made } from "./types";

export type HistoryEntry = Omit<Made<"HistoryEntry">, "items"> & { items: Record<string, FreightReference> };

export function useHistory(project: string, stage: string, limit = 20) {
  return useInfiniteQuery({
    queryKey: ["history", project, stage, limit],
    queryFn: ({ signal, pageParam }) =>
      request<List<HistoryEntry>>(path`/v1beta1/projects/${project}/stages/${stage}/history`, {
        query: { limit, continue: pageParam },
        signal,
      }),
    initialPageParam: "",
    getNextPageParam: (last) => last.metadata?.continue || undefined,
  });
}
