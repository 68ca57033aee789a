import { expect, test } from "vitest";
import { parseAllDocuments } from "yaml";

import { type Blueprint, defaultPath, depth, nameOf, needs, newBlueprint, newSource, newStage, ordered, row, type Way, waysFor } from "./blueprint";
import { faultsOf, partOf } from "./blueprintFaults";
import { manifestsOf, warehouseName } from "./blueprintYaml";

interface Document {
  kind: string;
  metadata: { name: string; namespace?: string };
  // biome-ignore lint: manifests are looked into freely
  spec?: any;
}

const CONFIG = "https://git.example.com/acme/config.git";

function blueprint(change: (made: Blueprint) => void = () => undefined): Blueprint {
  const made = newBlueprint();
  made.project = "web";
  made.delivery.repoURL = CONFIG;
  const [image] = made.sources;
  if (image) image.repoURL = "registry.example.com/acme/web";
  change(made);
  return made;
}

const documents = (made: Blueprint): Document[] => parseAllDocuments(manifestsOf(made)).map((each) => each.toJS() as Document);
const of = (made: Blueprint, kind: string) => documents(made).filter((each) => each.kind === kind);
const uses = (made: Blueprint): string[] => of(made, "PromotionTask")[0]?.spec.steps.map((each: { uses: string }) => each.uses);

test("a few answers make a whole pipeline", () => {
  const made = blueprint();
  expect(faultsOf(made)).toEqual({});
  expect(documents(made).map((each) => `${each.kind} ${each.metadata.name}`)).toEqual([
    "Project web",
    "ProjectConfig web",
    "Warehouse web",
    "PromotionTask deliver",
    "Stage dev",
    "Stage staging",
    "Stage prod",
  ]);
  expect(of(made, "ProjectConfig")[0]?.spec.promotionPolicies.map((each: { stageSelector: { name: string } }) => each.stageSelector.name)).toEqual(["dev", "staging"]);
  expect(of(made, "Stage").map((each) => each.spec.requestedFreight[0].sources)).toEqual([
    { direct: true },
    { stages: ["dev"] },
    { stages: ["staging"] },
  ]);
  expect(uses(made)).toEqual(["git-clone", "git-clear", "copy", "yaml-update", "git-commit", "git-push"]);
});

test("what is asked for is written", () => {
  const made = blueprint((each) => {
    each.delivery.layout = "folders";
    each.delivery.path = defaultPath("folders", "values");
    each.delivery.argocd = true;
    each.delivery.application = "web-<stage>";
    const [, staging] = each.stages;
    if (staging) staging.soak = "30m";
  });
  const steps = of(made, "PromotionTask")[0]?.spec.steps;
  expect(uses(made)).toEqual(["git-clone", "yaml-update", "git-commit", "git-push", "argocd-update"]);
  expect(steps[1].config.path).toBe("./out/stages/${{ ctx.stage }}/values.yaml");
  expect(steps[1].config.updates).toEqual([{ key: "image.tag", value: '${{ quote(imageFrom("registry.example.com/acme/web").Tag) }}' }]);
  expect(steps[4].config.apps).toEqual([{ name: "web-${{ ctx.stage }}" }]);
  expect(of(made, "Stage")[1]?.spec.requestedFreight[0].sources).toEqual({ stages: ["dev"], requiredSoakTime: "30m" });
});

test("a promotion's own commits do not become new versions", () => {
  const watching = (layout: "folders" | "branches") =>
    blueprint((each) => {
      const git = { ...newSource("git"), repoURL: CONFIG };
      each.sources.push(git);
      each.delivery.layout = layout;
      each.delivery.path = defaultPath(layout, "values");
    });
  const folders = of(watching("folders"), "Warehouse")[0]?.spec.subscriptions[1].git;
  expect(folders.excludePaths).toEqual(["stages/dev/values.yaml", "stages/staging/values.yaml", "stages/prod/values.yaml"]);
  const branches = watching("branches");
  expect(of(branches, "Warehouse")[0]?.spec.subscriptions[1].git.excludePaths).toBeUndefined();
  expect(of(branches, "PromotionTask")[0]?.spec.steps[0].config.checkout[0].commit).toBe(`\${{ commitFrom("${CONFIG}").ID }}`);
});

test("only ways that fit what is watched are offered", () => {
  const ways = (...kinds: ("image" | "git" | "chart")[]): Way[] =>
    waysFor(blueprint((each) => (each.sources = kinds.map((kind) => ({ ...newSource(kind), repoURL: kind === "git" ? CONFIG : "x" })))));
  expect(ways("image")).toEqual(["values", "kustomize", "file"]);
  expect(ways("chart")).toEqual(["values", "file"]);
  expect(ways("git")).toEqual(["file", "copy"]);
});

test("faults are at their fields, and fields in their part", () => {
  const made = blueprint((each) => {
    each.project = "Web";
    each.delivery.layout = "folders";
    each.stages.push(newStage("dev", "", false));
    const [image] = each.sources;
    if (image) image.repoURL = "https://registry.example.com/web:1.0";
  });
  const faults = faultsOf(made);
  const twin = made.stages.at(-1)?.id;
  expect(Object.keys(faults).sort()).toEqual(
    ["delivery.path", "project", `sources.${made.sources[0]?.id}.repoURL`, `stages.${twin}.name`].sort(),
  );
  expect(Object.keys(faults).map(partOf).sort()).toEqual(["how", "stages", "what", "what"]);
});

test.each([
  ["nginx", undefined],
  ["127.0.0.1:5000/acme/web", undefined],
  ["nginx:1.2", /Leave out the tag/],
  ["https://nginx", /Leave out https/],
  ["", /Which image/],
])("the image %s", (repoURL, fault) => {
  const made = blueprint((each) => {
    const [image] = each.sources;
    if (image) image.repoURL = repoURL;
  });
  const told = faultsOf(made)[`sources.${made.sources[0]?.id}.repoURL`];
  if (fault) expect(told).toMatch(fault);
  else expect(told).toBeUndefined();
});

test("stages stand after what they take versions from, and circles are told", () => {
  const stages = row(["a", "b", "c"]);
  const [a, b, c] = stages as [(typeof stages)[0], (typeof stages)[0], (typeof stages)[0]];
  expect(ordered([c, b, a]).map((each) => each.name)).toEqual(["a", "b", "c"]);
  expect(stages.map((each) => depth(stages, each))).toEqual([0, 1, 2]);
  a.after = c.id;
  expect(faultsOf(blueprint((each) => (each.stages = stages)))).toHaveProperty("stages");
  expect(ordered(stages)).toHaveLength(3);
  expect(b.auto).toBe(true);
});

test("names come from addresses", () => {
  expect(nameOf("ghcr.io/acme/Web_App")).toBe("web-app");
  expect(nameOf("")).toBe("");
  expect(warehouseName(blueprint())).toBe("web");
});

test("what must be there before the first promotion", () => {
  expect(needs(blueprint())[0]).toBe("values.yaml on main, with image.tag in it");
});
