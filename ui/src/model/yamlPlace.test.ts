import { expect, test } from "vitest";

import { yamlPlace } from "./yamlPlace";

const STAGE = `apiVersion: v1
kind: Project
---
kind: Stage
spec:
  requestedFreight:
  - origin:
      kind: Warehouse
    sources:
      direct: true
  - origin:
      na|
  promotionTemplate:
    spec:
      steps:
        - uses: git-clone
          as: first
        - uses: git-com§
          config:
            pa†
`;

function at(mark: string, text = STAGE) {
  const offset = text.indexOf(mark);
  return yamlPlace(text.replaceAll(/[|§†]/g, ""), offset - [...text.slice(0, offset)].filter((each) => "|§†".includes(each)).length);
}

test("keys are below what is indented less, entries of lists are counted", () => {
  expect(at("|")).toMatchObject({ path: ["spec", "requestedFreight", 1, "origin"], prefix: "na" });
  expect(at("|").key).toBeUndefined();
});

test("lists that are indented more than their key are found, too", () => {
  expect(at("§")).toMatchObject({ path: ["spec", "promotionTemplate", "spec", "steps", 1], key: "uses", prefix: "git-com" });
  expect(at("†")).toMatchObject({ path: ["spec", "promotionTemplate", "spec", "steps", 1, "config"], prefix: "pa" });
});

test("only the document of the cursor counts, without its line", () => {
  expect((at("|").value as { kind: string }).kind).toBe("Stage");
});

test.each([
  ["", [], ""],
  ["ki", [], "ki"],
  ["a:\n  ", ["a"], ""],
  ["a:\n- ", ["a", 0], ""],
  ["a:\n- b\n- ", ["a", 1], ""],
  ["a:\n  b: 1\n", [], ""],
  ["a:\n  b: 1\n  ", ["a"], ""],
  ["a:\n  - - x\n    - ", ["a", 0, 1], ""],
  ["a: # why\n  # not\n\n  b", ["a"], "b"],
])("%j", (text, path, prefix) => {
  expect(yamlPlace(text, text.length)).toMatchObject({ path, prefix });
});
