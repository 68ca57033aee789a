import { expect, test } from "vitest";

import { ago, lasted, seconds, span } from "./time";

const NOW = Date.parse("2026-01-02T00:00:00Z");

test("spans have their two largest units", () => {
  expect(span(0)).toBe("0s");
  expect(span(59.9)).toBe("59s");
  expect(span(3_725)).toBe("1h 2m");
  expect(span(86_400)).toBe("1d");
  expect(span(90_061)).toBe("1d 1h");
});

test("the past is told by its largest unit, and nonsense by nothing", () => {
  expect(ago("2026-01-01T23:59:55Z", NOW)).toBe("just now");
  expect(ago("2026-01-01T23:59:00Z", NOW)).toBe("1m ago");
  expect(ago("2025-12-30T00:00:00Z", NOW)).toBe("3d ago");
  expect(ago("never", NOW)).toBe("");
  expect(ago(undefined, NOW)).toBe("");
});

test("what has not ended has lasted until now", () => {
  expect(lasted("2026-01-01T23:59:00Z", undefined, NOW)).toBe("1m");
  expect(lasted("2026-01-01T23:59:00Z", "2026-01-01T23:59:05Z", NOW)).toBe("5s");
  expect(lasted("2026-01-01T23:59:00Z", "2026-01-01T23:59:00Z", NOW)).toBe("<1s");
});

test("durations are read as Go writes them", () => {
  expect(seconds("1h30m")).toBe(5400);
  expect(seconds("250ms")).toBe(0.25);
  expect(seconds(undefined)).toBe(0);
});
