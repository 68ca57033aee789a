/** The places that the header leads to, and the addresses of resources. The addresses are Kargo's, so that links written for it lead here, too. */
import { path } from "~/api/client";

export interface Place {
  name: string;
  to: string;
  exact?: boolean;
}

export const globalPlaces = (): Place[] => [
  { name: "Projects", to: "/", exact: true },
  { name: "What runs where", to: "/runs" },
  { name: "Settings", to: "/settings" },
];

export const projectPlaces = (project: string): Place[] => [
  { name: "Pipeline", to: path`/project/${project}`, exact: true },
  { name: "What runs where", to: path`/project/${project}/runs` },
  { name: "Events", to: path`/project/${project}/events` },
  { name: "Settings", to: path`/project/${project}/settings` },
];

export const createProject = "/create-project";

export const at = {
  project: (project: string) => path`/project/${project}`,
  stage: (project: string, stage: string) => path`/project/${project}/stage/${stage}`,
  warehouse: (project: string, warehouse: string) => path`/project/${project}/warehouse/${warehouse}`,
  freight: (project: string, freight: string) => path`/project/${project}/freight/${freight}`,
  add: (project: string, kind: "stage" | "warehouse") => path`/project/${project}/create/${kind}`,
  settings: (project: string, part: string) => path`/project/${project}/settings/${part}`,
  promotion: (project: string, promotion: string) => path`/project/${project}/promotion/${promotion}`,
};
