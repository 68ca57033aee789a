/** What happened in a Project. */
import { useQuery } from "@tanstack/react-query";

import { path, request } from "./client";
import type { List, Resource } from "./types";

export interface Event extends Resource {
  involvedObject?: { kind?: string; name?: string };
  reason?: string;
  message?: string;
  type?: string;
  firstTimestamp?: string;
  lastTimestamp?: string;
  count?: number;
}

/** The newest Events, for a page that shows those of one resource. */
export function useNewestEvents(project: string, limit: number) {
  return useQuery({
    queryKey: ["history", project, "events", limit],
    queryFn: ({ signal }) => request<List<Event>>(path`/v1beta1/projects/${project}/events`, { query: { limit }, signal }),
  });
}
