import { expect, test } from "vitest";

import type { MatrixCell, MatrixPage } from "~/api/matrix";

import { artifactName, byArtifact, byProject, lag, shortVersion } from "./matrix";

const image = { kind: "image" as const, repoURL: "r.example.com/acme/web", name: "" };
const git = { kind: "git" as const, repoURL: "https://git.example.com/acme/config.git", name: "" };
const cell = (project: string, stage: string, version: string, behind = 0): MatrixCell => ({ project, stage, version, behind, freight: "f" });
const ALL = { text: "", lagging: false };

const PAGES: MatrixPage[] = [
  {
    stages: [
      { project: "a", stage: "dev" },
      { project: "a", stage: "prod", promoting: true },
    ],
    rows: [
      { artifact: image, newest: "2.0", cells: [cell("a", "dev", "2.0"), cell("a", "prod", "1.0", 3)] },
      { artifact: git, newest: "abc", cells: [cell("a", "dev", "abc")] },
    ],
  },
  { stages: [{ project: "b", stage: "live" }], rows: [{ artifact: image, newest: "2.0", cells: [cell("b", "live", "2.0")] }] },
];

test("every project has a table, with its stages as columns", () => {
  const [a, b] = byProject(PAGES, ALL);
  expect(a?.rows.map((row) => row.cells.map((each) => each?.version))).toEqual([
    ["2.0", "1.0"],
    ["abc", undefined],
  ]);
  expect(b?.stages.map((each) => each.stage)).toEqual(["live"]);
});

test("a project that goes on over a page is one", () => {
  const more: MatrixPage = { stages: [{ project: "b", stage: "eu" }], rows: [{ artifact: image, cells: [cell("b", "eu", "1.0", 1)] }] };
  const [, b] = byProject([...PAGES, more], ALL);
  expect(b?.stages.map((each) => each.stage)).toEqual(["live", "eu"]);
  expect(b?.rows[0]?.cells.map((each) => each?.version)).toEqual(["2.0", "1.0"]);
});

test("an artifact is told with all its places", () => {
  const [web] = byArtifact(PAGES, ALL);
  expect(web?.cells.map((each) => `${each.project}/${each.stage}`)).toEqual(["a/dev", "a/prod", "b/live"]);
  expect(web?.lagging).toBe(1);
  expect(web?.cells[1]?.promoting).toBe(true);
});

test("only what is wanted is shown", () => {
  const projects = (text: string, lagging = false) => byProject(PAGES, { text, lagging }).map((each) => `${each.project}${each.rows.length}`);
  expect(projects("config")).toEqual(["a1"]);
  expect(projects("LIVE")).toEqual(["b1"]);
  expect(projects("", true)).toEqual(["a1"]);
  expect(byArtifact(PAGES, { text: "", lagging: true })[0]?.cells).toHaveLength(1);
  expect(byArtifact(PAGES, { text: "live", lagging: false })[0]?.cells.map((each) => each.stage)).toEqual(["live"]);
});

test("words", () => {
  expect([lag({ behind: 3 }), lag({ behind: 100, atLeast: true }), lag({ behind: 0 }), lag({})]).toEqual(["3 behind", "100+ behind", "", ""]);
  expect(shortVersion(git, "74d2c51e91f3")).toBe("74d2c51");
  expect(shortVersion(git, "release-1")).toBe("release-1");
  expect(artifactName({ kind: "chart", repoURL: "https://charts.example.com/stable", name: "web" })).toBe("web (charts.example.com/stable)");
  expect(artifactName({ kind: "other", name: "model" })).toBe("model");
});
