/** Reads what `git diff` wrote, for drawing. */

export type LineKind = "add" | "del" | "same" | "note";

export interface DiffLine {
  kind: LineKind;
  old?: number;
  now?: number;
  text: string;
}

export interface FileDiff {
  path: string;
  /** What became of the file as a whole: `new`, `deleted`, `renamed from a/b`, `binary`. */
  what: string;
  added: number;
  removed: number;
  hunks: { head: string; lines: DiffLine[] }[];
}

const HUNK = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@ ?(.*)$/;

const unquoted = (path: string): string => path.replace(/^"?[ab]\//, "").replace(/"$/, "");

function fileOf(header: string): FileDiff {
  const path = /^diff --git (?:"?a\/.*?"?) ("?b\/.*"?)$/.exec(header)?.[1] ?? header;
  return { path: unquoted(path), what: "", added: 0, removed: 0, hunks: [] };
}

function meta(file: FileDiff, line: string): void {
  if (line.startsWith("new file")) file.what = "new";
  else if (line.startsWith("deleted file")) file.what = "deleted";
  else if (line.startsWith("rename from ")) file.what = `renamed from ${line.slice(12)}`;
  else if (line.startsWith("Binary files")) file.what = file.what ? `${file.what}, binary` : "binary";
  else if (line.startsWith("+++ ") && !line.startsWith("+++ /dev/null")) file.path = unquoted(line.slice(4).trimEnd());
}

export function readDiff(text: string): FileDiff[] {
  const files: FileDiff[] = [];
  let old = 0;
  let now = 0;
  let lines: DiffLine[] | undefined;
  for (const line of text.replace(/\n$/, "").split("\n")) {
    const file = files.at(-1);
    if (line.startsWith("diff --git ")) {
      files.push(fileOf(line));
      lines = undefined;
      continue;
    }
    const hunk = HUNK.exec(line);
    if (hunk) {
      const into = file ?? { path: "", what: "", added: 0, removed: 0, hunks: [] };
      if (!file) files.push(into);
      [old, now] = [Number(hunk[1]), Number(hunk[2])];
      lines = [];
      into.hunks.push({ head: hunk[3] ?? "", lines });
      continue;
    }
    if (!file) continue;
    if (!lines) meta(file, line);
    else if (line.startsWith("+")) {
      file.added += 1;
      lines.push({ kind: "add", now: now++, text: line.slice(1) });
    } else if (line.startsWith("-")) {
      file.removed += 1;
      lines.push({ kind: "del", old: old++, text: line.slice(1) });
    } else if (line.startsWith("\\")) lines.push({ kind: "note", text: line.slice(2) });
    else lines.push({ kind: "same", old: old++, now: now++, text: line.slice(1) });
  }
  return files;
}

/** The parts of two lines that differ, where they have a beginning and an end in common: `[from, to]` in each. */
export function changedPart(was: string, is: string): { was: [number, number]; is: [number, number] } | undefined {
  let from = 0;
  while (from < was.length && from < is.length && was[from] === is[from]) from += 1;
  let back = 0;
  while (back < was.length - from && back < is.length - from && was[was.length - 1 - back] === is[is.length - 1 - back]) back += 1;
  const common = from + back;
  if (common < Math.min(was.length, is.length) * 0.3) return undefined;
  return { was: [from, was.length - back], is: [from, is.length - back] };
}
