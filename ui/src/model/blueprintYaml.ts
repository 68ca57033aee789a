/** Writes a pipeline as manifests, with the reasons beside them, as somebody would who keeps them in Git. */
import { stringify } from "yaml";

import { shortRepo } from "./address";
import { type Blueprint, nameOf, ordered, type Source, STAGE, watchesConfig } from "./blueprint";

const API = "kargo.akuity.io/v1alpha1";
const TASK = "deliver";
const OF_STAGE = "${{ ctx.stage }}";

type Data = Record<string, unknown>;

const text = (value: unknown): string => stringify(value, { lineWidth: 0, indentSeq: false });

function manifest(about: string, kind: string, meta: Data, rest: Data = {}): string {
  const comment = about
    .split("\n")
    .map((line) => `# ${line}\n`)
    .join("");
  return comment + text({ apiVersion: API, kind, metadata: meta, ...rest });
}

/** The name of the Warehouse: that of what is watched first. */
export const warehouseName = ({ sources }: Pick<Blueprint, "sources">): string => nameOf(sources[0]?.repoURL ?? "") || "versions";

/** Everything, the Project first unless it is there already. */
export function manifestsOf(blueprint: Blueprint, isThere = false): string {
  const { project, sources, stages } = blueprint;
  const inside = (name: string) => ({ name, namespace: project });
  const auto = ordered(stages).filter((each) => each.auto);
  const policies = auto.map((each) => ({ stageSelector: { name: each.name }, autoPromotionEnabled: true }));
  const config = manifest("Which stages take new versions without being told to.", "ProjectConfig", inside(project), {
    spec: { promotionPolicies: policies },
  });
  const warehouse = manifest("What to watch. Each new combination becomes one piece of Freight.", "Warehouse", inside(warehouseName(blueprint)), {
    spec: { interval: "1m0s", subscriptions: sources.map((each) => subscription(each, blueprint)) },
  });
  const task = manifest("How a version is brought into a stage; all of them do it alike, so it is said once.", "PromotionTask", inside(TASK), {
    spec: { steps: steps(blueprint) },
  });
  return [
    ...(isThere ? [] : [manifest("A pipeline for Argosy: argosy apply -f pipeline.yaml", "Project", { name: project })]),
    ...(policies.length > 0 ? [config] : []),
    warehouse,
    task,
    ...stageManifests(blueprint),
  ].join("---\n");
}

function subscription(source: Source, blueprint: Blueprint): Data {
  const repoURL = source.repoURL.trim();
  const constraint = source.constraint.trim();
  if (source.kind === "image") {
    return { image: { repoURL, imageSelectionStrategy: source.strategy, ...(constraint ? { constraint } : {}) } };
  }
  if (source.kind === "chart") {
    const name = repoURL.startsWith("oci://") ? {} : { name: source.chart };
    return { chart: { repoURL, ...name, ...(constraint ? { semverConstraint: constraint } : {}) } };
  }
  const includePaths = source.paths.split(",").map((each) => each.trim()).filter(Boolean);
  const excludePaths = ownChanges(source, blueprint);
  return {
    git: {
      repoURL,
      branch: source.branch,
      ...(includePaths.length > 0 ? { includePaths } : {}),
      ...(excludePaths.length > 0 ? { excludePaths } : {}),
    },
  };
}

/** What promotions themselves change where it is watched: it must not become new Freight. */
function ownChanges(source: Source, { delivery, stages, sources }: Blueprint): string[] {
  const written = delivery.layout === "folders" && watchesConfig({ delivery, sources }) === source && source.branch === delivery.branch;
  return written ? stages.map((each) => delivery.path.replaceAll(STAGE, each.name)) : [];
}

