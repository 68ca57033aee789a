import { expect, test } from "vitest";

import type { Condition, Stage, Warehouse } from "~/api/types";

import { stageLines, warehouseLine } from "./arrival";

const warehouse = (status: Warehouse["status"]): Warehouse => ({ metadata: { name: "web" }, ...(status ? { status } : {}) });
const stage = (status: Stage["status"], stages?: string[]): Stage => ({
  metadata: { name: "prod" },
  spec: { requestedFreight: [{ origin: { kind: "Warehouse", name: "web" }, sources: stages ? { stages } : { direct: true } }] },
  ...(status ? { status } : {}),
});
const failed: Condition = { type: "Healthy", status: "False", reason: "DiscoveryFailure", message: "401" };

test.each([
  [undefined, "busy", /Looks/],
  [{ conditions: [failed] }, "bad", /401/],
  [{ discoveredArtifacts: {} }, "warn", /no version/],
  [{ discoveredArtifacts: {}, lastFreightID: "f" }, "good", /Found/],
] as const)("a warehouse", (status, tone, text) => {
  const line = warehouseLine(warehouse(status as Warehouse["status"]), "/w");
  expect([line.mark.tone, text.test(line.text)]).toEqual([tone, true]);
});

test("a stage", () => {
  const told = (made: Stage) => stageLines([made], (name) => `/p/${name}`)[0];
  expect(told(stage(undefined))?.text).toBe("Waits for the first version.");
  expect(told(stage({ currentPromotion: { name: "p" } }))?.mark.tone).toBe("busy");
  expect(told(stage({ lastPromotion: { name: "p", status: { phase: "Failed", message: "no" } } }))).toMatchObject({ text: "no", to: "/p/p" });
});

test("stages are told in the order of versions, and what each waits for", () => {
  const freight = { images: [{ repoURL: "r.example.com/acme/web", tag: "1.0.0" }] };
  const prod = stage({}, ["dev"]);
  const dev = { ...stage({ lastPromotion: { name: "p", freight, status: { phase: "Succeeded" } } }), metadata: { name: "dev" } };
  const lines = (...made: Stage[]) => stageLines(made, () => "").map((each) => `${each.name}: ${each.text}`);
  expect(lines(prod, dev)).toEqual(["dev: Runs web 1.0.0.", "prod: Waits for you: open the pipeline, and promote it when you like."]);
  expect(lines(prod, { ...dev, status: {} })).toEqual(["dev: Waits for the first version.", "prod: Waits for dev."]);
  expect(lines(stage({ autoPromotionEnabled: true }, ["dev"]), dev)[1]).toBe("prod: Takes it soon, by itself.");
});
