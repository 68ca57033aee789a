/** A diff, file by file. */
import { memo, type ReactNode, useMemo, useState } from "react";

import { changedPart, type DiffLine, type FileDiff, readDiff } from "~/model/diff";

import { Button } from "./Button";
import styles from "./Diff.module.css";
import { Icon } from "./Icon";

const SIGNS = { add: "+", del: "−", same: "", note: "" } as const;
/** How many lines of a file are drawn before somebody asks for the rest. */
const FIRST = 400;
/** Files of more lines than that begin closed, and so do all when there are many. */
const LONG = 250;
const MANY = 12;

function marked(text: string, [from, to]: [number, number]): ReactNode {
  return (
    <>
      {text.slice(0, from)}
      <mark>{text.slice(from, to)}</mark>
      {text.slice(to)}
    </>
  );
}

/** The text of a line, with the part marked that is different in the line that it replaces, or that replaces it. */
function content(lines: readonly DiffLine[], index: number): ReactNode {
  const line = lines[index];
  if (!line) return null;
  const other = line.kind === "del" ? lines[index + 1] : line.kind === "add" ? lines[index - 1] : undefined;
  const around = line.kind === "del" ? [lines[index - 1], lines[index + 2]] : [lines[index - 2], lines[index + 1]];
  const isPair = other && other.kind !== line.kind && other.kind !== "same" && other.kind !== "note";
  if (!isPair || around.some((each) => each?.kind === "add" || each?.kind === "del")) return line.text;
  const part = line.kind === "del" ? changedPart(line.text, other.text)?.was : changedPart(other.text, line.text)?.is;
  return part ? marked(line.text, part) : line.text;
}

const Lines = memo(function Lines({ file, most }: { file: FileDiff; most: number }) {
  let left = most;
  return (
    <table className={styles.table}>
      {file.hunks.map((hunk, index) => {
        const shown = hunk.lines.slice(0, Math.max(0, left));
        left -= shown.length;
        if (shown.length === 0) return null;
        return (
          // hunks never move
          <tbody key={index}>
            {index > 0 || hunk.head ? (
              <tr className={styles.hunk}>
                <td colSpan={4}>{hunk.head || "⋯"}</td>
              </tr>
            ) : null}
            {shown.map((line, at) => (
              // lines never move
              <tr key={at} className={styles[line.kind]}>
                <td className={styles.number}>{line.old}</td>
                <td className={styles.number}>{line.now}</td>
                <td className={styles.sign}>
                  {SIGNS[line.kind]}
                  <span className="visually-hidden">
                    {line.kind === "add" ? "added:" : line.kind === "del" ? "removed:" : ""}
                  </span>
                </td>
                <td className={styles.text}>{content(hunk.lines, at)}</td>
              </tr>
            ))}
          </tbody>
        );
      })}
    </table>
  );
});

function File({ file, open }: { file: FileDiff; open: boolean }) {
  const [shown, setShown] = useState(open);
  const [most, setMost] = useState(FIRST);
  const count = file.hunks.reduce((sum, each) => sum + each.lines.length, 0);
  return (
    <details className={styles.file} open={shown} onToggle={(event) => setShown(event.currentTarget.open)}>
      <summary className={styles.head}>
        <Icon name="chevron" size={12} />
        <code className="truncate">{file.path || "changes"}</code>
        {file.what ? <span className={styles.what}>{file.what}</span> : null}
        <span className={styles.sum}>
          {file.added > 0 ? <span className={styles.plus}>+{file.added}</span> : null}
          {file.removed > 0 ? <span className={styles.minus}>−{file.removed}</span> : null}
        </span>
      </summary>
      {shown && file.hunks.length > 0 ? (
        <div className={styles.body} tabIndex={0} role="region" aria-label={`Changes of ${file.path}`}>
          <Lines file={file} most={most} />
        </div>
      ) : null}
      {shown && count > most ? (
        <div className={styles.more}>
          <Button small onClick={() => setMost(count)}>
            Show the other {count - most} lines
          </Button>
        </div>
      ) : null}
    </details>
  );
}

export function Diff({ text }: { text: string }) {
  const files = useMemo(() => readDiff(text), [text]);
  const isMany = files.length > MANY;
  return (
    <div>
      {files.map((file) => (
        <File key={file.path} file={file} open={!isMany && file.added + file.removed < LONG} />
      ))}
    </div>
  );
}
