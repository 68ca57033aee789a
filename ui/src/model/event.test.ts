import { expect, test } from "vitest";

import { promotionOf, reasonWords, stageOf } from "./event";

test("events tell which Stage and promotion they are about", () => {
  const annotations = { "event.kargo.akuity.io/stage-name": "dev", "event.kargo.akuity.io/promotion-name": "dev.1.a" };
  const event = { metadata: { name: "e", annotations } };
  expect([stageOf(event), promotionOf(event)]).toEqual(["dev", "dev.1.a"]);
  expect(stageOf({ metadata: { name: "e" }, involvedObject: { kind: "Stage", name: "test" } })).toBe("test");
  expect(promotionOf({ metadata: { name: "e" }, involvedObject: { kind: "Stage", name: "test" } })).toBeUndefined();
});

test("reasons are words", () => {
  expect(reasonWords("FreightVerificationSucceeded")).toBe("Freight verification succeeded");
});
