/** Where in a manifest a cursor stands, told from its indentation, so that unfinished text will do. */
import { parseDocument } from "yaml";

export type Step = string | number;

export interface YamlPlace {
  /** What leads to the mapping or list that is written at the cursor. */
  path: Step[];
  /** The key whose value is written; absent where a key, or an entry of a list, is. */
  key?: string;
  /** What is written of the word already, and where it begins. */
  prefix: string;
  from: number;
  /** The column that a key stands in. */
  column: number;
  /** What the document says, without the line of the cursor. */
  value: unknown;
}

interface Line {
  /** Columns of the dashes that begin entries. */
  dashes: number[];
  column: number;
  key: string | undefined;
  blank: boolean;
}

const KEY = /^("[^"]*"|'[^']*'|[^\s#:'"[\]{}-][^\s#:]*)\s*:(?:\s|$)/;

function read(text: string): Line {
  let column = 0;
  const dashes: number[] = [];
  for (;;) {
    while (text[column] === " ") column += 1;
    if (text[column] !== "-" || (text[column + 1] ?? " ") !== " ") break;
    dashes.push(column);
    column += 1;
  }
  const rest = text.slice(column);
  const key = KEY.exec(rest)?.[1]?.replace(/^["']|["']$/g, "");
  return { dashes, column, key, blank: rest === "" ? dashes.length === 0 : rest.startsWith("#") };
}

/** How many entries of the same list come before the line `at`, whose dash is in `column`. */
function indexOf(lines: readonly Line[], at: number, column: number): number {
  let count = 0;
  for (let above = at - 1; above >= 0; above -= 1) {
    const line = lines[above];
    if (!line || line.blank) continue;
    const first = Math.min(line.dashes[0] ?? line.column, line.column);
    if (line.dashes.includes(column)) count += 1;
    if (first < column || (first === column && line.dashes[0] !== column)) break;
  }
  return count;
}

/** The path to what stands in `column` of the last of the lines. */
function pathTo(lines: readonly Line[]): Step[] {
  const path: Step[] = [];
  const last = lines.at(-1);
  let need = last?.column ?? 0;
  let list = false;
  const enter = (at: number, dashes: readonly number[]) => {
    for (const dash of dashes.toReversed()) {
      if (dash >= need) continue;
      path.unshift(indexOf(lines, at, dash));
      need = dash;
      list = true;
    }
  };
  enter(lines.length - 1, last?.dashes ?? []);
  for (let at = lines.length - 2; at >= 0 && (need > 0 || list); at -= 1) {
    const line = lines[at];
    if (!line || line.blank) continue;
    if (line.key !== undefined && (line.column < need || (list && line.column === need))) {
      path.unshift(line.key);
      need = line.column;
      list = false;
    }
    enter(at, line.dashes);
    if (need === 0 && !list) break;
  }
  return path;
}

/** The document around an offset: where it begins and ends. */
function documentAt(text: string, offset: number): [number, number] {
  const before = text.lastIndexOf("\n---", Math.max(0, offset - 1));
  const begin = before < 0 ? 0 : text.indexOf("\n", before + 1) + 1;
  const end = text.indexOf("\n---", offset);
  return [before >= 0 && begin === 0 ? offset : begin, end < 0 ? text.length : end];
}

function valueOf(text: string): unknown {
  try {
    return parseDocument(text, { strict: false, logLevel: "silent" }).toJS() as unknown;
  } catch {
    return undefined;
  }
}

/** Where `offset` stands in `text`. */
export function yamlPlace(text: string, offset: number): YamlPlace {
  const [begin, end] = documentAt(text, offset);
  const lineStart = text.lastIndexOf("\n", offset - 1) + 1;
  const lineEnd = text.indexOf("\n", offset) < 0 ? text.length : text.indexOf("\n", offset);
  const head = text.slice(begin, lineStart);
  const written = text.slice(lineStart, offset);
  const lines = [...head.split("\n").slice(0, -1), written].map(read);
  const last = lines.at(-1) ?? read("");
  const value = valueOf(`${head}\n${text.slice(lineEnd, end)}`);
  const path = pathTo(lines);
  const rest = written.slice(last.column);
  const about = { path, value, column: last.column };
  if (last.key === undefined) return { ...about, prefix: rest, from: offset - rest.length };
  const prefix = rest.slice(rest.indexOf(":") + 1).trimStart();
  return { ...about, key: last.key, prefix, from: offset - prefix.length };
}

/** What a path leads to in a value. */
export function follow(value: unknown, path: readonly Step[]): unknown {
  return path.reduce<unknown>((at, step) => (at as Record<Step, unknown> | undefined | null)?.[step], value);
}
