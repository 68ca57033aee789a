/** Brings changes into what was read before, touching only what they touch. */
import type { Pipeline, Resource } from "~/api/types";
import type { Change } from "~/api/watch";

import { hasEnded } from "./health";

type Lists = "stages" | "warehouses" | "freight" | "promotions";

const LISTS: Readonly<Record<string, Lists>> = {
  Stage: "stages",
  Warehouse: "warehouses",
  Freight: "freight",
  Promotion: "promotions",
};

/** Whether what a change tells is older than what is known, as it may be after a new reading. */
const isOlder = (change: Resource, known: Resource | undefined): boolean =>
  known !== undefined && Number(change.metadata.resourceVersion) < Number(known.metadata.resourceVersion);

function changed<T extends Resource>(items: readonly T[], changes: readonly Change<Resource>[], keep: (each: T) => boolean): T[] {
  const known = new Map(items.map((each) => [each.metadata.name, each]));
  for (const { type, object } of changes) {
    const { name } = object.metadata;
    if (isOlder(object, known.get(name))) continue;
    if (type === "DELETED" || !keep(object as T)) known.delete(name);
    else known.set(name, object as T);
  }
  return [...known.values()];
}

export function merged(was: Pipeline, changes: readonly Change<Resource>[]): Pipeline {
  const next = { ...was };
  for (const [kind, list] of Object.entries(LISTS)) {
    const ours = changes.filter((each) => each.object.kind === kind);
    if (ours.length === 0) continue;
    const keep = (each: Resource) => list !== "promotions" || !hasEnded((each as { status?: { phase?: string } }).status?.phase);
    Object.assign(next, { [list]: changed<Resource>(was[list], ours, keep) });
  }
  return next;
}
