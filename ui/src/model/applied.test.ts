import { expect, test } from "vitest";

import { faultsOfProblems, faultsOfResults, fieldPath, projectNameOf, projectsOf } from "./applied";

const TEXT = `kind: Stage
metadata:
  name: dev
spec:
  requestedFreight:
  - origin:
      name: x
---
kind: Project
metadata:
  name: web
`;

test("fields are read as paths", () => {
  expect(fieldPath("spec.vars[10].name")).toEqual(["spec", "vars", 10, "name"]);
  expect(fieldPath("")).toEqual([]);
});

test("a fault is at the line of its field, in the manifest that it is of", () => {
  const done = { createdResourceManifest: { metadata: { name: "web" } } };
  const results = [done, { error: "create resource: spec.requestedFreight[0].origin.name: unknown" }];
  expect(faultsOfResults(TEXT, results)).toMatchObject([{ line: 7, severity: "error" }]);
  expect(faultsOfResults(TEXT, [{ error: "no" }, done])).toMatchObject([{ line: 9, message: "no" }]);
});

test("of a field that is not there, it is at the one around it", () => {
  expect(faultsOfProblems(TEXT, "invalid", [{ field: "spec.requestedFreight[0].sources", message: "is missing" }])).toMatchObject([
    { line: 6, message: "spec.requestedFreight[0].sources: is missing" },
  ]);
  expect(faultsOfProblems("{", "invalid", [])).toMatchObject([{ line: 1, message: "invalid" }]);
});

test("projects can be made before the rest", () => {
  expect(projectsOf(TEXT).trim()).toBe("kind: Project\nmetadata:\n  name: web");
  expect(projectNameOf(TEXT)).toBe("web");
  expect(projectNameOf("kind: Stage")).toBeUndefined();
});
