/** Warehouses. */
import { useQuery } from "@tanstack/react-query";

import { path, request } from "./client";
import type { Warehouse } from "./types";

export const refreshWarehouse = (project: string, warehouse: string): Promise<void> =>
  request(path`/v1beta1/projects/${project}/warehouses/${warehouse}/refresh`, { method: "POST" });

export function useWarehouse(project: string, warehouse: string) {
  return useQuery({
    queryKey: ["warehouse", project, warehouse],
    queryFn: ({ signal }) => request<Warehouse>(path`/v1beta1/projects/${project}/warehouses/${warehouse}`, { signal }),
  });
}
