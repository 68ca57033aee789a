import { expect, test } from "vitest";

import type { Promotion } from "~/api/types";

import { actorName } from "./actor";
import { linksIn, logLines, stepOfInterest, stepViews } from "./promotion";

const PROMOTION: Promotion = {
  metadata: { name: "dev.1.abc" },
  spec: {
    stage: "dev",
    freight: "abc",
    steps: [
      { uses: "git-clone", as: "deliver::step-1", config: { repoURL: "r" } },
      { uses: "git-push", as: "deliver::push", retry: { errorThreshold: 3 } },
      { uses: "http", as: "tell", if: "${{ success() }}" },
    ],
  },
  status: {
    phase: "Running",
    currentStep: 1,
    stepExecutionMetadata: [
      { alias: "deliver::step-1", status: "Succeeded", startedAt: "2026-01-01T00:00:00Z", finishedAt: "2026-01-01T00:00:02Z" },
      { alias: "deliver::push", status: "Running", startedAt: "2026-01-01T00:00:02Z", errorCount: 1, message: "no answer" },
    ],
    state: { "deliver::step-1": { commitURL: "https://example.com/c/1", evil: "javascript:alert(1)" } },
  },
};

test("steps tell what they are, how they went and what they gave", () => {
  const [clone, push, tell] = stepViews(PROMOTION);
  expect([clone?.task, clone?.name, clone?.mark.word]).toEqual(["deliver", "step-1", "Succeeded"]);
  expect(clone?.links).toEqual([{ title: "commitURL", href: "https://example.com/c/1" }]);
  expect([push?.errors, push?.patience, push?.message]).toEqual([1, 3, "no answer"]);
  expect([tell?.task, tell?.mark.word, tell?.condition]).toEqual(["", "To come", "${{ success() }}"]);
});

test("the step that runs is looked at, or the one that failed", () => {
  expect(stepOfInterest(stepViews(PROMOTION))).toBe("deliver::push");
  expect(stepOfInterest([])).toBeUndefined();
});

test("links of nested outputs are called by what they are of", () => {
  expect(linksIn({ pr: { id: 3, url: "https://example.com/pr/3" } })).toEqual([{ title: "pr", href: "https://example.com/pr/3" }]);
});

test("lines of a log have their time and step, and what continues one belongs to its step", () => {
  expect(logLines("2026-01-01T00:00:00Z deliver::push: pushed\nmore: of it\n")).toEqual([
    { time: "2026-01-01T00:00:00Z", step: "deliver::push", text: "pushed" },
    { time: "", step: "deliver::push", text: "more: of it" },
  ]);
  expect(logLines("")).toEqual([]);
});

test("actors are called as people know them", () => {
  expect(actorName("email:ada@example.com")).toBe("ada@example.com");
  expect(actorName("admin")).toBe("admin");
  expect(actorName("controller:stage-controller")).toBe("Argosy itself");
  expect(actorName("")).toBe("");
});
