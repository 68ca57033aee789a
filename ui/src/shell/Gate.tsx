/** Lets nobody in who is not signed in: they sign in first, and come back to where they wanted. */
import { Navigate, Outlet, useLocation } from "react-router";

import { ApiError } from "~/api/client";
import { useWho } from "~/api/session";
import { Trouble } from "~/design/State";

export function Gate() {
  const who = useWho();
  const { pathname, search } = useLocation();
  if (who.isPending) return null;
  if (!who.error) return <Outlet />;
  if (who.error instanceof ApiError && who.error.status === 401) {
    const wanted = `${pathname}${search}`;
    return <Navigate to={wanted === "/" ? "/login" : `/login?next=${encodeURIComponent(wanted)}`} replace />;
  }
  return <Trouble page error={who.error} retry={() => void who.refetch()} />;
}
