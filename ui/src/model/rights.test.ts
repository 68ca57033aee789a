import { expect, test } from "vitest";

import { mayPromote, type Rule } from "./rights";

const rule = (more: Partial<Rule> = {}): Rule => ({ verbs: ["promote"], apiGroups: ["kargo.akuity.io"], resources: ["stages"], ...more });
const may = (...resourceRules: Rule[]): boolean => mayPromote({ resourceRules }, "prod");

test("whoever has the verb may promote, to all Stages or to those that are named", () => {
  expect(may(rule())).toBe(true);
  expect(may(rule({ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }))).toBe(true);
  expect(may(rule({ resourceNames: ["dev", "prod"] }))).toBe(true);
  expect(may(rule({ resourceNames: ["dev"] }))).toBe(false);
});

test("nothing else lets anybody promote", () => {
  expect(may()).toBe(false);
  expect(may(rule({ verbs: ["get", "update"] }), rule({ resources: ["promotions"] }), rule({ apiGroups: [""] }))).toBe(false);
});

test("what is not known is left to the server", () => {
  expect(mayPromote(undefined, "prod")).toBe(true);
  expect(mayPromote({ resourceRules: [], incomplete: true }, "prod")).toBe(true);
});
