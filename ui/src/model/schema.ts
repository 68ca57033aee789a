/** What a JSON schema lets be written at a place. Schemas are those of `argosy schema`: `$ref`, `allOf` of `if`/`then`, `anyOf`. */
import { follow, type Step } from "./yamlPlace";

export interface Schema {
  $ref?: string;
  type?: string | string[];
  description?: string;
  const?: unknown;
  enum?: unknown[];
  default?: unknown;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  items?: Schema;
  required?: string[];
  allOf?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  if?: Schema;
  then?: Schema;
  else?: Schema;
  definitions?: Record<string, Schema>;
}

export interface Suggestion {
  name: string;
  description: string;
  required: boolean;
  /** What its value is, which decides how it is written. */
  shape: "object" | "list" | "value";
}

/** Whether a value is what an `if` asks for: named values, which must be there. */
function fits(schema: Schema, value: unknown): boolean {
  const given = (value ?? {}) as Record<string, unknown>;
  if (schema.required?.some((name) => given[name] === undefined)) return false;
  return Object.entries(schema.properties ?? {}).every(
    ([name, { const: wanted }]) => wanted === undefined || given[name] === undefined || given[name] === wanted,
  );
}

/** The schema and all that hold together with it for a value. */
function expanded(root: Schema, schema: Schema, value: unknown, depth = 0): Schema[] {
  if (depth > 12) return [];
  const more = (each: Schema) => expanded(root, each, value, depth + 1);
  if (schema.$ref) {
    const found = root.definitions?.[schema.$ref.split("/").at(-1) ?? ""];
    return found ? more(found) : [];
  }
  const chosen = schema.if ? (fits(schema.if, value) ? schema.then : schema.else) : undefined;
  const parts = [...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(chosen ? [chosen] : [])];
  return [schema, ...parts.flatMap(more)];
}

const child = (schema: Schema, step: Step): Schema | undefined => {
  if (typeof step === "number") return schema.items;
  const { properties, additionalProperties } = schema;
  return properties?.[step] ?? (typeof additionalProperties === "object" ? additionalProperties : undefined);
};

/** Every schema that holds for what a path leads to. */
export function schemasAt(root: Schema, value: unknown, path: readonly Step[]): Schema[] {
  let here = expanded(root, root, value);
  path.forEach((step, index) => {
    const below = follow(value, path.slice(0, index + 1));
    here = here.flatMap((schema) => {
      const next = child(schema, step);
      return next ? expanded(root, next, below) : [];
    });
  });
  return here;
}

function shapeOf(root: Schema, schema: Schema): Suggestion["shape"] {
  const all = expanded(root, schema, undefined);
  if (all.some((each) => each.type === "array" || each.items)) return "list";
  return all.some((each) => each.type === "object" || each.properties) ? "object" : "value";
}

/** The keys that may be written into what a path leads to, besides those that are there; needed ones first. */
export function keysAt(root: Schema, value: unknown, path: readonly Step[]): Suggestion[] {
  const schemas = schemasAt(root, value, path);
  const required = new Set(schemas.flatMap((each) => each.required ?? []));
  const there = new Set(Object.keys((follow(value, path) ?? {}) as object));
  const found = new Map<string, Suggestion>();
  for (const [name, schema] of schemas.flatMap((each) => Object.entries(each.properties ?? {}))) {
    if (there.has(name) || (name === "status" && path.length === 0)) continue;
    const was = found.get(name);
    const description = was?.description || schema.description || describe(root, schema);
    const shape = was && was.shape !== "value" ? was.shape : shapeOf(root, schema);
    found.set(name, { name, description, required: required.has(name), shape });
  }
  return [...found.values()].sort((left, right) => Number(right.required) - Number(left.required));
}

const describe = (root: Schema, schema: Schema): string =>
  expanded(root, schema, undefined).find((each) => each.description)?.description ?? "";

/** The values that may be written for a key: those that are named, and the two truths. */
export function valuesAt(root: Schema, value: unknown, path: readonly Step[]): string[] {
  const found = schemasAt(root, value, path).flatMap((schema) => {
    if (schema.const !== undefined) return [schema.const];
    if (schema.enum) return schema.enum;
    return schema.type === "boolean" ? [true, false] : [];
  });
  return [...new Set(found.map(String))];
}

/** What a field is for. */
export const descriptionAt = (root: Schema, value: unknown, path: readonly Step[]): string =>
  schemasAt(root, value, path).find((each) => each.description)?.description ?? "";
