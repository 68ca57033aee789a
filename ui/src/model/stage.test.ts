import { expect, test } from "vitest";

import type { Stage } from "~/api/types";

import { healthIssues, lastFailed } from "./stage";

const stage = (phase: string): Stage =>
  ({
    metadata: { name: "dev" },
    status: {
      health: { status: "Unknown", issues: ["Cannot assess health because last Promotion did not succeed", "something else"] },
      lastPromotion: { name: "dev.1", freight: { name: "abc" }, status: { phase, message: "no such file" } },
    },
  }) as unknown as Stage;

test("a promotion that failed is told instead of what follows from it", () => {
  expect(lastFailed(stage("Errored"))).toEqual({ promotion: "dev.1", freight: "abc", phase: "Errored", message: "no such file" });
  expect(healthIssues(stage("Errored"))).toEqual(["something else"]);
});

test("one that was aborted or succeeded is no failure", () => {
  expect(lastFailed(stage("Succeeded"))).toBeUndefined();
  expect(lastFailed(stage("Aborted"))).toBeUndefined();
  expect(healthIssues(stage("Aborted"))).toHaveLength(2);
  expect(lastFailed({ metadata: { name: "dev" } } as Stage)).toBeUndefined();
  expect(healthIssues({ metadata: { name: "dev" } } as Stage)).toEqual([]);
});

test("a promotion that runs is told elsewhere", () => {
  const health = { status: "Unknown", issues: ["Cannot assess health because a Promotion is currently in progress", "something else"] };
  const running = { metadata: { name: "dev" }, status: { health, currentPromotion: { name: "dev.2" } } } as unknown as Stage;
  expect(healthIssues(running)).toEqual(["something else"]);
});
