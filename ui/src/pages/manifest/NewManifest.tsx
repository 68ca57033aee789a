/** A manifest that is written anew: checked while it is written, and created as it stands. */
import { useMutation } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { ApiError } from "~/api/client";
import { createManifests } from "~/api/manifest";
import type { Resource } from "~/api/types";
import { Button } from "~/design/Button";
import { CommandLine, CopyButton } from "~/design/CommandLine";
import { YamlEditor } from "~/design/editor";
import { Faults } from "~/design/Faults";
import { Panel } from "~/design/Page";
import { useLint } from "~/design/useLint";
import { type Fault, faultsOfProblems, faultsOfResults } from "~/model/applied";
import { said } from "~/model/action";

import styles from "./NewManifest.module.css";

interface NewManifestProps {
  /** The namespace of what does not say its own. */
  project: string;
  /** What it begins with; as long as nobody has written anything, it follows. */
  text: string;
  onClose: () => void;
  onMade: (made: Resource | undefined) => void;
}

export function NewManifest({ project, text: given, onClose, onMade }: NewManifestProps) {
  const [written, setWritten] = useState<string>();
  const text = written ?? given;
  const [first] = useState(given);
  const isTouched = text !== first; // of what nobody has written anything yet nothing is wrong
  const lint = useLint(text, project);
  const [refused, setRefused] = useState<{ text: string; faults: readonly Fault[] }>();
  const create = useMutation({
    mutationFn: () => createManifests(text),
    onSuccess: (results) => {
      const faults = faultsOfResults(text, results);
      setRefused({ text, faults });
      if (faults.length === 0) onMade(results[0]?.createdResourceManifest);
    },
    onError: (error) => setRefused({ text, faults: faultsOfProblems(text, error.message, error instanceof ApiError ? error.problems : []) }),
  });
  useEffect(() => {
    if (written === given) setWritten(undefined);
  }, [written, given]);
  const faults = refused?.text === text && refused.faults.length > 0 ? refused.faults : isTouched ? lint.faults : [];
  return (
    <Panel>
      <div className={styles.editor}>
        <YamlEditor label="New manifest" value={text} onChange={setWritten} faults={faults} />
      </div>
      <div className={styles.under}>
        {isTouched || faults.length > 0 ? <Faults faults={faults} pending={lint.pending} /> : null}
      </div>
      <div className={styles.bar}>
        <CommandLine command={said.apply()} input={text} />
        <CopyButton text={text} label="Copy the manifest" />
        <span className={styles.space} />
        <Button onClick={onClose}>Cancel</Button>
        <Button look="primary" disabled={create.isPending || (isTouched && lint.faults.some((each) => each.severity === "error"))} onClick={() => create.mutate()}>
          {create.isPending ? "Creating …" : "Create"}
        </Button>
      </div>
    </Panel>
  );
}
