/** A resource as people write it. */
import { stringify } from "yaml";

import type { Resource } from "~/api/types";

const OURS = ["managedFields", "uid", "generation", "creationTimestamp", "finalizers", "selfLink"] as const;

/** Its YAML, without what only the server writes; the version stays, so that a change meanwhile is noticed. */
export function manifestText(resource: Resource): string {
  const metadata: Record<string, unknown> = { ...resource.metadata };
  for (const field of OURS) delete metadata[field];
  const rest: Record<string, unknown> = { ...resource };
  for (const field of ["apiVersion", "kind", "metadata", "status"]) delete rest[field];
  return stringify({ apiVersion: resource.apiVersion, kind: resource.kind, metadata, ...rest }, { lineWidth: 0 });
}
