/** What happened in a Project. */
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";

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

const EVENTS_PAGE = 80;

export const eventPagesKey = (project: string, fieldSelector: string): string[] => ["event-pages", project, fieldSelector];

/** Events by their time, the newest first, in pages that are fetched as somebody comes to their end. */
export function useEventPages(project: string, fieldSelector: string) {
  return useInfiniteQuery({
    queryKey: eventPagesKey(project, fieldSelector),
    queryFn: ({ pageParam, signal }) => {
      const query = { limit: EVENTS_PAGE, continue: pageParam, fieldSelector };
      return request<List<Event>>(path`/v1beta1/projects/${project}/events`, { query, signal });
    },
    initialPageParam: "",
    getNextPageParam: (last) => last.metadata?.continue || undefined,
    placeholderData: keepPreviousData,
  });
}
