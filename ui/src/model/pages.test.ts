import { expect, test } from "vitest";

import type { List, Resource } from "~/api/types";

import { atTop, byName, changed, type Paged } from "./pages";

const one = (name: string, resourceVersion = "1"): Resource => ({ metadata: { name, resourceVersion } });
const page = (names: string, more = ""): List<Resource> => ({ items: [...names].map((name) => one(name)), metadata: { continue: more } });
const paged = (...pages: List<Resource>[]): Paged<Resource> => ({ pages, pageParams: [] });
const names = ({ pages }: Paged<Resource>) => pages.map((each) => each.items.map((item) => item.metadata.name).join(""));

test("what is there is replaced in its place, or goes", () => {
  const lists = paged(page("ab", "x"), page("cd"));
  const after = changed(lists, { type: "MODIFIED", object: one("c", "2") }, byName);
  expect(after.pages[1]?.items[0]?.metadata.resourceVersion).toBe("2");
  expect(names(changed(lists, { type: "DELETED", object: one("a") }, byName))).toEqual(["b", "cd"]);
  expect(changed(lists, { type: "DELETED", object: one("z") }, byName)).toBe(lists);
});

test("what is new comes in by name, unless its page was not fetched yet", () => {
  const add = (lists: Paged<Resource>, name: string) => names(changed(lists, { type: "ADDED", object: one(name) }, byName));
  expect(add(paged(page("ac", "x"), page("eg")), "b")).toEqual(["abc", "eg"]);
  expect(add(paged(page("ac", "x"), page("eg")), "d")).toEqual(["ac", "deg"]);
  expect(add(paged(page("ac", "x"), page("eg")), "h")).toEqual(["ac", "egh"]);
  expect(add(paged(page("ac", "x")), "d")).toEqual(["ac"]);
  expect(add(paged(page("")), "d")).toEqual(["d"]);
});

test("the newest come first", () => {
  expect(names(changed(paged(page("ab")), { type: "ADDED", object: one("z") }, atTop))).toEqual(["zab"]);
});
