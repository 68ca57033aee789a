/** What a Warehouse watches, and by which rules it chooses. */
import type { Subscription } from "~/api/types";

import type { ArtifactKind } from "./artifact";

export interface Watched {
  kind: ArtifactKind;
  repo: string;
  /** The name of the subscription, where it has one. */
  name: string;
  rules: [string, string][];
}

const HIDDEN = new Set(["repoURL", "name", "subscriptionName"]);

const words = (name: string): string => name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
const text = (value: unknown): string =>
  Array.isArray(value) ? value.map(String).join(", ") : typeof value === "object" ? JSON.stringify(value) : String(value);

export function watched(subscriptions: readonly Subscription[]): Watched[] {
  return subscriptions.flatMap((each) =>
    (["image", "git", "chart"] as const).flatMap((kind) => {
      const given = each[kind] as Record<string, unknown> | undefined;
      if (!given) return [];
      const chart = kind === "chart" && given.name ? `/${text(given.name)}` : "";
      const rules = Object.entries(given)
        .filter(([name, value]) => !HIDDEN.has(name) && value !== "" && value !== false && value !== null && value !== undefined)
        .map(([name, value]): [string, string] => [words(name), text(value)]);
      return [{ kind, repo: `${text(given.repoURL)}${chart}`, name: text(given.subscriptionName ?? ""), rules }];
    }),
  );
}
