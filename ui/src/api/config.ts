/** The one configuration of a Project, and that of the installation. */
import { useQuery } from "@tanstack/react-query";

import { ApiError, path, request } from "./client";
import type { Answer, Resource } from "./types";

/** null where there is none yet. */
async function orNone(place: string, signal: AbortSignal): Promise<Resource | null> {
  try {
    return await request<Resource>(place, { signal });
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

export function useConfig(project: string | undefined) {
  const place = project === undefined ? "/v1beta1/system/cluster-config" : path`/v1beta1/projects/${project}/config`;
  return useQuery({ queryKey: ["config", project ?? ""], queryFn: ({ signal }) => orNone(place, signal) });
}

export function useServerVersion() {
  return useQuery({
    queryKey: ["server-version"],
    queryFn: ({ signal }) => request<Answer<"VersionInfo">>("/v1beta1/system/server-version", { signal }),
    staleTime: Infinity,
  });
}

/** Names that the server was set up with. */
export function useServerConfig(wanted: boolean) {
  return useQuery({
    queryKey: ["server-config"],
    queryFn: ({ signal }) => request<Answer<"GetConfigResponse">>("/v1beta1/system/server-config", { signal }),
    enabled: wanted,
    staleTime: Infinity,
  });
}

export const deleteProject = (project: string): Promise<void> => request(path`/v1beta1/projects/${project}`, { method: "DELETE" });
