/** Every page and its address. Pages are fetched when they are first opened; a new one is a line here. */
import { lazy } from "react";
import type { RouteObject } from "react-router";

import { Empty } from "~/design/State";
import { LinkButton } from "~/design/Button";
import { Gate } from "~/shell/Gate";
import { PageError } from "~/shell/PageError";
import { Shell } from "~/shell/Shell";

const LoginPage = lazy(() => import("~/pages/login/LoginPage"));
const ProjectsPage = lazy(() => import("~/pages/projects/ProjectsPage"));
const PipelinePage = lazy(() => import("~/pages/pipeline/PipelinePage"));
const CreatePage = lazy(() => import("~/pages/create/CreatePage"));

const NotFound = () => (
  <Empty icon="search" title="There is no such page" acts={<LinkButton to="/">All projects</LinkButton>} />
);

const pages: RouteObject[] = [
  { path: "/", element: <ProjectsPage /> },
  { path: "/project/:project", element: <PipelinePage /> },
  { path: "/create-project", element: <CreatePage /> },
  { path: "*", element: <NotFound /> },
];

export const routes: RouteObject[] = [
  { path: "/login", element: <LoginPage />, errorElement: <PageError /> },
  {
    element: <Gate />,
    children: [{ element: <Shell />, children: pages.map((page) => ({ ...page, errorElement: <PageError /> })) }],
  },
];
