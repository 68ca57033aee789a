/** What the server answers, under the names that pages know it by. The forms are those of the OpenAPI document, in `schema.d.ts`. */
import type { components } from "./schema";

type Schemas = components["schemas"];

/** Documents leave out what has no value; they never say null. */
type Told<T> = T extends readonly (infer Each)[]
  ? Told<Each>[]
  : T extends object
    ? { [Key in keyof T]: Told<Exclude<T[Key], null>> }
    : T;

/** Answers that are made when they are asked for leave out only what may be null; everything else is always there. */
type Whole<T> = T extends readonly (infer Each)[]
  ? Whole<Each>[]
  : T extends object
    ? { [Key in keyof T as null extends T[Key] ? never : Key]-?: Whole<Exclude<T[Key], undefined>> } & {
        [Key in keyof T as null extends T[Key] ? Key : never]?: Whole<Exclude<T[Key], null | undefined>>;
      }
    : T;

/** An answer that is made when it is asked for, by the name of its schema. */
export type Made<Name extends keyof Schemas> = Whole<Schemas[Name]>;

/** An answer of the API, by the name of its schema. */
export type Answer<Name extends keyof Schemas> = Told<Schemas[Name]>;

export type Meta = Omit<Answer<"ObjectMeta">, "name"> & { name: string };

export interface Resource {
  apiVersion?: string;
  kind?: string;
  metadata: Meta;
}

type Kept<Name extends keyof Schemas> = Resource & Partial<Omit<Answer<Name>, keyof Resource>>;

export type Project = Kept<"Project">;
export type Warehouse = Kept<"Warehouse">;
export type Freight = Kept<"Freight">;
export type Stage = Kept<"Stage">;
export type Promotion = Kept<"Promotion">;
export type Event = Kept<"Event">;

export type ProjectStats = Answer<"ProjectStats">;
export type Condition = Answer<"Condition">;
export type ImageArtifact = Partial<Answer<"Image">>;
export type CommitArtifact = Partial<Answer<"GitCommit">>;
export type ChartArtifact = Partial<Answer<"Chart">>;
export type ArtifactReference = Answer<"ArtifactReference">;
export type Origin = Answer<"FreightOrigin">;
export type FreightReference = Partial<Answer<"FreightReference">>;
export type FreightCollection = Answer<"FreightCollection">;
export type FreightRequest = Answer<"FreightRequest">;
export type Subscription = Answer<"RepoSubscription">;
export type DiscoveredArtifacts = Answer<"DiscoveredArtifacts">;
export type VerificationInfo = Partial<Answer<"VerificationInfo">>;
export type PromotionStep = Answer<"PromotionStep">;
export type PromotionReference = Answer<"PromotionReference">;
export type PromotionStatus = Answer<"PromotionStatus">;

/** What Freight holds, wherever it is told. */
export interface Artifacts {
  images?: ImageArtifact[];
  commits?: CommitArtifact[];
  charts?: ChartArtifact[];
  artifacts?: ArtifactReference[];
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
