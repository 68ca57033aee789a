/** The faults of manifests while they are written, as the server finds them. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { lintManifests } from "~/api/manifest";
import { type Fault, faultOfFinding } from "~/model/applied";

const PAUSE = 350;
const NONE: readonly Fault[] = [];

export function useLint(text: string, project: string): { faults: readonly Fault[]; pending: boolean } {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), PAUSE);
    return () => clearTimeout(timer);
  }, [text]);
  const found = useQuery({
    queryKey: ["lint", project, settled],
    queryFn: ({ signal }) => lintManifests(settled, project, signal),
    select: faultsOf,
    staleTime: Infinity,
    gcTime: 0,
    enabled: settled.trim() !== "",
    placeholderData: (was) => was,
  });
  return { faults: found.data ?? NONE, pending: settled !== text || found.isFetching };
}

const faultsOf = (found: Awaited<ReturnType<typeof lintManifests>>): Fault[] => found.map(faultOfFinding);
