/** An editor of manifests that knows the schema and shows each fault at its line. */
import { closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit } from "@codemirror/language";
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { searchKeymap } from "@codemirror/search";
import { EditorState, type Extension } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { useEffect, useRef } from "react";

import { useManifestSchema } from "~/api/manifest";
import type { Fault } from "~/model/applied";
import type { Schema } from "~/model/schema";

import { help } from "./help";
import { theme } from "./theme";
import styles from "./YamlEditor.module.css";

export interface YamlEditorProps {
  label: string;
  value: string;
  onChange?: ((value: string) => void) | undefined;
  faults?: readonly Fault[];
}

const always: Extension = [
  lineNumbers(),
  foldGutter(),
  highlightActiveLine(),
  highlightActiveLineGutter(),
  drawSelection(),
  history(),
  bracketMatching(),
  closeBrackets(),
  indentOnInput(),
  indentUnit.of("  "),
  lintGutter(),
  yaml(),
  theme,
  keymap.of([
    ...closeBracketsKeymap,
    ...completionKeymap,
    ...defaultKeymap,
    ...searchKeymap,
    ...historyKeymap,
    ...foldKeymap,
    ...lintKeymap,
  ]),
];

function diagnostics(state: EditorState, faults: readonly Fault[]): Diagnostic[] {
  return faults.map(({ line, severity, message }) => {
    const at = state.doc.line(Math.min(Math.max(line, 1), state.doc.lines));
    const from = at.from + (at.text.length - at.text.trimStart().length);
    return { from: Math.min(from, at.to), to: at.to, severity, message };
  });
}

/** Lives in a shadow, because it writes its own styles, which the page's policy forbids in the page itself. */
export default function YamlEditor({ label, value, onChange, faults = [] }: YamlEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const schema = useManifestSchema().data;
  const known = useRef<Schema>(undefined);
  const told = useRef(onChange);
  const readOnly = onChange === undefined;
  useEffect(() => {
    known.current = schema;
    told.current = onChange;
  });

  useEffect(() => {
    const element = host.current;
    if (!element) return undefined;
    const root = element.shadowRoot ?? element.attachShadow({ mode: "open" });
    const state = EditorState.create({
      doc: value,
      extensions: [
        always,
        help(() => known.current),
        readOnly ? EditorState.readOnly.of(true) : keymap.of([indentWithTab]),
        EditorView.contentAttributes.of({ "aria-label": label, "aria-multiline": "true", tabindex: "0" }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) told.current?.(update.state.doc.toString());
        }),
      ],
    });
    const made = new EditorView({ state, parent: root, root });
    view.current = made;
    return () => {
      made.destroy();
      view.current = null;
    };
    // The text that it begins with; what comes later is put in below.
  }, [label, readOnly]);

  useEffect(() => {
    const shown = view.current;
    if (!shown || shown.state.doc.toString() === value) return;
    shown.dispatch({ changes: difference(shown.state.doc.toString(), value) });
  }, [value]);

  useEffect(() => {
    const shown = view.current;
    if (shown) shown.dispatch(setDiagnostics(shown.state, diagnostics(shown.state, faults)));
  }, [faults, value]);

  return <div ref={host} className={styles.editor} />;
}

/** The one change that makes a text into another, so that the rest keeps its place. */
function difference(old: string, now: string): { from: number; to: number; insert: string } {
  let from = 0;
  while (from < old.length && from < now.length && old[from] === now[from]) from += 1;
  let [to, end] = [old.length, now.length];
  while (to > from && end > from && old[to - 1] === now[end - 1]) [to, end] = [to - 1, end - 1];
  return { from, to, insert: now.slice(from, end) };
}
