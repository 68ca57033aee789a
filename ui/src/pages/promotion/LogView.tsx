/** The log of a promotion, of all steps or of one, at its end while it grows. */
import { useEffect, useMemo, useRef } from "react";

import type { Log } from "~/api/log";
import { Button } from "~/design/Button";
import { CopyButton } from "~/design/CommandLine";
import { Panel } from "~/design/Page";
import { Refusal } from "~/design/State";
import { logLines } from "~/model/promotion";

import styles from "./Promotion.module.css";

interface LogViewProps {
  log: Log;
  running: boolean;
  step: string | undefined;
  onAll: () => void;
}

const clock = (time: string): string => (time ? new Date(time).toLocaleTimeString([], { hour12: false }) : "");

export function LogView({ log, running, step, onAll }: LogViewProps) {
  const box = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const lines = useMemo(() => logLines(log.text), [log.text]);
  const shown = useMemo(() => (step ? lines.filter((each) => each.step === step) : lines), [lines, step]);

  useEffect(() => {
    if (running && follows.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [shown, running]);

  return (
    <Panel>
      <div className={styles.loghead}>
        <h2>{step ? `Log of ${step}` : "Log"}</h2>
        {step ? (
          <Button look="quiet" small onClick={onAll}>
            All steps
          </Button>
        ) : null}
        <CopyButton text={shown.map((each) => `${each.time} ${each.step}: ${each.text}`).join("\n")} label="Copy the log" />
      </div>
      {log.error ? (
        <div className={styles.none}>
          <Refusal error={log.error} />
        </div>
      ) : (
        <div
          ref={box}
          className={styles.log}
          tabIndex={0}
          role="log"
          aria-label="Log"
          onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
            follows.current = scrollTop + clientHeight > scrollHeight - 24;
          }}
        >
          {log.isCut ? <p className={styles.none}>Only its end is shown.</p> : null}
          {shown.length === 0 ? <p className={styles.none}>{running ? "Nothing yet." : "Nothing was logged."}</p> : null}
          {shown.map((line, index) => (
            // lines are only added
            <div key={index} className={styles.line}>
              <time dateTime={line.time}>{clock(line.time)}</time>
              <span>
                {step || !line.time ? null : <i>{line.step} </i>}
                {line.text}
              </span>
            </div>
          ))}
        </div>
      )}
    </Panel>
  );
}
