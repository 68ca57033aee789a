/** Every page and its address. Pages are fetched when they are first opened; a new one is a line here. */
import { lazy } from "react";
import { Navigate, type RouteObject, useParams } from "react-router";

import { Empty } from "~/design/State";
import { LinkButton } from "~/design/Button";
import { Gate } from "~/shell/Gate";
import { PageError } from "~/shell/PageError";
import { at } from "~/shell/places";
import { Shell } from "~/shell/Shell";

const LoginPage = lazy(() => import("~/pages/login/LoginPage"));
const ProjectsPage = lazy(() => import("~/pages/projects/ProjectsPage"));
const PipelinePage = lazy(() => import("~/pages/pipeline/PipelinePage"));
const StagePage = lazy(() => import("~/pages/stage/StagePage"));
const WarehousePage = lazy(() => import("~/pages/warehouse/WarehousePage"));
const FreightPage = lazy(() => import("~/pages/freight/FreightPage"));
const PromotionPage = lazy(() => import("~/pages/promotion/PromotionPage"));
const CreatePage = lazy(() => import("~/pages/create/CreatePage"));
const AddPage = lazy(() => import("~/pages/create/AddPage"));
const RunsPage = lazy(() => import("~/pages/runs/RunsPage"));
const EventsPage = lazy(() => import("~/pages/events/EventsPage"));
const SettingsPage = lazy(() => import("~/pages/settings/SettingsPage"));

const NotFound = () => (
  <Empty page icon="search" title="There is no such page" acts={<LinkButton to="/">All projects</LinkButton>} />
);

/** An address of Kargo's UI: here promoting is asked for on the page of the pipeline. */
function ToPromote() {
  const { project = "", freight = "", stage = "" } = useParams();
  return <Navigate replace to={`${at.project(project)}?${new URLSearchParams({ promote: stage, freight })}`} />;
}

const pages: RouteObject[] = [
  { path: "/", element: <ProjectsPage /> },
  { path: "/project/:project", element: <PipelinePage /> },
  { path: "/project/:project/stage/:stage", element: <StagePage /> },
  { path: "/project/:project/warehouse/:warehouse/:tab?", element: <WarehousePage /> },
  { path: "/project/:project/freight/:freight", element: <FreightPage /> },
  { path: "/project/:project/promotion/:promotion", element: <PromotionPage /> },
  { path: "/project/:project/promote/freight/:freight/stage/:stage", element: <ToPromote /> },
  { path: "/create-project", element: <CreatePage /> },
  { path: "/create", element: <CreatePage /> },
  { path: "/project/:project/create/:kind", element: <AddPage /> },
  { path: "/runs", element: <RunsPage /> },
  { path: "/settings/:part?", element: <SettingsPage /> },
  { path: "/project/:project/settings/:part?", element: <SettingsPage /> },
  { path: "/project/:project/events", element: <EventsPage /> },
  { path: "/project/:project/runs", element: <RunsPage /> },
  { path: "*", element: <NotFound /> },
];

export const routes: RouteObject[] = [
  { path: "/login", element: <LoginPage />, errorElement: <PageError /> },
  {
    element: <Gate />,
    children: [{ element: <Shell />, children: pages.map((page) => ({ ...page, errorElement: <PageError /> })) }],
  },
];
