/** What a Stage used, for going back to it. */
import type { HistoryEntry } from "~/api/history";

import { artifactLines } from "./artifact";

export interface Earlier {
  freight: string;
  text: string;
}

/** Freight that the Stage used and does not use now, each once, the newest first. */
export function earlier(entries: readonly HistoryEntry[], current: readonly string[]): Earlier[] {
  const found = new Map<string, Earlier>();
  for (const entry of entries) {
    const freight = entry.promoted;
    if (!freight || current.includes(freight) || found.has(freight)) continue;
    const reference = Object.values(entry.items).find((each) => each.name === freight);
    const versions = artifactLines(reference ?? {}).map((each) => `${each.name} ${each.version}`);
    found.set(freight, { freight, text: versions.join(", ") || freight.slice(0, 7) });
  }
  return [...found.values()];
}
