/** What runs where, put together from its pages: by Project, or by artifact. */
import type { MatrixArtifact, MatrixCell, MatrixPage, MatrixStage } from "~/api/matrix";

import { shortRepo } from "./address";

export interface Wanted {
  /** In the name of an artifact, a Project or a Stage. */
  text: string;
  /** Only what has newer versions. */
  lagging: boolean;
}

export interface ArtifactRow {
  key: string;
  artifact: MatrixArtifact;
  newest: string;
  /** One for each Stage; undefined where it does not use the artifact. */
  cells: (MatrixCell | undefined)[];
}

export interface ProjectTable {
  project: string;
  stages: MatrixStage[];
  rows: ArtifactRow[];
}

export interface ArtifactUses {
  key: string;
  artifact: MatrixArtifact;
  cells: (MatrixCell & { promoting: boolean })[];
  lagging: number;
}

export const artifactKey = ({ kind, repoURL, name }: MatrixArtifact): string => `${kind} ${repoURL ?? ""} ${name ?? ""}`;

/** What tells an artifact from others: `acme/web`, of a chart its name as well. */
export const artifactName = ({ repoURL, name }: MatrixArtifact): string => (name ? (repoURL ? `${name} (${shortRepo(repoURL)})` : name) : shortRepo(repoURL));

/** A commit by its first letters; everything else as it is. */
export const shortVersion = ({ kind }: MatrixArtifact, version: string): string =>
  kind === "git" && /^[0-9a-f]{12,40}$/.test(version) ? version.slice(0, 7) : version;

/** `3 behind`, `100+ behind`; empty for what is newest, or where it is not known. */
export function lag({ behind, atLeast }: Pick<MatrixCell, "behind" | "atLeast">): string {
  return behind ? `${behind}${atLeast ? "+" : ""} behind` : "";
}

function fits(text: string, ...words: (string | undefined)[]): boolean {
  const wanted = text.trim().toLowerCase();
  return wanted === "" || words.some((each) => each?.toLowerCase().includes(wanted));
}

/** A table for each Project. A Project or Stage of the wanted name is shown whole. */
export function byProject(pages: readonly MatrixPage[], wanted: Wanted): ProjectTable[] {
  const tables = new Map<string, ProjectTable>();
  for (const stage of pages.flatMap((page) => page.stages)) {
    const table = tables.get(stage.project) ?? { project: stage.project, stages: [], rows: [] };
    table.stages.push(stage);
    tables.set(stage.project, table);
  }
  for (const row of pages.flatMap((page) => page.rows)) {
    for (const cell of row.cells) place(tables.get(cell.project), row.artifact, row.newest ?? "", cell);
  }
  return [...tables.values()].map((table) => ({ ...table, rows: kept(table, wanted) })).filter((table) => table.rows.length > 0);
}

function place(table: ProjectTable | undefined, artifact: MatrixArtifact, newest: string, cell: MatrixCell): void {
  if (!table) return;
  const key = artifactKey(artifact);
  let row = table.rows.find((each) => each.key === key);
  if (!row) {
    row = { key, artifact, newest, cells: table.stages.map(() => undefined) };
    table.rows.push(row);
  }
  row.newest ||= newest;
  const at = table.stages.findIndex((each) => each.stage === cell.stage);
  if (at >= 0) row.cells[at] = cell;
}

function kept({ project, stages, rows }: ProjectTable, { text, lagging }: Wanted): ArtifactRow[] {
  const whole = fits(text, project, ...stages.map((each) => each.stage));
  return rows.filter((row) => {
    if (lagging && !row.cells.some((cell) => cell?.behind)) return false;
    return whole || fits(text, row.artifact.repoURL, row.artifact.name, ...row.cells.map((cell) => cell?.version ?? ""));
  });
}

/** Each artifact with all places that it is in; what lags most comes first. */
export function byArtifact(pages: readonly MatrixPage[], { text, lagging }: Wanted): ArtifactUses[] {
  const promoting = new Set(pages.flatMap((page) => page.stages.filter((each) => each.promoting)).map((each) => `${each.project} ${each.stage}`));
  const found = new Map<string, ArtifactUses>();
  for (const { artifact, cells } of pages.flatMap((page) => page.rows)) {
    const key = artifactKey(artifact);
    const uses: ArtifactUses = found.get(key) ?? { key, artifact, cells: [], lagging: 0 };
    const whole = fits(text, artifact.repoURL, artifact.name);
    const more = cells.filter((cell) => (whole || fits(text, cell.project, cell.stage, cell.version)) && (!lagging || cell.behind));
    uses.cells.push(...more.map((cell) => ({ ...cell, promoting: promoting.has(`${cell.project} ${cell.stage}`) })));
    uses.lagging = uses.cells.filter((cell) => cell.behind).length;
    found.set(key, uses);
  }
  return [...found.values()].filter((each) => each.cells.length > 0);
}
