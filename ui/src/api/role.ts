/** Roles: who has them, and what they allow. */
import { useQuery } from "@tanstack/react-query";

import { path, request } from "./client";
import { type Scope, scopeKey, scopePath } from "./scoped";
import type { Answer, Resource } from "./types";

export type Claim = Answer<"Claim"> & { name: string };
export type Rule = Answer<"RoleRule">;
export type Role = Resource & Pick<Answer<"RbacRole">, "kargoManaged"> & { claims?: Claim[]; rules?: Rule[] };

export const ROLES = "roles";

export function useRoles(scope: Scope) {
  return useQuery({
    queryKey: [ROLES, scopeKey(scope)],
    queryFn: ({ signal }) => request<Role[]>(scopePath(scope, ROLES), { signal }),
  });
}

export const createRole = (scope: Scope, role: Role): Promise<Role> => request(scopePath(scope, ROLES), { method: "POST", body: role });

export const updateRole = (scope: Scope, role: Role): Promise<Role> =>
  request(scopePath(scope, ROLES) + path`/${role.metadata.name}`, { method: "PUT", body: role });
