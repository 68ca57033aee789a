/** A resource as YAML: edited with what the schema offers, checked while it is written, applied as it stands. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { ApiError } from "~/api/client";
import { applyManifests, lintManifests } from "~/api/manifest";
import { useMayIn } from "~/api/rights";
import type { Resource } from "~/api/types";
import { Button } from "~/design/Button";
import { CommandLine, CopyButton } from "~/design/CommandLine";
import { YamlEditor } from "~/design/editor";
import { Faults } from "~/design/Faults";
import { Panel } from "~/design/Page";
import { Notice } from "~/design/State";
import { useDone } from "~/design/Toast";
import { said } from "~/model/action";
import { type Fault, faultOfFinding, faultsOfProblems, faultsOfResults } from "~/model/applied";
import { manifestText } from "~/model/manifest";
import { ruled } from "~/model/rights";

import styles from "./Manifest.module.css";

const PAUSE = 500;

/** The faults that the server finds in a text, a moment after it was written. */
function useFindings(text: string, project: string, edited: boolean): Fault[] {
  const [found, setFound] = useState<Fault[]>([]);
  useEffect(() => {
    if (!edited) return undefined;
    const ended = new AbortController();
    const timer = setTimeout(() => {
      lintManifests(text, project, ended.signal).then(
        (findings) => setFound(findings.map(faultOfFinding)),
        () => undefined, // without checks it is still refused when it is applied
      );
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      ended.abort();
    };
  }, [text, project, edited]);
  return edited ? found : [];
}

export function ManifestPanel({ project, resource }: { project: string; resource: Resource }) {
  const queries = useQueryClient();
  const done = useDone();
  const now = manifestText(resource);
  const [base, setBase] = useState(now);
  const [text, setText] = useState(now);
  const [refused, setRefused] = useState<Fault[]>([]);
  const [stale, setStale] = useState(false);
  const [busy, setBusy] = useState(false);
  const edited = text !== base;
  const { group, resource: plural } = ruled(resource);
  const mayEdit = useMayIn(project ? { project } : "shared")("update", plural, resource.metadata.name, group);
  const findings = useFindings(text, project, edited);

  if (now !== base && !edited) {
    setBase(now);
    setText(now);
  }

  function begin(): void {
    setBase(now);
    setText(now);
    setRefused([]);
    setStale(false);
  }

  async function apply(): Promise<void> {
    setBusy(true);
    setRefused([]);
    try {
      const results = await applyManifests(text);
      const faults = faultsOfResults(text, results);
      setRefused(faults);
      setStale(results.some((each) => /modified|resourceVersion/.test(each.error ?? "")));
      const [written] = results;
      if (faults.length > 0 || !written) return;
      const after = written.updatedResourceManifest ?? written.createdResourceManifest;
      if (after) {
        queries.setQueryData([resource.kind?.toLowerCase(), project, resource.metadata.name], after);
        setBase(text);
      }
      void done(Promise.resolve(), `${resource.kind} ${resource.metadata.name} is changed`);
    } catch (error) {
      setStale(error instanceof ApiError && error.status === 409);
      if (error instanceof ApiError) setRefused(faultsOfProblems(text, error.message, error.problems));
    } finally {
      setBusy(false);
    }
  }

  const faults = refused.length > 0 ? refused : findings;
  return (
    <Panel>
      <div className={styles.editor}>
        <YamlEditor
          label={`Manifest of ${resource.metadata.name}`}
          value={text}
          onChange={
            mayEdit
              ? (next) => {
                  setText(next);
                  setRefused([]);
                }
              : undefined
          }
          faults={faults}
        />
      </div>
      {stale ? (
        <div className={styles.stale}>
          <Notice tone="warn">It was changed meanwhile. Discard your change to see what is there now, and make it again.</Notice>
        </div>
      ) : faults.length > 0 ? (
        <div className={styles.stale}>
          <Faults faults={faults} />
        </div>
      ) : null}
      <div className={styles.bar}>
        <span className={styles.told} role="status">
          {!mayEdit ? "Your roles let you read it" : edited ? (faults.length > 0 ? `${faults.length} ${faults.length === 1 ? "finding" : "findings"}` : "Changed") : "As it is"}
        </span>
        {mayEdit ? <CommandLine command={said.apply()} input={text} /> : null}
        <CopyButton text={text} label="Copy the manifest" />
        {mayEdit ? (
          <>
            <Button disabled={!edited && !stale} onClick={begin}>
              Discard
            </Button>
            <Button look="primary" disabled={!edited || busy} onClick={() => void apply()}>
              {busy ? "Applying" : "Apply"}
            </Button>
          </>
        ) : null}
      </div>
    </Panel>
  );
}
