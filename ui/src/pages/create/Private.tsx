/** What opens a repository that not everybody may read. */
import { TextField, Tick } from "~/design/Field";

import type { AskProps } from "./ask";
import styles from "./Create.module.css";

interface PrivateProps extends Pick<AskProps, "openers" | "open"> {
  address: string;
  /** What it is needed for. */
  hint?: string;
}

export function Private({ address, openers, open, hint }: PrivateProps) {
  const key = address.trim();
  const opener = openers[key];
  if (!key || key.startsWith("file://")) return null;
  return (
    <div className={styles.private}>
      <Tick checked={opener !== undefined} hint={hint} onChange={(on) => open(key, on ? { username: "", password: "" } : undefined)}>
        It needs a sign-in
      </Tick>
      {opener ? (
        <div className={styles.two}>
          <TextField label="User name" value={opener.username} onChange={(username) => open(key, { ...opener, username })} />
          <TextField
            label="Password or token"
            type="password"
            autoComplete="new-password"
            hint="Kept encrypted, and not in the YAML"
            value={opener.password}
            onChange={(password) => open(key, { ...opener, password })}
          />
        </div>
      ) : null}
    </div>
  );
}
