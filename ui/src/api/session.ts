/** Who is signed in, and how that changes. */
import { useQuery, useQueryClient } from "@tanstack/react-query";

import { ApiError, holdCsrf, request, send } from "~/api/client";

export interface Who {
  actor?: string;
  username?: string;
  email?: string;
  groups?: string[];
  mayAll?: boolean;
  /** The ServiceAccounts whose roles one has. */
  accounts?: string[];
  csrfToken?: string;
}

/** What a visitor may know before signing in. */
export interface PublicConfig {
  adminAccountEnabled?: boolean;
  skipAuth?: boolean;
  oidcConfig?: { issuerUrl?: string; clientId?: string };
}

export async function whoAmI(): Promise<Who> {
  const who = await request<Who>("/v1beta1/system/whoami");
  holdCsrf(who.csrfToken ?? null);
  return who;
}

export function useWho() {
  return useQuery({
    queryKey: ["who"],
    queryFn: whoAmI,
    staleTime: 5 * 60_000,
    retry: (count, error) => !(error instanceof ApiError && error.status === 401) && count < 2,
  });
}

export function usePublicConfig() {
  return useQuery({
    queryKey: ["public-config"],
    queryFn: () => request<PublicConfig>("/v1beta1/system/public-server-config"),
    staleTime: Infinity,
    retry: false,
  });
}

/** Signs in with a token that the server gave: its own, an API token, an ID token. Throws ApiError. */
export async function signInByToken(token: string): Promise<void> {
  await send("/auth/session", { method: "POST", bearer: token.trim() });
  await whoAmI();
}

/** Signs in as the built-in administrator. Throws ApiError. */
export async function signInAsAdmin(password: string): Promise<void> {
  const latin = String.fromCharCode(...new TextEncoder().encode(password));
  const answer = await send("/v1beta1/login", { method: "POST", bearer: latin });
  const { idToken } = (await answer.json()) as { idToken?: string };
  if (idToken) await signInByToken(idToken);
}

/** Where the browser goes to sign in by the organisation's identity provider. */
export const ssoAddress = (next: string): string => `/auth/login?next=${encodeURIComponent(next)}`;

export function useSignOut(): () => Promise<void> {
  const queries = useQueryClient();
  return async () => {
    const answer = await send("/auth/logout", { method: "POST" }).catch(() => undefined);
    const { redirect } = ((await answer?.json()) ?? {}) as { redirect?: string };
    holdCsrf(null);
    queries.clear();
    location.assign(redirect || "/login");
  };
}
