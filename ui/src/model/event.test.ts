import { expect, test } from "vitest";

import type { Event } from "~/api/event";

import { byDay, eventLine, selector, tells, words } from "./event";

const ABOUT = "event.kargo.akuity.io/";
const EVENT: Event = {
  metadata: {
    name: "e",
    annotations: {
      [`${ABOUT}actor`]: "email:ada@example.com",
      [`${ABOUT}freight-name`]: "c48a4401208147293f46fcbf01b04c43337ab4b5",
      [`${ABOUT}freight-alias`]: "ready-beluga",
      [`${ABOUT}stage-name`]: "staging",
      [`${ABOUT}freight-images`]: '[{"repoURL":"r.example.com/acme/web","tag":"1.2.0"}]',
      [`${ABOUT}freight-commits`]: "no JSON",
    },
  },
  involvedObject: { kind: "Promotion", name: "p" },
  reason: "PromotionFailed",
  message: "step 3 failed",
  lastTimestamp: "2026-01-02T10:00:00Z",
};

test("an event is a line", () => {
  expect(eventLine(EVENT)).toMatchObject({
    tone: "bad",
    title: "Promotion failed",
    stage: "staging",
    freight: { alias: "ready-beluga" },
    versions: "web 1.2.0",
    message: "step 3 failed",
  });
  expect(eventLine({ metadata: { name: "x" } })).toMatchObject({ title: "Event", tone: "idle", freight: undefined });
});

test("a message that repeats the title is left out", () => {
  expect(eventLine({ ...EVENT, reason: "FreightVerificationSucceeded", message: "Freight verification succeeded" }).message).toBeUndefined();
});

test("words", () => {
  expect(words("FreightVerificationSucceeded")).toBe("Freight verification succeeded");
  expect(selector("Promotion", "", true)).toBe("involvedObject.kind=Promotion,type=Warning");
});

test("all wanted words must be in a line", () => {
  const line = eventLine(EVENT);
  expect([tells(line, "beluga STAGING"), tells(line, "beluga prod"), tells(line, "")]).toEqual([true, false, true]);
});

test("days", () => {
  const now = new Date(2026, 0, 2, 12).getTime();
  const at = (day: number) => ({ ...eventLine(EVENT), time: new Date(2026, 0, day, 11).toISOString() });
  expect(byDay([at(2), at(2), at(1)], now).map(({ day, lines }) => [day, lines.length])).toEqual([
    ["Today", 2],
    ["Yesterday", 1],
  ]);
});
