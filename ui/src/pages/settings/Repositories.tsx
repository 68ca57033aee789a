/** Credentials of repositories. */
import { useState } from "react";

import { createRepoCredential, patchRepoCredential, REPOSITORIES, type RepoType, type Secret } from "~/api/credential";
import { useMayIn } from "~/api/rights";
import { removeScoped, type Scope, useReread, useScoped } from "~/api/scoped";
import { Chip } from "~/design/Badge";
import { Button } from "~/design/Button";
import { SelectField, TextField, Tick } from "~/design/Field";
import { Icon } from "~/design/Icon";
import { nameOf } from "~/model/blueprint";
import { nameFault } from "~/model/blueprintFaults";
import { CORE } from "~/model/rights";
import { type RepoRow, repoName, repoRow, saidOf } from "~/model/setting";

import { Edit, Form, Remove, Row, Rows, Section } from "./Section";
import styles from "./Settings.module.css";

const TYPES = [
  ["git", "Git repository"],
  ["image", "Container images"],
  ["helm", "Helm charts"],
] as const;
const NEW: RepoRow = { name: "", type: "git", repoURL: "", isRegex: false, username: "", description: "" };

export function Repositories({ scope }: { scope: Scope }) {
  const found = useScoped<Secret>(scope, REPOSITORIES);
  const reread = useReread(scope, REPOSITORIES);
  const [edited, setEdited] = useState<{ row: RepoRow; isNew: boolean }>();
  const may = useMayIn(scope);
  const add = !may("create", "secrets", undefined, CORE) ? null : (
    <Button onClick={() => setEdited({ row: NEW, isNew: true })}>
      <Icon name="plus" />
      Add a sign-in
    </Button>
  );
  const shared = scope === "shared";
  return (
    <Section
      title="Repositories"
      about={shared ? "Sign-ins for repositories that every project may use." : "Sign-ins for private repositories of Git, images and charts."}
      act={add}
    >
      <Rows
        all={found.all?.map(repoRow)}
        error={found.error}
        retry={() => void found.refetch()}
        more={{ has: found.hasNextPage, busy: found.isFetchingNextPage, next: () => void found.fetchNextPage() }}
        empty={{ icon: "lock", title: "No sign-ins", about: "Public repositories need none. Private ones, and those that promotions push to, do.", act: add }}
        row={(row) => (
          <Row
            key={row.name}
            name={row.name}
            side={<Chip>{TYPES.find(([type]) => type === row.type)?.[1] ?? row.type}</Chip>}
            about={
              <>
                {row.isRegex ? "every address like " : ""}
                <code title={row.repoURL}>{repoName(row)}</code>
                {row.username ? ` as ${row.username}` : ""}
                {row.description ? <span className="dim"> · {row.description}</span> : null}
              </>
            }
            acts={
              <>
                {may("update", "secrets", row.name, CORE) ? <Edit name={row.name} onClick={() => setEdited({ row, isNew: false })} /> : null}
                {may("delete", "secrets", row.name, CORE) ? <Remove
                  name={row.name}
                  about="Warehouses and promotions that need it will be refused by the repository."
                  command={saidOf.deleteCredential(scope, row.name)}
                  remove={() => removeScoped(scope, REPOSITORIES, row.name)}
                  onRemoved={reread}
                /> : null}
              </>
            }
          />
        )}
      />
      {edited ? (
        <Editing
          scope={scope}
          {...edited}
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
  row: RepoRow;
  isNew: boolean;
  onClose: () => void;
  onDone: () => void;
}

function Editing({ scope, row: before, isNew, onClose, onDone }: EditingProps) {
  const [row, setRow] = useState(before);
  const [password, setPassword] = useState("");
  const [tried, setTried] = useState(false);
  const set = (part: Partial<RepoRow>) => setRow((was) => ({ ...was, ...part }));
  const faults = {
    name: isNew ? nameFault(row.name, "sign-in") : undefined,
    repoURL: row.repoURL ? undefined : "Which repository?",
    username: row.username ? undefined : "Who signs in?",
    password: !isNew || password ? undefined : "With which password or token?",
  };
  const shown = tried ? faults : ({} as Partial<typeof faults>);
  const body = { type: row.type as RepoType, repoUrl: row.repoURL, repoUrlIsRegex: row.isRegex, username: row.username, description: row.description };
  const send = () =>
    isNew
      ? createRepoCredential(scope, { ...body, name: row.name, password })
      : patchRepoCredential(scope, row.name, { ...body, ...(password ? { password } : {}) });
  return (
    <Form
      title={isNew ? "Add a sign-in" : `Sign-in ${row.name}`}
      command={isNew ? saidOf.createRepo(scope, row) : saidOf.updateRepo(scope, row, password !== "")}
      verb={isNew ? "Add" : "Save"}
      isFaulty={Object.values(faults).some(Boolean)}
      onTried={() => setTried(true)}
      {...{ send, onClose, onDone }}
    >
      <SelectField label="For" value={row.type} options={TYPES} onChange={(type) => set({ type })} />
      <TextField
        label={row.isRegex ? "Pattern of addresses" : "Address of the repository"}
        mono
        value={row.repoURL}
        fault={shown.repoURL}
        placeholder={row.type === "image" ? "ghcr.io/acme/web" : "https://github.com/acme/config.git"}
        autoFocus
        onChange={(repoURL) => set({ repoURL: repoURL.trim() })}
        onBlur={() => (row.name || !row.repoURL ? undefined : set({ name: nameOf(row.repoURL) }))}
      />
      <Tick checked={row.isRegex} hint="Such as ^https://github\.com/acme/" onChange={(isRegex) => set({ isRegex })}>
        It is a regular expression, for several repositories
      </Tick>
      <div className={styles.two}>
        <TextField label="User name" value={row.username} fault={shown.username} onChange={(username) => set({ username })} />
        <TextField
          label="Password or token"
          type="password"
          autoComplete="new-password"
          value={password}
          fault={shown.password}
          hint={isNew ? "Kept encrypted, never shown again" : "Empty: stays as it is"}
          onChange={setPassword}
        />
      </div>
      <div className={styles.two}>
        {isNew ? <TextField label="Name" value={row.name} fault={shown.name} onChange={(name) => set({ name: name.trim() })} /> : null}
        <TextField label="What it is for" optional value={row.description} onChange={(description) => set({ description })} />
      </div>
    </Form>
  );
}

