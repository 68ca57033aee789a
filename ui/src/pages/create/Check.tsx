/** The result as YAML, to read, change, copy and apply. */
import { Button } from "~/design/Button";
import { CommandLine, CopyButton } from "~/design/CommandLine";
import { YamlEditor } from "~/design/editor";
import { Faults } from "~/design/Faults";
import { Icon } from "~/design/Icon";
import { Notice } from "~/design/State";
import type { Fault } from "~/model/applied";

import styles from "./Create.module.css";

interface CheckProps {
  text: string;
  /** What the answers make, where it was changed by hand. */
  changedByHand: boolean;
  onText: (text: string) => void;
  onAgain: () => void;
  faults: readonly Fault[];
  pending: boolean;
  /** How many credentials go with it, without being part of it. */
  secrets: number;
  file: string;
}

export function Check({ text, changedByHand, onText, onAgain, faults, pending, secrets, file }: CheckProps) {
  return (
    <>
      {changedByHand ? (
        <Notice>
          You have changed the YAML by hand; answers that you change now do not get into it.{" "}
          <button type="button" className={styles.link} onClick={onAgain}>
            Write it anew from the answers
          </button>
        </Notice>
      ) : null}
      <div className={styles.sheet}>
        <div className={styles.bar}>
          <code>{file}</code>
          <CopyButton text={text} label="Copy the YAML" />
          <Button look="quiet" small icon label="Download the YAML" onClick={() => download(file, text)}>
            <Icon name="down2" />
          </Button>
        </div>
        <div className={styles.editor}>
          <YamlEditor label="Manifests of the pipeline" value={text} onChange={onText} faults={faults} />
        </div>
        <div className={styles.under}>
          <Faults faults={faults} pending={pending} about="Nothing is wrong with it, as far as can be told before it runs." />
        </div>
      </div>
      {secrets > 0 ? (
        <p className="dim">
          {secrets === 1 ? "One sign-in is" : `${secrets} sign-ins are`} kept on the server with it, and is not part of the file.
        </p>
      ) : null}
      <details className={styles.details}>
        <summary>Do it by command, or keep it in Git</summary>
        <p>Save the file in a repository, and apply it from there whenever it changes:</p>
        <CommandLine command={`argosy apply -f ${file}`} />
      </details>
    </>
  );
}

function download(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "application/yaml" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
