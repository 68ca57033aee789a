/** Secrets and ConfigMaps: texts by key, which promotion steps read. */
import { useState } from "react";

import { type Secret, SECRETS } from "~/api/credential";
import { createKeyed, patchKeyed } from "~/api/keyed";
import { useMayIn } from "~/api/rights";
import { removeScoped, type Scope, useReread, useScoped } from "~/api/scoped";
import { Chip } from "~/design/Badge";
import { Button } from "~/design/Button";
import { AreaField, TextField, Tick } from "~/design/Field";
import { Icon } from "~/design/Icon";
import { nameFault } from "~/model/blueprintFaults";
import { CORE } from "~/model/rights";
import { describes, isReplicated, newPair, type Pair, pairChange, pairFault, saidOf } from "~/model/setting";

import { Edit, Form, Remove, Row, Rows, Section } from "./Section";
import styles from "./Settings.module.css";

const MAPS = "configmaps";

interface Words {
  noun: string;
  secret: boolean;
  title: string;
  one: string;
  about: string;
  empty: string;
}

const WORDS: Record<"secrets" | "maps", Words> = {
  secrets: {
    noun: SECRETS,
    secret: true,
    title: "Secrets",
    one: "secret",
    about: "Passwords, keys and tokens that promotion steps use. Values are encrypted, and never shown again.",
    empty: "A step reads one by the expression secret('name').key.",
  },
  maps: {
    noun: MAPS,
    secret: false,
    title: "Config maps",
    one: "config map",
    about: "Texts that promotion steps read, and that are no secret.",
    empty: "A step reads one by the expression configMap('name').key.",
  },
};

export const Secrets = ({ scope }: { scope: Scope }) => <Keyed scope={scope} words={WORDS.secrets} />;
export const ConfigMaps = ({ scope }: { scope: Scope }) => <Keyed scope={scope} words={WORDS.maps} />;

const valuesOf = ({ data, stringData }: Secret): Record<string, string> => stringData ?? data ?? {};

function Keyed({ scope, words }: { scope: Scope; words: Words }) {
  const found = useScoped<Secret>(scope, words.noun);
  const reread = useReread(scope, words.noun);
  const [edited, setEdited] = useState<Secret | null>();
  const may = useMayIn(scope);
  const kept = words.secret ? "secrets" : MAPS;
  const add = !may("create", kept, undefined, CORE) ? null : (
    <Button onClick={() => setEdited(null)}>
      <Icon name="plus" />
      Add a {words.one}
    </Button>
  );
  const remove = (name: string) =>
    words.secret ? saidOf.deleteCredential(scope, name) : saidOf.delete("configmap", name, typeof scope === "string" ? undefined : scope.project);
  return (
    <Section title={words.title} about={words.about} act={add}>
      <Rows
        all={found.all}
        error={found.error}
        retry={() => void found.refetch()}
        more={{ has: found.hasNextPage, busy: found.isFetchingNextPage, next: () => void found.fetchNextPage() }}
        empty={{ icon: words.secret ? "lock" : "list", title: `No ${words.title.toLowerCase()}`, about: words.empty, act: add }}
        row={(each) => (
          <Row
            key={each.metadata.name}
            name={each.metadata.name}
            side={isReplicated(each.metadata) ? <Chip>copied into every project</Chip> : null}
            about={
              <>
                {Object.keys(valuesOf(each)).map((key) => (
                  <code key={key}>{key} </code>
                ))}
                {describes(each.metadata) ? <span className="dim"> · {describes(each.metadata)}</span> : null}
              </>
            }
            acts={
              <>
                {may("update", kept, each.metadata.name, CORE) ? <Edit name={each.metadata.name} onClick={() => setEdited(each)} /> : null}
                {may("delete", kept, each.metadata.name, CORE) ? <Remove
                  name={each.metadata.name}
                  about="Promotion steps that read it will fail."
                  command={remove(each.metadata.name)}
                  remove={() => removeScoped(scope, words.noun, each.metadata.name)}
                  onRemoved={reread}
                /> : null}
              </>
            }
          />
        )}
      />
      {edited !== undefined ? (
        <Editing
          {...{ scope, words }}
          before={edited}
          onClose={() => setEdited(undefined)}
          onDone={() => {
            setEdited(undefined);
            reread();
          }}
        />
      ) : null}
    </Section>
  );
}

