/** Putting Freight together by hand: one of each subscription. */
import { useState } from "react";
import { Link, useNavigate } from "react-router";

import { ApiError } from "~/api/client";
import { createManifests } from "~/api/manifest";
import type { Warehouse } from "~/api/types";
import { Button } from "~/design/Button";
import { CommandLine } from "~/design/CommandLine";
import { Dialog } from "~/design/Dialog";
import { Icon } from "~/design/Icon";
import { Notice, Refusal } from "~/design/State";
import { useDone } from "~/design/Toast";
import { said } from "~/model/action";
import { assembledFreight, subscribed } from "~/model/assembly";
import { at } from "~/shell/places";

import styles from "./Warehouse.module.css";

interface AssembleProps {
  project: string;
  warehouse: Warehouse;
  onClose: () => void;
}

export function Assemble({ project, warehouse, onClose }: AssembleProps) {
  const navigate = useNavigate();
  const done = useDone();
  const { name } = warehouse.metadata;
  const from = subscribed(warehouse.status?.discoveredArtifacts);
  const [chosen, setChosen] = useState<ReadonlyMap<string, string>>(new Map());
  const [alias, setAlias] = useState("");
  const [error, setError] = useState<unknown>();
  const freight = assembledFreight(project, name, from, chosen, alias.trim());
  const parts = from.flatMap((each) => {
    const choice = each.choices.find(({ id }) => id === chosen.get(each.key));
    return choice ? [`${each.repo}=${choice.version}`] : [];
  });

  const known = error instanceof ApiError ? /"([0-9a-f]{40})" already exists/.exec(error.message)?.[1] : undefined;

  async function go(): Promise<void> {
    setError(undefined);
    try {
      const [written] = await createManifests(JSON.stringify(freight));
      if (written?.error) throw new ApiError(409, written.error);
      const made = written?.createdResourceManifest;
      await done(Promise.resolve(), "The Freight is there");
      if (made) await navigate(at.freight(project, made.metadata.name));
    } catch (refused) {
      setError(refused);
    }
  }

  return (
    <Dialog
      title="Assemble Freight"
      about="One artifact of each subscription. The newest is taken where you choose nothing."
      onClose={onClose}
      left={<CommandLine command={said.assemble(project, name, parts, alias.trim())} />}
      foot={
        <Button look="primary" disabled={!freight} onClick={() => void go()}>
          Create Freight
        </Button>
      }
    >
      {from.map((each) => (
        <label key={each.key} className={styles.choice}>
          <span title={each.repo}>
            <Icon name={each.kind} /> <span className="truncate">{each.name}</span>
          </span>
          <select
            className="select"
            value={chosen.get(each.key) ?? each.choices[0]?.id ?? ""}
            onChange={(event) => setChosen(new Map(chosen).set(each.key, event.target.value))}
          >
            {each.choices.map((choice) => (
              <option key={choice.id} value={choice.id}>
                {choice.version}
                {choice.about && each.kind === "git" ? ` — ${choice.about}` : ""}
              </option>
            ))}
          </select>
        </label>
      ))}
      <label className={styles.choice}>
        <span>Alias</span>
        <input className="select" value={alias} placeholder="made up when empty" onChange={(event) => setAlias(event.target.value)} />
      </label>
      {freight ? null : <Notice tone="warn">Every subscription must have found something first.</Notice>}
      {known ? (
        <Notice>
          This Freight is there already: <Link to={at.freight(project, known)}>{known.slice(0, 7)}</Link>
        </Notice>
      ) : error ? (
        <Refusal error={error} />
      ) : null}
    </Dialog>
  );
}
