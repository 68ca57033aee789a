/** Which server this is, and as whom it is spoken to. */
import { useServerVersion } from "~/api/config";
import { useWho } from "~/api/session";
import { CommandLine } from "~/design/CommandLine";
import { Panel } from "~/design/Page";
import { Refusal } from "~/design/State";

import { Section } from "./Section";
import styles from "./Settings.module.css";

export function About() {
  const version = useServerVersion();
  const who = useWho().data;
  const facts: [string, string | undefined][] = [
    ["Server", location.host],
    ["Version", version.data?.version],
    ["Runs on", version.data?.platform],
    ["You are", who?.email || who?.username || who?.actor],
    ["Your groups", who?.groups?.join(", ")],
    ["You may", who?.mayAll ? "everything" : "what your roles allow"],
  ];
  return (
    <Section title="About" about="Which server this is, and who you are to it.">
      {version.error ? <Refusal error={version.error} /> : null}
      <Panel>
        <dl className={styles.facts}>
          {facts.map(([name, value]) =>
            value ? (
              <div key={name} style={{ display: "contents" }}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ) : null,
          )}
        </dl>
      </Panel>
      <CommandLine command="argosy version" />
    </Section>
  );
}
