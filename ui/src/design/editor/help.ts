/** What the editor offers while somebody writes a manifest: keys, values, and what a field is for. */
import { type Completion, type CompletionContext, type CompletionResult, autocompletion } from "@codemirror/autocomplete";
import type { Extension } from "@codemirror/state";
import { hoverTooltip } from "@codemirror/view";

import { descriptionAt, keysAt, type Schema, type Suggestion, valuesAt } from "~/model/schema";
import { yamlPlace } from "~/model/yamlPlace";

/** The schema, once it has come. */
export type Known = () => Schema | undefined;

function keyOption({ name, description, required, shape }: Suggestion, column: number): Completion {
  const indent = `\n${" ".repeat(column)}`;
  const after = { value: ": ", object: `:${indent}  `, list: `:${indent}- ` }[shape];
  return {
    label: name,
    apply: name + after,
    type: "property",
    boost: required ? 10 : 0,
    ...(required ? { detail: "required" } : {}),
    ...(description ? { info: description } : {}),
  };
}

function complete(known: Known, context: CompletionContext): CompletionResult | null {
  const schema = known();
  if (!schema) return null;
  const place = yamlPlace(context.state.doc.toString(), context.pos);
  if (!context.explicit && place.prefix === "" && place.key === undefined) return null;
  if (place.key !== undefined) {
    const values = valuesAt(schema, place.value, [...place.path, place.key]);
    return { from: place.from, options: values.map((label) => ({ label, type: "enum" })), validFor: /^[\w.-]*$/ };
  }
  const keys = keysAt(schema, place.value, place.path).map((each) => keyOption(each, place.column));
  const values = valuesAt(schema, place.value, place.path).map((label) => ({ label, type: "enum" }));
  return { from: place.from, options: [...keys, ...values], validFor: /^[\w.-]*$/ };
}

function told(known: Known) {
  return hoverTooltip((view, position) => {
    const schema = known();
    if (!schema) return null;
    const line = view.state.doc.lineAt(position);
    const found = /^[\s-]*([\w.-]+):/.exec(line.text);
    const key = found?.[1];
    if (!key) return null;
    const start = line.from + line.text.indexOf(key);
    if (position < start || position > start + key.length) return null;
    const { path, value } = yamlPlace(view.state.doc.toString(), start);
    const text = descriptionAt(schema, value, [...path, key]);
    if (!text) return null;
    const create = () => {
      const dom = document.createElement("div");
      dom.className = "cm-told";
      dom.textContent = text;
      return { dom };
    };
    return { pos: start, end: start + key.length, create };
  });
}

export const help = (known: Known): Extension => [
  autocompletion({ override: [(context) => complete(known, context)], icons: false }),
  told(known),
];
