/** The command that does what a button does, to copy. */
import { useState } from "react";

import { Button } from "./Button";
import styles from "./CommandLine.module.css";
import { Icon } from "./Icon";

export function CopyButton({ text, label = "Copy" }: { text: string; label?: string }) {
  const [done, setDone] = useState(false);
  async function copy(): Promise<void> {
    await navigator.clipboard.writeText(text);
    setDone(true);
    setTimeout(() => setDone(false), 1500);
  }
  return (
    <Button look="quiet" small icon label={done ? "Copied" : label} onClick={() => void copy()}>
      <Icon name={done ? "check" : "copy"} />
    </Button>
  );
}

export function CommandLine({ command }: { command: string }) {
  return (
    <div className={styles.line}>
      <code>
        <span className={styles.prompt}>$ </span>
        {command}
      </code>
      <CopyButton text={command} label="Copy the command" />
    </div>
  );
}
