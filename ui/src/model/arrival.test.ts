import { expect, test } from "vitest";

import type { Condition, Stage, Warehouse } from "~/api/types";

import { stageLine, warehouseLine } from "./arrival";

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
  const told = (made: Stage) => stageLine(made, (name) => `/p/${name}`);
  expect(told(stage(undefined)).text).toBe("Waits for the first version.");
  expect(told(stage({ autoPromotionEnabled: false }, ["dev"])).text).toBe("Waits for dev, and then for you to promote it.");
  expect(told(stage({ currentPromotion: { name: "p" } })).mark.tone).toBe("busy");
  expect(told(stage({ lastPromotion: { name: "p", status: { phase: "Failed", message: "no" } } }))).toMatchObject({ text: "no", to: "/p/p" });
  expect(told(stage({ lastPromotion: { name: "p", status: { phase: "Succeeded" } }, freightSummary: "1.0.0" })).text).toBe("Runs 1.0.0.");
});
