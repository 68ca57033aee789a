import { expect, test } from "vitest";

import type { Project } from "~/api/types";

import { ownProjects, projectRow, told } from "./project";

function project(warehouses: [number, number], stages: [number, number], more: Partial<Project["metadata"]> = {}): Project {
  const kind = ([healthy, count]: [number, number]) => ({ count, health: { healthy } });
  return { metadata: { name: "p", ...more }, status: { stats: { warehouses: kind(warehouses), stages: kind(stages) } } };
}

test.each([
  [project([1, 1], [3, 3]), "good", "Healthy"],
  [project([1, 1], [1, 3]), "warn", "Partly healthy"],
  [project([1, 1], [0, 3]), "idle", "Nothing is healthy yet"],
  [project([0, 1], [3, 3]), "bad", "A warehouse has trouble"],
  [project([0, 0], [0, 0]), "idle", "Empty"],
  [{ metadata: { name: "p" } }, "idle", "Empty"],
  [project([1, 1], [3, 3], { deletionTimestamp: "2026-01-01T00:00:00Z" }), "busy", "Being deleted"],
])("the state of a project", (given, tone, state) => {
  expect(projectRow(given)).toMatchObject({ tone, state });
});

test("what keeps a project from being used is told in the server's words", () => {
  const conditions = [{ type: "Ready", status: "False" as const, message: "the namespace is another's" }];
  expect(projectRow({ metadata: { name: "p" }, status: { conditions } })).toMatchObject({
    tone: "bad",
    trouble: "the namespace is another's",
  });
});

test("counts in words", () => {
  expect(told({ count: 3, healthy: 2 }, "stage")).toBe("2 of 3 stages healthy");
  expect(told({ count: 1, healthy: 1 }, "stage")).toBe("1 stage, healthy");
  expect(told({ count: 0, healthy: 0 }, "stage")).toBe("no stages");
});

test("who may not list all projects is led to their own", () => {
  expect(ownProjects(["shop/kargo-viewer", "api/kargo-admin", "shop/kargo-admin"])).toEqual(["api", "shop"]);
  expect(ownProjects([], "system:serviceaccount:demo:kargo-viewer")).toEqual(["demo"]);
  expect(ownProjects(undefined, "ada")).toEqual([]);
});