function stageManifests(blueprint: Blueprint): string[] {
  const { project, stages } = blueprint;
  return ordered(stages).map((stage) => {
    const before = stages.find((each) => each.id === stage.after);
    const soak = before && stage.soak ? { requiredSoakTime: stage.soak } : {};
    const sources = before ? { stages: [before.name], ...soak } : { direct: true };
    const waits = before ? `what has been verified in ${before.name}${stage.soak ? ` for ${stage.soak}` : ""}` : "new versions first";
    return manifest(`Takes ${waits}, ${stage.auto ? "by itself" : "when told"}.`, "Stage", { name: stage.name, namespace: project }, {
      spec: {
        requestedFreight: [{ origin: { kind: "Warehouse", name: warehouseName(blueprint) }, sources }],
        promotionTemplate: { spec: { steps: [{ task: { name: TASK }, as: TASK }] } },
      },
    });
  });
}

/** An expression for the version of what is watched. */
function version(source: Source): string {
  const address = JSON.stringify(source.repoURL.trim());
  if (source.kind === "git") return `commitFrom(${address}).ID`;
  if (source.kind === "image") return `imageFrom(${address}).${source.strategy === "Digest" ? "Digest" : "Tag"}`;
  const name = source.repoURL.trim().startsWith("oci://") ? "" : `, ${JSON.stringify(source.chart)}`;
  return `chartFrom(${address}${name}).Version`;
}

const label = (source: Source): string => nameOf(source.kind === "chart" && source.chart ? source.chart : source.repoURL) || source.kind;

function message({ sources }: Blueprint): string {
  const parts = sources.map((each) => `${label(each)} \${{ ${version(each)}${each.kind === "git" ? "[:7]" : ""} }}`);
  return `${OF_STAGE}: ${parts.join(", ")}`;
}

function steps(blueprint: Blueprint): Data[] {
  const { delivery, sources } = blueprint;
  const repoURL = delivery.repoURL.trim();
  const commit = { uses: "git-commit", config: { path: "./out", message: message(blueprint) } };
  const push = { uses: "git-push", as: "push", config: { path: "./out" } };
  const sync = { uses: "argocd-update", config: { apps: [{ name: delivery.application.replaceAll(STAGE, OF_STAGE) }] } };
  const watched = watchesConfig({ delivery, sources });
  const from = watched ? { commit: `\${{ ${version(watched)} }}` } : { branch: delivery.branch };
  const checkout =
    delivery.layout === "branches"
      ? [{ ...from, path: "./src" }, { branch: `stage/${OF_STAGE}`, create: true, path: "./out" }]
      : [{ branch: delivery.branch, path: "./out" }];
  const brought = [
    { uses: "git-clear", config: { path: "./out" } },
    { uses: "copy", config: { inPath: "./src", outPath: "./out" } },
  ];
  return [
    { uses: "git-clone", config: { repoURL, checkout } },
    ...(delivery.layout === "branches" ? brought : []),
    ...changes(blueprint),
    commit,
    push,
    ...(delivery.argocd ? [sync] : []),
  ];
}

function changes({ delivery, sources }: Blueprint): Data[] {
  const path = `./out/${delivery.path.trim().replaceAll(STAGE, OF_STAGE)}`.replace(/\/\.?$/, "");
  const versions = sources.filter((each) => each.kind !== "git");
  if (delivery.way === "values") {
    const updates = versions.map((each) => ({ key: each.key, value: `\${{ quote(${version(each)}) }}` }));
    return [{ uses: "yaml-update", config: { path, updates } }];
  }
  if (delivery.way === "kustomize") {
    const images = versions
      .filter((each) => each.kind === "image")
      .map((each) => ({ image: each.repoURL.trim(), [each.strategy === "Digest" ? "digest" : "tag"]: `\${{ ${version(each)} }}` }));
    return [{ uses: "kustomize-set-image", config: { path, images } }];
  }
  if (delivery.way === "copy") return [];
  const lines = sources.map((each) => `${label(each)}: \${{ quote(${version(each)}) }}\n`);
  return [{ uses: "file-write", config: { path, contents: `# What runs in ${OF_STAGE}; written by promotions.\n${lines.join("")}`, overwrite: true } }];
}

/** What is watched in a few words: `acme/web, acme/config`. */
export const watched = ({ sources }: Pick<Blueprint, "sources">): string =>
  sources.map((each) => shortRepo(each.repoURL)).join(", ");
