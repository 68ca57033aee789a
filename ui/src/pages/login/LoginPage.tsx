/** Signing in: by the organisation's identity provider, as the built-in administrator, or with a token. */
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { useNavigate, useSearchParams } from "react-router";

import { signInAsAdmin, signInByToken, ssoAddress, usePublicConfig } from "~/api/session";
import { Button } from "~/design/Button";
import { Refusal } from "~/design/State";
import { localPath } from "~/model/address";
import { Mark } from "~/shell/Mark";

import styles from "./LoginPage.module.css";

type Way = "password" | "token";

const WORDS: Record<Way, { label: string; name: string; hint: string }> = {
  password: { label: "Password of the administrator", name: "Password", hint: "The account that comes with the server." },
  token: {
    label: "Token",
    name: "Token",
    hint: "An API token, or the server's own: the file “token” in its data folder. The page keeps a cookie in its place, which no script can read.",
  },
};

export default function LoginPage() {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const next = localPath(useSearchParams()[0].get("next"));
  const config = usePublicConfig();
  const [picked, setPicked] = useState<Way>();
  const [secret, setSecret] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const ways: Way[] = config.data?.adminAccountEnabled ? ["password", "token"] : ["token"];
  const way = picked ?? ways[0] ?? "token";

  useEffect(() => {
    document.title = "Sign in · Argosy";
  }, []);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await (way === "password" ? signInAsAdmin(secret) : signInByToken(secret));
      queries.removeQueries({ queryKey: ["who"] });
      await navigate(next, { replace: true });
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  }

  // What can be chosen is known before anybody begins to type.
  if (config.isPending) return null;
  return (
    <main className={styles.page}>
      <div className={styles.card}>
        <div className={styles.head}>
          <Mark size={36} />
          <h1>Sign in to Argosy</h1>
        </div>
        {config.data?.oidcConfig ? (
          <>
            <Button look="primary" className={styles.big} onClick={() => location.assign(ssoAddress(next))}>
              Continue with single sign-on
            </Button>
            <div className={styles.or}>or</div>
          </>
        ) : null}
        {ways.length > 1 ? (
          <div className={styles.tabs} role="tablist" aria-label="How to sign in">
            {ways.map((each) => (
              <button key={each} type="button" role="tab" aria-selected={each === way} onClick={() => setPicked(each)}>
                {WORDS[each].name}
              </button>
            ))}
          </div>
        ) : null}
        <form className={styles.form} onSubmit={(event) => void submit(event)}>
          <label htmlFor="secret">{WORDS[way].label}</label>
          <input
            id="secret"
            className={styles.input}
            type="password"
            autoComplete={way === "password" ? "current-password" : "off"}
            autoFocus
            required
            value={secret}
            aria-describedby="hint"
            onChange={(event) => setSecret(event.target.value)}
          />
          <Button look={config.data?.oidcConfig ? "plain" : "primary"} type="submit" className={styles.big} disabled={busy || !secret}>
            {busy ? "Signing in" : "Sign in"}
          </Button>
          <p id="hint" className={styles.hint}>
            {WORDS[way].hint}
          </p>
        </form>
        {error ? <Refusal error={error} /> : null}
      </div>
    </main>
  );
}
