import { expect, test } from "vitest";

import type { DiscoveredArtifacts } from "~/api/types";

import { assembledFreight, subscribed } from "./assembly";

const FOUND: DiscoveredArtifacts = {
  images: [{ repoURL: "r/web", references: [{ tag: "2", digest: "sha256:2" }, { tag: "1", digest: "sha256:1" }] }],
  git: [{ repoURL: "g/config.git", commits: [{ id: "0123456789", branch: "main", subject: "Fix", author: "Ada" }], subscriptionName: "config" }],
  charts: [{ repoURL: "https://c", name: "db", versions: ["1.0.0"] }],
};

test("what was discovered is offered by subscription", () => {
  expect(subscribed(FOUND).map((each) => [each.kind, each.name, each.choices.map(({ version }) => version)])).toEqual([
    ["image", "r/web", ["2", "1"]],
    ["chart", "db", ["1.0.0"]],
    ["git", "config", ["0123456"]],
  ]);
});

test("Freight takes what was chosen, and the newest of the rest", () => {
  const from = subscribed(FOUND);
  expect(assembledFreight("shop", "web", from, new Map([[from[0]?.key ?? "", "1 sha256:1"]]), "hotfix")).toEqual({
    apiVersion: "kargo.akuity.io/v1alpha1",
    kind: "Freight",
    metadata: { name: "assembled", namespace: "shop" },
    alias: "hotfix",
    origin: { kind: "Warehouse", name: "web" },
    images: [{ repoURL: "r/web", tag: "1", digest: "sha256:1" }],
    charts: [{ repoURL: "https://c", name: "db", version: "1.0.0" }],
    commits: [{ repoURL: "g/config.git", id: "0123456789", branch: "main", message: "Fix", author: "Ada", subscriptionName: "config" }],
  });
});

test("a subscription that found nothing leaves nothing to make", () => {
  expect(assembledFreight("shop", "web", subscribed({ images: [{ repoURL: "r/web" }] }), new Map(), "")).toBeUndefined();
  expect(assembledFreight("shop", "web", subscribed(undefined), new Map(), "")).toBeUndefined();
});
