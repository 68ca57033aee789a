/** Starts the pages. */
import "@fontsource-variable/geist/wght.css";
import "@fontsource-variable/geist-mono/wght.css";
import "~/design/base.css";

import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode, Suspense } from "react";
import { createRoot } from "react-dom/client";
import { createBrowserRouter, RouterProvider } from "react-router";

import { ApiError } from "~/api/client";
import { readAhead } from "~/api/pipeline";
import { Toasts } from "~/design/Toast";
import { routes } from "~/routes";

const queries: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError(error, query) {
      // The session has ended: ask again who this is, which leads to the sign-in page.
      if (!(error instanceof ApiError) || error.status !== 401 || query.queryKey[0] === "who") return;
      void queries.resetQueries({ queryKey: ["who"] });
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      refetchOnWindowFocus: true,
      retry: (count, error) => (!(error instanceof ApiError) || error.status === 0 || error.status >= 500) && count < 2,
    },
  },
});

readAhead(queries, location.pathname);

const root = document.getElementById("root");
if (!root) throw new Error("the page has no root element");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <Toasts>
        <Suspense fallback={null}>
          <RouterProvider router={createBrowserRouter(routes)} />
        </Suspense>
      </Toasts>
    </QueryClientProvider>
  </StrictMode>,
);
