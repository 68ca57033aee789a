/** API tokens: each acts as one role, and is told once. */
import { path, request } from "./client";
import type { Secret } from "./credential";
import { type Scope, scopePath } from "./scoped";

export const TOKENS = "api-tokens";

/** The token itself. Throws ApiError. */
export async function createToken(scope: Scope, role: string, name: string, expiresIn: string): Promise<string> {
  const place = scopePath(scope, "roles") + path`/${role}/api-tokens`;
  const made = await request<Secret>(place, { method: "POST", body: { name, ...(expiresIn ? { expiresIn } : {}) } });
  return atob(made.data?.token ?? "");
}
