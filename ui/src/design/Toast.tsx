/** Says for a while what was done, and by which command it could have been; or why it was refused. */
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from "react";

import { ApiError } from "~/api/client";

import { Button } from "./Button";
import { CommandLine } from "./CommandLine";
import { Icon } from "./Icon";
import styles from "./Toast.module.css";

interface Said {
  id: number;
  bad: boolean;
  text: string;
  advice?: string;
  command?: string;
}

type Say = (said: Omit<Said, "id">) => void;

const Saying = createContext<Say>(() => undefined);

export function Toasts({ children }: { children: ReactNode }) {
  const [all, setAll] = useState<Said[]>([]);
  const drop = useCallback((id: number) => setAll((was) => was.filter((each) => each.id !== id)), []);
  const say = useCallback<Say>(
    (said) => {
      const id = Math.random();
      setAll((was) => [...was.slice(-3), { ...said, id }]);
      setTimeout(() => drop(id), said.bad ? 15_000 : 6_000);
    },
    [drop],
  );
  const value = useMemo(() => say, [say]);
  return (
    <Saying value={value}>
      {children}
      <div className={styles.stack} role="status" aria-live="polite">
        {all.map((each) => (
          <div key={each.id} className={`${styles.toast} ${each.bad ? styles.bad : ""}`}>
            <Icon name={each.bad ? "alert" : "check"} />
            <div>
              <span>{each.text}</span>
              {each.advice ? <span className="dim">{each.advice}</span> : null}
              {each.command ? <CommandLine command={each.command} /> : null}
            </div>
            <Button look="quiet" small icon label="Dismiss" onClick={() => drop(each.id)}>
              <Icon name="cross" />
            </Button>
          </div>
        ))}
      </div>
    </Saying>
  );
}

/** Waits for an action, and says how it ended; true when it succeeded. */
export function useDone(): (action: Promise<unknown>, text: string, command?: string) => Promise<boolean> {
  const say = useContext(Saying);
  return useCallback(
    async (action, text, command) => {
      try {
        await action;
        say({ bad: false, text, ...(command ? { command } : {}) });
        return true;
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        const advice = error instanceof ApiError ? error.advice : undefined;
        say({ bad: true, text: message, ...(advice ? { advice } : {}) });
        return false;
      }
    },
    [say],
  );
}
