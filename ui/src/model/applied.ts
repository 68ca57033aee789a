/** What became of manifests that were applied together, and where in their text the faults are. */
import { isNode, LineCounter, parseAllDocuments } from "yaml";

import type { Problem } from "~/api/client";
import type { Finding, Written } from "~/api/manifest";

import type { Step } from "./yamlPlace";

/** `spec.vars[0].name` as a path. */
export function fieldPath(field: string): Step[] {
  return [...field.matchAll(/([^.[\]]+)|\[(\d+)\]/g)].map(([, name, index]) => (index === undefined ? (name ?? "") : Number(index)));
}

/** Something that is wrong, at a line that counts from 1. */
export interface Fault {
  line: number;
  severity: "error" | "warning";
  message: string;
}

interface Place {
  kind: unknown;
  /** The line of a field, or of the nearest one around it. */
  line: (path: readonly Step[]) => number;
}

function places(text: string): Place[] {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, logLevel: "silent" });
  if (!Array.isArray(documents)) return [];
  return documents
    .filter((each) => each.contents !== null)
    .map((each) => ({
      kind: each.get("kind"),
      line: (path) => {
        for (let length = path.length; length > 0; length -= 1) {
          const found: unknown = each.getIn(path.slice(0, length), true);
          if (isNode(found) && found.range) return lines.linePos(found.range[0]).line;
        }
        return lines.linePos(isNode(each.contents) ? (each.contents.range?.[0] ?? 0) : 0).line;
      },
    }));
}

const FIELD = /(?:^|[\s:;])((?:metadata|spec|data|stringData|rules|subjects)(?:\.[\w-]+|\[\d+\])+)/;

/** The faults of what was refused. Results come with Projects first, whatever the order in the text. */
export function faultsOfResults(text: string, results: readonly Written[]): Fault[] {
  const all = places(text);
  const sent = [...all.filter((each) => each.kind === "Project"), ...all.filter((each) => each.kind !== "Project")];
  return results.flatMap(({ error }, index) => {
    if (!error) return [];
    const line = sent[index]?.line(fieldPath(FIELD.exec(error)?.[1] ?? "")) ?? 1;
    return [{ line, severity: "error" as const, message: error }];
  });
}

/** The faults of a request that was refused as a whole. */
export function faultsOfProblems(text: string, message: string, problems: readonly Problem[]): Fault[] {
  const [first] = places(text);
  const told = problems.length > 0 ? problems : [{ message }];
  return told.map((each) => ({
    line: first?.line(fieldPath(each.field ?? "")) ?? 1,
    severity: "error" as const,
    message: [each.field, each.message].filter(Boolean).join(": ") + (each.advice ? ` ${each.advice}` : ""),
  }));
}

export const faultOfFinding = ({ line, severity, field, message, advice }: Finding): Fault => ({
  line: Math.max(line, 1),
  severity,
  message: `${field ? `${field}: ` : ""}${message}${advice ? `. ${advice}` : ""}`,
});

/** The manifests of Projects, and all of them: who fills a Project with secrets makes it first. */
export function projectsOf(text: string): string {
  return text
    .split(/^---\s*$/m)
    .filter((each) => /^kind:\s*Project\s*$/m.test(each))
    .join("---\n");
}

/** The name of the Project that manifests make. */
export function projectNameOf(text: string): string | undefined {
  const documents = parseAllDocuments(projectsOf(text), { logLevel: "silent" });
  const name: unknown = Array.isArray(documents) ? documents[0]?.getIn(["metadata", "name"]) : undefined;
  return typeof name === "string" ? name : undefined;
}
