/** What all parts of the settings are made of: a heading with what it is for, rows of things, and what to do with each. */
import { type ReactNode, useState } from "react";

import { Button } from "~/design/Button";
import { CommandLine } from "~/design/CommandLine";
import { Dialog } from "~/design/Dialog";
import { Icon, type IconName } from "~/design/Icon";
import { More } from "~/design/More";
import { Panel } from "~/design/Page";
import { Empty, Loading, Refusal, Trouble } from "~/design/State";

import styles from "./Settings.module.css";

interface SectionProps {
  title: string;
  about: ReactNode;
  act?: ReactNode;
  children: ReactNode;
}

export function Section({ title, about, act, children }: SectionProps) {
  return (
    <section className={styles.section} aria-label={title}>
      <header className={styles.top}>
        <div>
          <h2>{title}</h2>
          <p className="dim">{about}</p>
        </div>
        {act}
      </header>
      {children}
    </section>
  );
}

interface RowsProps<T> {
  /** undefined while they are read. */
  all: readonly T[] | undefined;
  error: unknown;
  retry: () => void;
  empty: { icon: IconName; title: string; about: string; act?: ReactNode };
  more?: { has: boolean; busy: boolean; next: () => void };
  row: (each: T) => ReactNode;
}

export function Rows<T>({ all, error, retry, empty, more, row }: RowsProps<T>) {
  return (
    <Panel>
      {error ? (
        <Trouble error={error} retry={retry} />
      ) : !all ? (
        <Loading lines={3} />
      ) : all.length === 0 ? (
        <Empty icon={empty.icon} title={empty.title} acts={empty.act}>
          <p>{empty.about}</p>
        </Empty>
      ) : (
        <ul>{all.map(row)}</ul>
      )}
      {more?.has ? <More busy={more.busy} onMore={more.next} /> : null}
    </Panel>
  );
}

interface RowProps {
  name: ReactNode;
  /** What is said beside the name. */
  side?: ReactNode;
  about?: ReactNode;
  acts?: ReactNode;
}

export function Row({ name, side, about, acts }: RowProps) {
  return (
    <li className={styles.row}>
      <div className={styles.main}>
        <div className={styles.name}>
          <b>{name}</b>
          {side}
        </div>
        {about ? <div className={styles.about}>{about}</div> : null}
      </div>
      {acts ? <div className={styles.acts}>{acts}</div> : null}
    </li>
  );
}

export function Edit({ name, onClick }: { name: string; onClick: () => void }) {
  return (
    <Button look="quiet" small icon label={`Edit ${name}`} onClick={onClick}>
      <Icon name="edit" />
    </Button>
  );
}

interface RemoveProps {
  name: string;
  /** What becomes of what uses it. */
  about: ReactNode;
  command: string;
  remove: () => Promise<unknown>;
  onRemoved: () => void;
}

/** A button that asks before it deletes. */
export function Remove({ name, about, command, remove, onRemoved }: RemoveProps) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button look="quiet" small icon label={`Delete ${name}`} onClick={() => setAsking(true)}>
        <Icon name="bin" />
      </Button>
      {asking ? <Asking {...{ name, about, command, remove, onRemoved }} onClose={() => setAsking(false)} /> : null}
    </>
  );
}

function Asking({ name, about, command, remove, onRemoved, onClose }: RemoveProps & { onClose: () => void }) {
  return (
    <Form
      title={`Delete ${name}?`}
      command={command}
      verb="Delete"
      danger
      send={remove}
      onClose={onClose}
      onDone={() => {
        onClose();
        onRemoved();
      }}
    >
      <p>{about}</p>
    </Form>
  );
}

interface FormProps {
  title: string;
  about?: ReactNode;
  command: string;
  verb: string;
  danger?: boolean;
  wide?: boolean;
  /** Why it cannot be sent yet; looked at when somebody tries. */
  isFaulty?: boolean;
  onTried?: () => void;
  send: () => Promise<unknown>;
  onClose: () => void;
  onDone: () => void;
  children: ReactNode;
}

/** A dialog that sends one request, and stays with the reasons when it is refused. */
export function Form({ title, about, command, verb, danger, wide, isFaulty, onTried, send, onClose, onDone, children }: FormProps) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  async function go(): Promise<void> {
    onTried?.();
    if (isFaulty) return;
    setBusy(true);
    setError(undefined);
    try {
      await send();
      onDone();
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  }
  return (
    <Dialog
      title={title}
      about={about}
      wide={wide ?? false}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look={danger ? "danger" : "primary"} disabled={busy} onClick={() => void go()}>
            {busy ? "One moment …" : verb}
          </Button>
        </>
      }
    >
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          void go();
        }}
      >
        {children}
        {error ? <Refusal error={error} /> : null}
        <CommandLine command={command} />
        <button type="submit" hidden aria-hidden="true" tabIndex={-1} />
      </form>
    </Dialog>
  );
}
