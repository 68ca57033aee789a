/** Roles: who may do what. */
import { useState } from "react";

import { type Claim, createRole, type Role, ROLES, type Rule, updateRole, useRoles } from "~/api/role";
import { useMayIn } from "~/api/rights";
import { removeScoped, type Scope, useReread } from "~/api/scoped";
import { Chip } from "~/design/Badge";
import { Button } from "~/design/Button";
import { TextField } from "~/design/Field";
import { Icon } from "~/design/Icon";
import { nameFault } from "~/model/blueprintFaults";
import { CORE } from "~/model/rights";
import { described, describes, holders, listed, PRESETS, ruleWords, saidOf } from "~/model/setting";

import { Edit, Form, Remove, Row, Rows, Section } from "./Section";
import styles from "./Settings.module.css";

export function Roles({ scope }: { scope: Scope }) {
  const found = useRoles(scope);
  const reread = useReread(scope, ROLES);
  const [edited, setEdited] = useState<Role | null>();
  const system = typeof scope === "string";
  const may = useMayIn(scope);
  const add = system || !may("create", "serviceaccounts", undefined, CORE) ? null : (
    <Button onClick={() => setEdited(null)}>
      <Icon name="plus" />
      Add a role
    </Button>
  );
  return (
    <Section
      title="Roles"
      about={
        system
          ? "Who may do what in the whole installation. The settings of the server say who has them."
          : "Who may do what in this project. People have a role by what your identity provider says of them."
      }
      act={add}
    >
      <Rows
        all={found.data}
        error={found.error}
        retry={() => void found.refetch()}
        empty={{ icon: "user", title: "No roles", about: "Only administrators may do something here.", act: add }}
        row={(role) => (
          <RoleLine
            key={role.metadata.name}
            role={role}
            scope={scope}
            onEdit={role.kargoManaged && !system && may("update", "serviceaccounts", role.metadata.name, CORE) ? () => setEdited(role) : undefined}
            onRemoved={reread}
          />
        )}
      />
      {edited !== undefined ? (
        <Editing
          scope={scope}
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

interface RoleLineProps {
  role: Role;
  scope: Scope;
  onEdit: (() => void) | undefined;
  onRemoved: () => void;
}

function RoleLine({ role, scope, onEdit, onRemoved }: RoleLineProps) {
  const { name } = role.metadata;
  const who = holders(role);
  const rules = role.rules ?? [];
  return (
    <Row
      name={name}
      side={who.length > 0 ? who.map((each) => <Chip key={each}>{each}</Chip>) : <Chip tone="idle">nobody has it</Chip>}
      about={
        <>
          {describes(role.metadata)}
          <details className={styles.details}>
            <summary>{rules.length === 1 ? "1 rule" : `${rules.length} rules`}</summary>
            <table className={styles.rules}>
              <tbody>
                {rules.map((rule, index) => {
                  const { about, may } = ruleWords(rule);
                  return (
                    <tr key={`${about} ${index}`}>
                      <th scope="row">{about}</th>
                      <td>{may}</td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </details>
        </>
      }
      acts={
        onEdit ? (
          <>
            <Edit name={name} onClick={onEdit} />
            <Remove
              name={name}
              about="Who has it by this role alone may do nothing here any more. Its API tokens go with it."
              command={saidOf.deleteRole(scope, name)}
              remove={() => removeScoped(scope, ROLES, name)}
              onRemoved={onRemoved}
            />
          </>
        ) : null
      }
    />
  );
}

interface ClaimDraft {
  name: string;
  values: string;
}

interface RuleDraft {
  rule: Rule;
  resources: string;
  verbs: string;
}

const draftOf = (rule: Rule): RuleDraft => ({ rule, resources: (rule.resources ?? []).join(", "), verbs: (rule.verbs ?? []).join(", ") });

/** A rule as it is written; groups and names of one that was there stay with it. */
function ruleOf({ rule, resources, verbs }: RuleDraft): Rule {
  const now = listed(resources);
  const same = now.join() === (rule.resources ?? []).join();
  const { apiGroups: _, ...rest } = rule;
  return { ...(same ? rule : rest), resources: now, verbs: listed(verbs) };
}

interface EditingProps {
  scope: Scope;
  before: Role | null;
  onClose: () => void;
  onDone: () => void;
}

function Editing({ scope, before, onClose, onDone }: EditingProps) {
  const [name, setName] = useState(before?.metadata.name ?? "");
  const [description, setDescription] = useState(before ? describes(before.metadata) : "");
  const [claims, setClaims] = useState<ClaimDraft[]>(
    before?.claims?.map((each) => ({ name: each.name, values: (each.values ?? []).join(", ") })) ?? [{ name: "groups", values: "" }],
  );
  const [rules, setRules] = useState<RuleDraft[]>((before?.rules ?? PRESETS[1]?.rules ?? []).map(draftOf));
  const [tried, setTried] = useState(false);
  const role: Role = {
    metadata: { name, ...described(description) },
    claims: claims.flatMap((each): Claim[] => (each.name && listed(each.values).length > 0 ? [{ name: each.name, values: listed(each.values) }] : [])),
    rules: rules.map(ruleOf).filter((each) => each.resources?.length && each.verbs?.length),
  };
  const fault = before ? undefined : nameFault(name, "role");
  return (
    <Form
      title={before ? `Role ${name}` : "Add a role"}
      about="Nobody can give what they may not do themselves."
      wide
      command={saidOf.role(before ? "update" : "create", scope, role)}
      verb={before ? "Save" : "Add"}
      isFaulty={fault !== undefined}
      onTried={() => setTried(true)}
      send={() => (before ? updateRole(scope, role) : createRole(scope, role))}
      {...{ onClose, onDone }}
    >
      <div className={styles.two}>
        {before ? null : <TextField label="Name" placeholder="releasers" autoFocus value={name} fault={tried ? fault : undefined} onChange={(now) => setName(now.trim())} />}
        <TextField label="What it is for" optional value={description} onChange={setDescription} />
      </div>
      <Claims claims={claims} onChange={setClaims} />
      <Rules rules={rules} onChange={setRules} />
    </Form>
  );
}

function Claims({ claims, onChange }: { claims: ClaimDraft[]; onChange: (claims: ClaimDraft[]) => void }) {
  const set = (at: number, part: Partial<ClaimDraft>) => onChange(claims.map((each, index) => (index === at ? { ...each, ...part } : each)));
  return (
    <div className={styles.pairs} role="group" aria-label="Who has it">
      <h3>Who has it</h3>
      {claims.map((each, at) => (
        // Rows have no name of their own, and only their order tells them apart.
        <div key={at} className={styles.claim}>
          <TextField label="Claim" bare placeholder="groups" value={each.name} onChange={(name) => set(at, { name: name.trim() })} />
          <TextField label="Values" bare placeholder="devops, qa: any of them is enough" value={each.values} onChange={(values) => set(at, { values })} />
          <Button look="quiet" small icon label="Remove this claim" onClick={() => onChange(claims.filter((_, index) => index !== at))}>
            <Icon name="bin" />
          </Button>
        </div>
      ))}
      <div className={styles.add}>
        <Button small onClick={() => onChange([...claims, { name: "email", values: "" }])}>
          <Icon name="plus" />
          Claim
        </Button>
      </div>
    </div>
  );
}

function Rules({ rules, onChange }: { rules: RuleDraft[]; onChange: (rules: RuleDraft[]) => void }) {
  const set = (at: number, part: Partial<RuleDraft>) => onChange(rules.map((each, index) => (index === at ? { ...each, ...part } : each)));
  return (
    <div className={styles.pairs} role="group" aria-label="What it allows">
      <h3>What it allows</h3>
      <div className={styles.add}>
        <span className="dim">Begin with</span>
        {PRESETS.map((each) => (
          <Button key={each.name} small onClick={() => onChange(each.rules.map(draftOf))}>
            {each.name}
          </Button>
        ))}
      </div>
      {rules.map((each, at) => (
        <div key={at} className={styles.rule}>
          <TextField label="Resources" bare mono placeholder="stages, freights" value={each.resources} onChange={(resources) => set(at, { resources })} />
          <TextField label="Verbs" bare mono placeholder="get, list, promote" value={each.verbs} onChange={(verbs) => set(at, { verbs })} />
          <Button look="quiet" small icon label="Remove this rule" onClick={() => onChange(rules.filter((_, index) => index !== at))}>
            <Icon name="bin" />
          </Button>
        </div>
      ))}
      <div className={styles.add}>
        <Button small onClick={() => onChange([...rules, draftOf({})])}>
          <Icon name="plus" />
          Rule
        </Button>
      </div>
    </div>
  );
}
