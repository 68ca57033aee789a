import { expect, test } from "vitest";

import { watched } from "./subscription";

test("subscriptions tell their repository, and the rules that say something", () => {
  const all = watched([
    { image: { repoURL: "r/web", imageSelectionStrategy: "SemVer", strictSemvers: false } },
    { git: { repoURL: "g", includePaths: ["a", "b"] } },
    { chart: { repoURL: "https://c", name: "db", semverConstraint: "^1" } },
  ]);
  expect(all).toEqual([
    { kind: "image", repo: "r/web", name: "", rules: [["image selection strategy", "SemVer"]] },
    { kind: "git", repo: "g", name: "", rules: [["include paths", "a, b"]] },
    { kind: "chart", repo: "https://c/db", name: "", rules: [["semver constraint", "^1"]] },
  ]);
});
