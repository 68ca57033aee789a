/** API tokens: with what programs sign in. */
import { useState } from "react";

import { ROLES, useRoles } from "~/api/role";
import { useMayIn } from "~/api/rights";
import { removeScoped, type Scope, useReread, useScoped } from "~/api/scoped";
import { createToken, TOKENS } from "~/api/token";
import type { Resource } from "~/api/types";
import { Chip } from "~/design/Badge";
import { Button } from "~/design/Button";
import { CopyButton } from "~/design/CommandLine";
import { Dialog } from "~/design/Dialog";
import { SelectField, TextField } from "~/design/Field";
import { Icon } from "~/design/Icon";
import { Notice } from "~/design/State";
import { Ago, useNow } from "~/design/Time";
import { nameFault } from "~/model/blueprintFaults";
import { CORE } from "~/model/rights";
import { saidOf, type TokenRow, tokenRow } from "~/model/setting";
import { fullTime } from "~/model/time";

import { Form, Remove, Row, Rows, Section } from "./Section";
import styles from "./Settings.module.css";

const ENDS = [
  ["720h", "30 days"],
  ["2160h", "90 days"],
  ["8760h", "a year"],
  ["", "no end"],
] as const;

export function Tokens({ scope }: { scope: Scope }) {
  const found = useScoped<Resource>(scope, TOKENS);
  const reread = useReread(scope, TOKENS);
  const now = useNow(60);
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<{ name: string; token: string }>();
  const may = useMayIn(scope);
  const add = !may("create", "secrets", undefined, CORE) ? null : (
    <Button onClick={() => setMaking(true)}>
      <Icon name="plus" />
      Create a token
    </Button>
  );
  return (
    <Section
      title="API tokens"
      about="With what programs, such as CI, sign in. A token may do what its role allows, and nothing else."
      act={add}
    >
      <Rows
        all={found.all?.map((each) => tokenRow(each, now))}
        error={found.error}
        retry={() => void found.refetch()}
        more={{ has: found.hasNextPage, busy: found.isFetchingNextPage, next: () => void found.fetchNextPage() }}
        empty={{ icon: "terminal", title: "No tokens", about: "People sign in as themselves. Create a token for a program that promotes, or asks what runs.", act: add }}
        row={(row) => <TokenLine key={row.name} row={row} scope={scope} mayRemove={may("delete", "secrets", row.name, CORE)} onRemoved={reread} />}
      />
      {making ? (
        <Making
          scope={scope}
          onClose={() => setMaking(false)}
          onMade={(token) => {
            setMaking(false);
            setMade(token);
            reread();
          }}
        />
      ) : null}
      {made ? <Once {...made} onClose={() => setMade(undefined)} /> : null}
    </Section>
  );
}

function TokenLine({ row, scope, mayRemove, onRemoved }: { row: TokenRow; scope: Scope; mayRemove: boolean; onRemoved: () => void }) {
  return (
    <Row
      name={row.name}
      side={row.expired ? <Chip tone="bad">expired</Chip> : null}
      about={
        <>
          acts as {row.role} · created <Ago time={row.created} every={60} /> ·{" "}
          {row.expires ? `good until ${fullTime(row.expires)}` : "has no end"}
        </>
      }
      acts={
        !mayRemove ? null : <Remove
          name={row.name}
          about="Whatever uses it is refused from now on."
          command={saidOf.deleteToken(scope, row.name)}
          remove={() => removeScoped(scope, TOKENS, row.name)}
          onRemoved={onRemoved}
        />
      }
    />
  );
}

interface MakingProps {
  scope: Scope;
  onClose: () => void;
  onMade: (made: { name: string; token: string }) => void;
}

function Making({ scope, onClose, onMade }: MakingProps) {
  const roles = useRoles(scope);
  const names = (roles.data ?? []).map((each) => each.metadata.name);
  const [name, setName] = useState("");
  const [picked, setPicked] = useState("");
  const [expires, setExpires] = useState<string>(ENDS[1][0]);
  const [tried, setTried] = useState(false);
  const role = picked || (names.find((each) => each.endsWith("viewer")) ?? names[0] ?? "");
  const fault = nameFault(name, "token");
  return (
    <Form
      title="Create a token"
      command={saidOf.createToken(scope, name, role, expires)}
      verb="Create"
      isFaulty={fault !== undefined || !role}
      onTried={() => setTried(true)}
      send={async () => onMade({ name, token: await createToken(scope, role, name, expires) })}
      onClose={onClose}
      onDone={() => undefined}
    >
      <TextField label="Name" placeholder="ci" autoFocus value={name} fault={tried ? fault : undefined} hint="What it is for, as one word" onChange={(now) => setName(now.trim())} />
      <div className={styles.two}>
        <SelectField
          label="Acts as"
          value={role}
          options={names.map((each) => [each, each] as const)}
          fault={tried && !role ? "There is no role to act as." : undefined}
          hint={`One of the ${ROLES}: see there what it allows`}
          onChange={setPicked}
        />
        <SelectField label="Good for" value={expires} options={ENDS} onChange={setExpires} />
      </div>
    </Form>
  );
}

function Once({ name, token, onClose }: { name: string; token: string; onClose: () => void }) {
  return (
    <Dialog
      title={`Token ${name}`}
      onClose={onClose}
      foot={
        <Button look="primary" onClick={onClose}>
          I have it
        </Button>
      }
    >
      <div className={styles.form}>
        <Notice tone="warn">Copy it now. Nobody can see it again, not even an administrator.</Notice>
        <div className={styles.secret}>
          <code>{token}</code>
          <CopyButton text={token} label="Copy the token" />
        </div>
        <p className="dim">
          Programs send it as <code>Authorization: Bearer …</code>, and the command line takes it in place of a login.
        </p>
      </div>
    </Dialog>
  );
}
