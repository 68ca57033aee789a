import { expect, test } from "vitest";

import type { HistoryEntry } from "~/api/history";

import { earlier } from "./history";

const entry = (name: string, tag: string): HistoryEntry => ({
  id: name + tag,
  items: { "Warehouse/web": { name, images: [{ repoURL: "r/web", tag }] } },
  promoted: name,
  promotion: `p-${name}`,
  actor: "",
  rollback: false,
});

test("one goes back to what was used before, once each, and not to what is there", () => {
  const entries = [entry("c", "3"), entry("b", "2"), entry("c", "3"), entry("b", "2"), entry("a", "1")];
  expect(earlier(entries, ["c"])).toEqual([
    { freight: "b", text: "web 2" },
    { freight: "a", text: "web 1" },
  ]);
});
