import { expect, test } from "vitest";

import { CORE, mayBy, type Rule, ruled } from "./rights";

const rule = (more: Partial<Rule> = {}): Rule => ({ verbs: ["promote"], apiGroups: ["kargo.akuity.io"], resources: ["stages"], ...more });
const may = (...resourceRules: Rule[]) => mayBy({ resourceRules });

test("whoever has the verb may, with all or with those that are named", () => {
  expect(may(rule())("promote", "stages", "prod")).toBe(true);
  expect(may(rule({ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }))("promote", "stages", "prod")).toBe(true);
  expect(may(rule({ resourceNames: ["dev", "prod"] }))("promote", "stages", "prod")).toBe(true);
  expect(may(rule({ resourceNames: ["dev"] }))("promote", "stages", "prod")).toBe(false);
});

test("without a name it is asked whether one may with any", () => {
  expect(may(rule({ resourceNames: ["dev"] }))("promote", "stages")).toBe(true);
  expect(may()("promote", "stages")).toBe(false);
});

test("another verb, resource or group lets nobody promote", () => {
  const others = may(rule({ verbs: ["get", "update"] }), rule({ resources: ["promotions"] }), rule({ apiGroups: [""] }));
  expect(others("promote", "stages", "prod")).toBe(false);
  expect(may(rule({ verbs: ["create"], apiGroups: [""], resources: ["secrets"] }))("create", "secrets", undefined, CORE)).toBe(true);
  expect(may(rule({ verbs: ["create"], resources: ["secrets"] }))("create", "secrets", undefined, CORE)).toBe(false);
});

test("what is not known is left to the server", () => {
  expect(mayBy(undefined)("promote", "stages", "prod")).toBe(true);
  expect(mayBy({ resourceRules: [], incomplete: true })("promote", "stages", "prod")).toBe(true);
});

test("a manifest's kind is named as rules do", () => {
  expect(ruled({ apiVersion: "kargo.akuity.io/v1alpha1", kind: "ProjectConfig" })).toEqual({ group: "kargo.akuity.io", resource: "projectconfigs" });
  expect(ruled({ apiVersion: "v1", kind: "ConfigMap" })).toEqual({ group: "", resource: "configmaps" });
});
