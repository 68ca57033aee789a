/** What the person who is signed in may do, so that pages offer nothing that would be refused. */
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { type May, mayBy, type Rights } from "~/model/rights";

import { request } from "./client";
import { type Scope, useNamespace } from "./scoped";

const REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews";

/** What one may do in a scope; until the server has answered, everything. */
export function useMayIn(scope: Scope): May {
  const namespace = useNamespace(scope);
  const { data } = useQuery({
    queryKey: ["rights", namespace],
    queryFn: async ({ signal }) => {
      const body = { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectRulesReview", spec: { namespace } };
      return (await request<{ status: Rights }>(REVIEWS, { method: "POST", body, signal })).status;
    },
    enabled: Boolean(namespace),
    staleTime: 60_000,
    retry: false,
  });
  return useMemo(() => mayBy(data), [data]);
}

/** What one may do in a Project. */
export const useMay = (project: string): May => useMayIn({ project });
