/** What the pipeline page needs, in one answer, kept true by the Project's stream. */
import { type QueryClient, queryOptions, useQuery } from "@tanstack/react-query";

import { merged } from "~/model/change";

import { path, request } from "./client";
import { recentChanges, useLive } from "./live";
import type { Pipeline } from "./types";

/** How much Freight of each Warehouse is looked through; older Freight is on its own page, and wherever it is in use. */
const FREIGHT = 100;

const reading = (project: string) =>
  queryOptions({
    queryKey: ["pipeline", project],
    queryFn: async ({ signal }) => {
      const query = { freight: FREIGHT };
      const told = await request<Pipeline>(path`/v1beta1/projects/${project}/pipeline`, { query, signal });
      return merged(told, recentChanges(project));
    },
    staleTime: 60_000,
  });

/** Begins to read what a page of this address needs, while the page itself is still on its way. */
export function readAhead(queries: QueryClient, address: string): void {
  const project = /^\/project\/([^/]+)$/.exec(address)?.[1];
  if (project) void queries.prefetchQuery(reading(decodeURIComponent(project)));
}

export function usePipeline(project: string) {
  const found = useQuery(reading(project));
  // Once read it is followed, also while a server that is away lets later readings fail.
  useLive(project, found.data !== undefined);
  return found;
}
