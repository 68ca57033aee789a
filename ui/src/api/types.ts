/** What the server answers, as far as pages read it. Fields that no page reads are left out. */

export interface Meta {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: { kind: string; name: string; uid: string }[];
}

export interface Resource {
  apiVersion?: string;
  kind?: string;
  metadata: Meta;
}

export interface Condition {
  type: string;
  status: "True" | "False" | "Unknown";
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
  observedGeneration?: number;
}

export interface ImageArtifact {
  repoURL?: string;
  tag?: string;
  digest?: string;
  subscriptionName?: string;
  annotations?: Record<string, string>;
}

export interface CommitArtifact {
  repoURL?: string;
  id?: string;
  tag?: string;
  branch?: string;
  message?: string;
  author?: string;
  committer?: string;
  subscriptionName?: string;
}

export interface ChartArtifact {
  repoURL?: string;
  name?: string;
  version?: string;
  subscriptionName?: string;
}

export interface Origin {
  kind: string;
  name: string;
}

export interface Artifacts {
  images?: ImageArtifact[];
  commits?: CommitArtifact[];
  charts?: ChartArtifact[];
  artifacts?: ArtifactReference[];
}

export interface FreightReference extends Artifacts {
  name?: string;
  origin?: Origin;
}

export interface Freight extends Resource, Artifacts {
  alias?: string;
  origin?: Origin;
  status?: {
    currentlyIn?: Record<string, { since?: string }>;
    verifiedIn?: Record<string, { verifiedAt?: string; longestSoak?: string }>;
    approvedFor?: Record<string, { approvedAt?: string }>;
    metadata?: Record<string, unknown>;
  };
}

export interface GitSubscription {
  repoURL: string;
  branch?: string;
  commitSelectionStrategy?: string;
  includePaths?: string[];
  excludePaths?: string[];
  expressionFilter?: string;
  semverConstraint?: string;
  [more: string]: unknown;
}

export interface ImageSubscription {
  repoURL: string;
  imageSelectionStrategy?: string;
  constraint?: string;
  platform?: string;
  [more: string]: unknown;
}

export interface ChartSubscription {
  repoURL: string;
  name?: string;
  semverConstraint?: string;
  [more: string]: unknown;
}

export interface Subscription {
  git?: GitSubscription;
  image?: ImageSubscription;
  chart?: ChartSubscription;
  [more: string]: unknown;
}

export interface DiscoveredImage {
  tag: string;
  digest?: string;
  createdAt?: string;
  annotations?: Record<string, string>;
}

export interface DiscoveredCommit {
  id: string;
  branch?: string;
  tag?: string;
  subject?: string;
  author?: string;
  committer?: string;
  creatorDate?: string;
}

export interface DiscoveredArtifacts {
  discoveredAt?: string;
  git?: { repoURL: string; commits?: DiscoveredCommit[]; subscriptionName?: string }[];
  images?: { repoURL: string; platform?: string; references?: DiscoveredImage[]; subscriptionName?: string }[];
  charts?: { repoURL: string; name?: string; versions?: string[]; subscriptionName?: string }[];
  results?: { name: string; artifactReferences?: ArtifactReference[] }[];
}

export interface ArtifactReference {
  artifactType?: string;
  subscriptionName: string;
  version: string;
  metadata?: unknown;
}

export interface Warehouse extends Resource {
  spec?: {
    interval?: string;
    freightCreationPolicy?: string;
    subscriptions?: Subscription[];
    shard?: string;
  };
  status?: {
    conditions?: Condition[];
    lastHandledRefresh?: string;
    lastFreightID?: string;
    discoveredArtifacts?: DiscoveredArtifacts;
  };
}

export interface FreightRequest {
  origin: Origin;
  sources?: {
    direct?: boolean;
    stages?: string[];
    requiredSoakTime?: string;
    availabilityStrategy?: string;
    autoPromotionOptions?: { selectionPolicy?: string };
  };
}

export interface Health {
  status?: string;
  issues?: string[];
  output?: unknown;
  config?: unknown;
}

export interface VerificationInfo {
  id?: string;
  phase?: string;
  message?: string;
  startTime?: string;
  finishTime?: string;
  actor?: string;
  analysisRun?: { name?: string; namespace?: string; phase?: string };
}

export interface FreightCollection {
  id?: string;
  items?: Record<string, FreightReference>;
  verificationHistory?: VerificationInfo[];
}

export interface PromotionReference {
  name: string;
  freight?: FreightReference;
  status?: PromotionStatus;
  finishedAt?: string;
}

export interface Stage extends Resource {
  spec?: {
    shard?: string;
    vars?: { name: string; value?: string }[];
    requestedFreight?: FreightRequest[];
    promotionTemplate?: { spec?: { vars?: { name: string; value?: string }[]; steps?: PromotionStep[] } };
    verification?: unknown;
  };
  status?: {
    conditions?: Condition[];
    health?: Health;
    freightSummary?: string;
    freightHistory?: FreightCollection[];
    currentPromotion?: PromotionReference;
    lastPromotion?: PromotionReference;
    autoPromotionEnabled?: boolean;
    autoPromotionHolds?: Record<string, unknown>;
    effectiveAutoPromotionHolds?: Record<string, unknown>;
    lastHandledRefresh?: string;
  };
}

export interface PromotionStep {
  uses?: string;
  task?: { name: string; kind?: string };
  as?: string;
  if?: string;
  continueOnError?: boolean;
  retry?: { timeout?: string; errorThreshold?: number };
  vars?: { name: string; value?: string }[];
  config?: unknown;
}

export interface StepExecution {
  alias?: string;
  startedAt?: string;
  finishedAt?: string;
  status?: string;
  message?: string;
  errorCount?: number;
  continueOnError?: boolean;
}

export interface PromotionStatus {
  phase?: string;
  message?: string;
  startedAt?: string;
  finishedAt?: string;
  currentStep?: number;
  freight?: FreightReference;
  freightCollection?: FreightCollection;
  stepExecutionMetadata?: StepExecution[];
  state?: Record<string, unknown>;
  healthChecks?: unknown[];
  lastHandledRefresh?: string;
}

export interface Promotion extends Resource {
  spec?: {
    stage: string;
    freight: string;
    vars?: { name: string; value?: string }[];
    steps?: PromotionStep[];
  };
  status?: PromotionStatus;
}

export interface Project extends Resource {
  status?: { conditions?: Condition[]; stats?: ProjectStats };
}

export interface ProjectStats {
  warehouses?: { count?: number; health?: { healthy?: number } };
  stages?: { count?: number; health?: { healthy?: number } };
}

export interface List<T> {
  items: T[];
  metadata?: { resourceVersion?: string; continue?: string; remainingItemCount?: number };
}

/** What the pipeline page draws. */
export interface Pipeline {
  project: Project;
  warehouses: Warehouse[];
  stages: Stage[];
  freight: Freight[];
  promotions: Promotion[];
  resourceVersion?: string;
}
