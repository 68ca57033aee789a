/** What would be different: the artifacts that are there beside those that would come. */
import type { Artifacts } from "~/api/types";

import { type ArtifactLine, artifactLines } from "./artifact";

export interface Step {
  key: string;
  line: ArtifactLine;
  from?: string;
  to?: string;
  same: boolean;
}

/** Every artifact of `next`, and those of the same origin that would go. */
export function compared(current: Artifacts | undefined, next: Artifacts): Step[] {
  const had = new Map(artifactLines(current ?? {}).map((each) => [each.key, each]));
  const steps: Step[] = artifactLines(next).map((line) => {
    const was = had.get(line.key);
    had.delete(line.key);
    const same = was !== undefined && was.version === line.version && was.full === line.full;
    return { key: line.key, line, to: line.version, same, ...(was ? { from: was.version } : {}) };
  });
  const gone = [...had.values()].map((line) => ({ key: line.key, line, from: line.version, same: false }));
  return [...steps, ...gone];
}
