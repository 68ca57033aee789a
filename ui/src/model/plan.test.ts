import { expect, test } from "vitest";

import type { Plan } from "~/api/promote";

import { detailLines, joined, planTotals } from "./plan";

const PLAN: Plan = {
  project: "shop",
  stage: "prod",
  freight: { name: "f", alias: "a", origin: "Warehouse/web" },
  phase: "Succeeded",
  message: "",
  changes: true,
  steps: [
    { alias: "step-1", uses: "git-clone", status: "Succeeded", changes: [] },
    { alias: "step-2", uses: "git-push", status: "Succeeded", changes: [{ verb: "push", target: "main", diff: "diff --git a/x b/x\n@@ -1 +1 @@\n-a\n+b\n" }] },
    { alias: "step-3", uses: "git-wait-for-pr", status: "Succeeded", changes: [], waitsFor: "the pull request" },
    { alias: "step-4", uses: "http", status: "Failed", changes: [], message: "no" },
  ],
};

test("steps that change nothing outside, wait for nothing and do not fail are quiet", () => {
  const totals = planTotals(PLAN);
  expect(totals.telling.map((each) => each.alias)).toEqual(["step-2", "step-3", "step-4"]);
  expect([totals.files, totals.added, totals.removed]).toEqual([1, 1, 1]);
});

test("details are told in words", () => {
  expect(detailLines({ newBranch: true, commits: ["one", "two"], body: { a: 1 } })).toEqual([
    ["new branch", "yes"],
    ["commits", "one · two"],
    ["body", '{"a":1}'],
  ]);
  expect(joined(["a", "b"])).toBe("a, b");
  expect(joined(undefined)).toBe("");
});
