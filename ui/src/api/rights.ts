/** What the person who is signed in may do in a Project, so that pages offer nothing that would be refused. */
import { useQuery } from "@tanstack/react-query";

import { mayPromote, type Rights } from "~/model/rights";

import { request } from "./client";

const REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews";

/** Tells of each Stage whether one may promote to it; until the server has answered, that one may. */
export function useMayPromote(project: string): (stage: string) => boolean {
  const { data } = useQuery({
    queryKey: ["rights", project],
    queryFn: async ({ signal }) => {
      const body = { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectRulesReview", spec: { namespace: project } };
      return (await request<{ status: Rights }>(REVIEWS, { method: "POST", body, signal })).status;
    },
    staleTime: 60_000,
    retry: false,
  });
  return (stage) => mayPromote(data, stage);
}
