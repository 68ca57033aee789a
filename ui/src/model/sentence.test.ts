import { expect, test } from "vitest";

import { sentence } from "./sentence";

test("messages become sentences, once", () => {
  expect(["it waits", "Done.", "", undefined].map(sentence)).toEqual(["It waits.", "Done.", "", ""]);
});
