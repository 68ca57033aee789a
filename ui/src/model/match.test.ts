import { expect, test } from "vitest";

import { matches, score } from "./match";

test("words and their beginnings come before letters in order", () => {
  const names = ["xproduction", "pr-odd", "prod", "eu-prod"];
  expect(matches(names, (each) => each, "prod")).toEqual(["prod", "eu-prod", "xproduction", "pr-odd"]);
});

test("every word must fit", () => {
  expect(score("Stage prod", "stage prod")).toBeGreaterThan(0);
  expect(score("Stage prod", "stage dev")).toBe(0);
});

test("nothing wanted keeps the order", () => {
  expect(matches(["b", "a"], (each) => each, " ", 1)).toEqual(["b"]);
});
