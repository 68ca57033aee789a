import { expect, test } from "vitest";

import type { Pipeline, Promotion, Resource, Stage } from "~/api/types";
import type { Change } from "~/api/watch";

import { merged } from "./change";

const stage = (name: string, version: number): Stage => ({ kind: "Stage", metadata: { name, resourceVersion: String(version) } });
const promotion = (name: string, phase: string): Promotion => ({
  kind: "Promotion",
  metadata: { name, resourceVersion: "9" },
  status: { phase },
});
const change = (type: Change<Resource>["type"], object: Resource): Change<Resource> => ({ type, object });

const WAS: Pipeline = {
  project: { metadata: { name: "shop" } },
  warehouses: [],
  stages: [stage("dev", 3), stage("prod", 4)],
  freight: [],
  promotions: [promotion("p1", "Running")],
};

test("changes replace what they are of, add what is new and remove what is gone", () => {
  const now = merged(WAS, [
    change("MODIFIED", stage("dev", 5)),
    change("ADDED", stage("test", 6)),
    change("DELETED", stage("prod", 7)),
  ]);
  expect(now.stages.map((each) => [each.metadata.name, each.metadata.resourceVersion])).toEqual([["dev", "5"], ["test", "6"]]);
  expect(now.warehouses).toBe(WAS.warehouses);
  expect(now.promotions).toBe(WAS.promotions);
});

test("what is older than what is known changes nothing", () => {
  expect(merged(WAS, [change("MODIFIED", stage("prod", 2))]).stages[1]?.metadata.resourceVersion).toBe("4");
});

test("a promotion that ended is no more among those under way", () => {
  expect(merged(WAS, [change("MODIFIED", promotion("p1", "Succeeded"))]).promotions).toEqual([]);
});
