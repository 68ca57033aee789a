import { expect, test } from "vitest";

import type { Whereabouts } from "~/api/explain";

import { mayApprove } from "./whereabouts";

const place = (state: Whereabouts["state"], ...codes: string[]): Whereabouts => ({
  stage: "prod",
  state,
  available: codes.length === 0,
  reasons: codes.map((code) => ({ code, message: code, advice: "" })),
  automatic: false,
  automaticReasons: [],
});

test("an approval helps where only what came before is missing", () => {
  expect(mayApprove(place("not", "NotVerifiedUpstream", "Soaking"))).toBe(true);
  expect(mayApprove(place("not", "NoSteps", "Soaking"))).toBe(false);
  expect(mayApprove(place("available"))).toBe(false);
  expect(mayApprove(place("here", "Soaking"))).toBe(false);
});
