/** What each subscription looks for, and what it found. */
import type { Warehouse } from "~/api/types";
import { Icon } from "~/design/Icon";
import { Panel } from "~/design/Page";
import { Ago } from "~/design/Time";
import { type Subscribed, subscribed } from "~/model/assembly";
import { type Watched, watched } from "~/model/subscription";

import styles from "./Warehouse.module.css";

function Found({ choices }: { choices: Subscribed["choices"] }) {
  return (
    <ol className={styles.found} tabIndex={0} aria-label="What was found, the newest first">
      {choices.map((each) => (
        <li key={each.id} className={styles.row}>
          <code>{each.version}</code>
          <span className="truncate dim">{each.about}</span>
          <Ago time={each.time} every={60} />
        </li>
      ))}
    </ol>
  );
}

function One({ each, found, nothing }: { each: Watched; found: Subscribed | undefined; nothing: string }) {
  return (
    <Panel>
      <div className={styles.head}>
        <Icon name={each.kind} />
        <h2>{each.repo}</h2>
        <div className={styles.rules}>
          {each.rules.map(([name, value]) => (
            <span key={name}>
              {name} <code>{value}</code>
            </span>
          ))}
        </div>
      </div>
      {found && found.choices.length > 0 ? <Found choices={found.choices} /> : <p className={styles.none}>{nothing}</p>}
    </Panel>
  );
}

export function Discovered({ warehouse }: { warehouse: Warehouse }) {
  const found = subscribed(warehouse.status?.discoveredArtifacts);
  // Of what could not be looked at nobody knows what fits.
  const nothing = warehouse.status?.discoveredArtifacts ? "Nothing was found that fits." : "Nothing is known of it yet.";
  const all = watched(warehouse.spec?.subscriptions ?? []);
  return (
    <div className={styles.stack}>
      {all.map((each, index) => (
        // subscriptions have no other name
        <One key={index} each={each} found={found.find((one) => one.kind === each.kind && one.repo === each.repo && (!each.name || one.name === each.name))} nothing={nothing} />
      ))}
    </div>
  );
}
