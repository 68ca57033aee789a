/** The command that does what a button does, to copy. */
import { useState } from "react";

import { withInput } from "~/model/command";

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

interface CommandLineProps {
  command: string;
  /** What it reads: the copy has it in a here-document. */
  input?: string;
}

export function CommandLine({ command, input }: CommandLineProps) {
  return (
    <div className={styles.line}>
      <code>
        <span className={styles.prompt}>$ </span>
        {command}
      </code>
      <CopyButton text={input === undefined ? command : withInput(command, input)} label="Copy the command" />
    </div>
  );
}
