import { expect, test } from "vitest";

import { descriptionAt, keysAt, type Schema, valuesAt } from "./schema";

const ROOT: Schema = {
  type: "object",
  required: ["kind"],
  properties: { kind: { enum: ["Stage", "Project"] } },
  allOf: [
    { if: { properties: { kind: { const: "Stage" } }, required: ["kind"] }, then: { $ref: "#/definitions/Stage" } },
    { if: { properties: { kind: { const: "Project" } }, required: ["kind"] }, then: { $ref: "#/definitions/Project" } },
  ],
  definitions: {
    Project: { properties: { metadata: { type: "object" } } },
    Stage: {
      required: ["spec"],
      properties: { spec: { properties: { steps: { description: "In order.", type: "array", items: { $ref: "#/definitions/step" } } } } },
    },
    step: {
      properties: { uses: { anyOf: [{ enum: ["copy", "fail"] }, {}] }, config: {}, done: { type: "boolean" } },
      allOf: [
        {
          if: { properties: { uses: { const: "copy" } }, required: ["uses"] },
          then: { properties: { config: { anyOf: [{ properties: { inPath: { description: "From." } }, required: ["inPath"] }] } } },
        },
      ],
    },
  },
};

const names = (value: unknown, path: (string | number)[]) => keysAt(ROOT, value, path).map((each) => each.name);

test("what was written decides what may be written", () => {
  expect(names({}, [])).toEqual(["kind"]);
  expect(names({ kind: "Stage" }, [])).toEqual(["spec"]);
  expect(names({ kind: "Project" }, [])).toEqual(["metadata"]);
  const copying = { kind: "Stage", spec: { steps: [{ uses: "fail" }, { uses: "copy" }] } };
  expect(names(copying, ["spec", "steps", 1, "config"])).toEqual(["inPath"]);
  expect(names(copying, ["spec", "steps", 0, "config"])).toEqual([]);
  expect(names(copying, ["spec", "steps", 1])).toEqual(["config", "done"]);
});

test("keys say what they are for and how they are written", () => {
  expect(keysAt(ROOT, { kind: "Stage" }, ["spec"])[0]).toEqual({
    name: "steps",
    description: "In order.",
    required: false,
    shape: "list",
  });
  expect(descriptionAt(ROOT, { kind: "Stage" }, ["spec", "steps"])).toBe("In order.");
});

test("values that are named are offered", () => {
  expect(valuesAt(ROOT, {}, ["kind"])).toEqual(["Stage", "Project"]);
  expect(valuesAt(ROOT, { kind: "Stage" }, ["spec", "steps", 0, "uses"])).toEqual(["copy", "fail"]);
  expect(valuesAt(ROOT, { kind: "Stage" }, ["spec", "steps", 0, "done"])).toEqual(["true", "false"]);
});