interface EditingProps {
  scope: Scope;
  words: Words;
  /** null for a new one. */
  before: Secret | null;
  onClose: () => void;
  onDone: () => void;
}

function Editing({ scope, words, before, onClose, onDone }: EditingProps) {
  const { noun, secret, one } = words;
  const values = before ? valuesOf(before) : {};
  const [name, setName] = useState(before?.metadata.name ?? "");
  const [description, setDescription] = useState(before ? describes(before.metadata) : "");
  const [replicate, setReplicate] = useState(false);
  const [pairs, setPairs] = useState<Pair[]>(() =>
    before ? Object.entries(values).map(([key, value]) => newPair(key, secret ? "" : value, true)) : [newPair()],
  );
  const [tried, setTried] = useState(false);
  const fault = before ? undefined : nameFault(name, one);
  const faulty = fault !== undefined || pairs.length === 0 || pairs.some((each) => pairFault(each, pairs, secret));
  const { data, removeKeys } = pairChange(values, pairs, secret);
  const send = () =>
    before ? patchKeyed(scope, noun, name, { description, data, removeKeys }) : createKeyed(scope, noun, { name, description, replicate, data });
  const change = (pair: Pair) => setPairs((was) => was.map((each) => (each.id === pair.id ? pair : each)));
  const keys = Object.keys(data);
  const saidOfSecret = () => (before ? saidOf.updateSecret(scope, name, keys, removeKeys) : saidOf.createSecret(scope, name, keys));
  const saidOfMap = () =>
    before ? saidOf.updateMap(scope, name, description, data, removeKeys) : saidOf.createMap(scope, name, description, replicate, data);
  const said = secret ? saidOfSecret() : saidOfMap();
  return (
    <Form
      title={before ? name : `Add a ${one}`}
      command={said}
      verb={before ? "Save" : "Add"}
      isFaulty={faulty}
      onTried={() => setTried(true)}
      {...{ send, onClose, onDone }}
    >
      <div className={styles.two}>
        {before ? null : <TextField label="Name" value={name} fault={tried ? fault : undefined} autoFocus onChange={(now) => setName(now.trim())} />}
        <TextField label="What it is for" optional value={description} onChange={setDescription} />
      </div>
      <div className={styles.pairs} role="group" aria-label="Values">
        {pairs.map((pair) => (
          <PairFields
            key={pair.id}
            pair={pair}
            secret={secret}
            fault={tried ? pairFault(pair, pairs, secret) : undefined}
            onChange={change}
            onRemove={() => setPairs((was) => was.filter((each) => each !== pair))}
          />
        ))}
        <div className={styles.add}>
          <Button small onClick={() => setPairs((was) => [...was, newPair()])}>
            <Icon name="plus" />
            Value
          </Button>
        </div>
      </div>
      {before || scope !== "shared" ? null : (
        <Tick checked={replicate} hint="Those of new projects, too" onChange={setReplicate}>
          Copy it into every project
        </Tick>
      )}
    </Form>
  );
}

interface PairProps {
  pair: Pair;
  secret: boolean;
  fault: string | undefined;
  onChange: (pair: Pair) => void;
  onRemove: () => void;
}

function PairFields({ pair, secret, fault, onChange, onRemove }: PairProps) {
  return (
    <div className={styles.pair}>
      <TextField
        label="Key"
        bare
        mono
        placeholder="KEY"
        value={pair.key}
        fault={fault}
        disabled={pair.kept}
        onChange={(key) => onChange({ ...pair, key: key.trim() })}
      />
      <AreaField
        label={`Value of ${pair.key || "the key"}`}
        bare
        rows={secret ? 1 : 3}
        autoComplete="off"
        placeholder={secret && pair.kept ? "stays as it is" : "value"}
        value={pair.value}
        onChange={(value) => onChange({ ...pair, value })}
      />
      <Button look="quiet" small icon label={`Remove ${pair.key || "this value"}`} onClick={onRemove}>
        <Icon name="bin" />
      </Button>
    </div>
  );
}
