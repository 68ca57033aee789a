/** What the pipeline page needs, in one answer, kept true by the Project's stream. */
import { useQuery } from "@tanstack/react-query";

import { path, request } from "./client";
import { useLive } from "./live";
import type { Pipeline } from "./types";

/** How much Freight of each Warehouse is looked through; older Freight is on its own page, and wherever it is in use. */
const FREIGHT = 500;

export function usePipeline(project: string) {
  const found = useQuery({
    queryKey: ["pipeline", project],
    queryFn: ({ signal }) =>
      request<Pipeline>(path`/v1beta1/projects/${project}/pipeline`, { query: { freight: FREIGHT }, signal }),
    staleTime: 60_000,
  });
  useLive(project, found.isSuccess);
  return found;
}
