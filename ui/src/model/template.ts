/** Manifests to begin with, as people who know them would. */
import { stringify } from "yaml";

const API = "kargo.akuity.io/v1alpha1";

const text = (value: unknown): string => stringify(value, { lineWidth: 0, indentSeq: false });

export const newProjectConfig = (project: string): string =>
  text({
    apiVersion: API,
    kind: "ProjectConfig",
    metadata: { name: project, namespace: project },
    spec: { promotionPolicies: [{ stageSelector: { name: "dev" }, autoPromotionEnabled: true }] },
  });

export const newClusterConfig = (): string => text({ apiVersion: API, kind: "ClusterConfig", metadata: { name: "cluster" }, spec: {} });

/** A task that brings one file of a repository into the branch of a stage. */
export function newTask(project: string | undefined): string {
  const kind = project === undefined ? "ClusterPromotionTask" : "PromotionTask";
  const metadata = { name: "deliver", ...(project === undefined ? {} : { namespace: project }) };
  const path = "./out";
  return text({
    apiVersion: API,
    kind,
    metadata,
    spec: {
      vars: [{ name: "repoURL", value: "https://git.example.com/acme/config.git" }],
      steps: [
        { uses: "git-clone", config: { repoURL: "${{ vars.repoURL }}", checkout: [{ branch: "stage/${{ ctx.stage }}", create: true, path }] } },
        { uses: "git-commit", config: { path, message: "Promote to ${{ ctx.stage }}" } },
        { uses: "git-push", config: { path } },
      ],
    },
  });
}

interface StageParts {
  name: string;
  warehouse: string;
  /** Empty for what takes new versions first. */
  after: string;
  soak: string;
  /** Of the stage whose promotion is done likewise. */
  template: unknown;
}

export const newStageManifest = (project: string, { name, warehouse, after, soak, template }: StageParts): string =>
  text({
    apiVersion: API,
    kind: "Stage",
    metadata: { name: name || "NAME", namespace: project },
    spec: {
      requestedFreight: [
        {
          origin: { kind: "Warehouse", name: warehouse || "WAREHOUSE" },
          sources: after ? { stages: [after], ...(soak ? { requiredSoakTime: soak } : {}) } : { direct: true },
        },
      ],
      ...(template ? { promotionTemplate: template } : {}),
    },
  });

export type Watched = "image" | "git" | "chart";

export function newWarehouseManifest(project: string, name: string, watched: Watched, repoURL: string): string {
  const subscriptions = {
    image: { image: { repoURL: repoURL || "ghcr.io/acme/web", imageSelectionStrategy: "SemVer" } },
    git: { git: { repoURL: repoURL || "https://git.example.com/acme/config.git", branch: "main" } },
    chart: { chart: { repoURL: repoURL || "https://charts.example.com", ...(repoURL.startsWith("oci://") ? {} : { name: "CHART" }) } },
  };
  return text({
    apiVersion: API,
    kind: "Warehouse",
    metadata: { name: name || "NAME", namespace: project },
    spec: { interval: "1m0s", subscriptions: [subscriptions[watched]] },
  });
}
