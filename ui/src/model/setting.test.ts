import { expect, test } from "vitest";

import { holders, newPair, pairChange, pairFault, repoRow, ruleWords, saidOf, tokenRow } from "./setting";

const NOW = Date.parse("2026-01-02T00:00:00Z");

test("credentials are told without what opens anything", () => {
  const row = repoRow({
    metadata: { name: "acme", labels: { "kargo.akuity.io/cred-type": "git" }, annotations: { "kargo.akuity.io/description": "pushes" } },
    stringData: { repoURL: "https://git.example.com/acme", username: "bot", password: "*** REDACTED ***" },
  });
  expect(row).toEqual({ name: "acme", type: "git", repoURL: "https://git.example.com/acme", isRegex: false, username: "bot", description: "pushes" });
  expect(saidOf.createRepo({ project: "p" }, row)).toBe(
    "argosy credentials create acme --project p --git --repo-url https://git.example.com/acme --username bot --description pushes",
  );
});

test("tokens say whether they are still good", () => {
  const token = (expires?: string) =>
    tokenRow({ metadata: { name: "t", annotations: { "kubernetes.io/service-account.name": "ci", ...(expires ? { "argosy/expires": expires } : {}) } } }, NOW);
  expect(token()).toMatchObject({ role: "ci", expired: false });
  expect(token("2026-01-01T00:00:00Z").expired).toBe(true);
  expect(token("2026-01-03T00:00:00Z").expired).toBe(false);
});

test("of secrets only what was written is sent, of maps what differs", () => {
  const before = { a: "1", b: "2", c: "3" };
  const pairs = [newPair("a", "", true), newPair("b", "9", true), newPair("d", "4")];
  expect(pairChange(before, pairs, true)).toEqual({ data: { b: "9", d: "4" }, removeKeys: ["c"] });
  expect(pairChange(before, [newPair("a", "1", true), newPair("b", "", true)], false)).toEqual({ data: { b: "" }, removeKeys: ["c"] });
});

test("keys must be keys, once each", () => {
  const [one, two, bad] = [newPair("a", "1"), newPair("a", "2"), newPair("a b", "3")];
  const all = [one, two, bad];
  const kept = newPair("x", "", true);
  expect([pairFault(one, all, true), pairFault(kept, [kept], true)]).toEqual([undefined, undefined]);
  expect(pairFault(newPair("", "1"), all, false)).toMatch(/Give it a key/);
  expect(pairFault(two, all, true)).toMatch(/another/);
  expect(pairFault(bad, all, true)).toMatch(/letters/);
});

test("roles in words, and as a command", () => {
  const role = { metadata: { name: "qa" }, claims: [{ name: "groups", values: ["qa", "dev"] }], rules: [{ resources: ["stages"], verbs: ["promote"], resourceNames: ["prod"] }] };
  expect(holders(role)).toEqual(["groups: qa, dev"]);
  expect(role.rules.map(ruleWords)).toEqual([{ about: "stages (prod)", may: "promote" }]);
  expect(saidOf.role("create", { project: "p" }, role)).toBe("argosy role create qa --project p --claim groups=qa,dev --allow promote:stages:prod");
  expect(saidOf.role("update", { project: "p" }, role)).toBe("argosy role update qa --project p --claim groups=qa,dev --allow promote:stages:prod --description ''");
  expect(saidOf.deleteToken("system", "t")).toBe("argosy token delete t --system");
});

test("a config map is made and changed by commands with its values", () => {
  expect(saidOf.createMap("shared", "regions", "where", true, { eu: "a b" })).toBe("argosy create configmap regions --shared --description where --replicate --set 'eu=a b'");
  expect(saidOf.updateMap({ project: "p" }, "regions", "", { us: "1" }, ["eu"])).toBe("argosy update configmap regions --project p --set us=1 --unset eu");
});
