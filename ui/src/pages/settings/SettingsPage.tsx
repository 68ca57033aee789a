/** The settings of a Project, or of the whole installation: one part at a time. */
import { type ReactNode, useEffect, useRef } from "react";
import { Navigate, NavLink, useParams } from "react-router";

import { path } from "~/api/client";
import { useMay } from "~/api/rights";
import type { Scope } from "~/api/scoped";
import { Page } from "~/design/Page";

import { About } from "./About";
import { Danger } from "./Danger";
import { ConfigMaps, Secrets } from "./Keyed";
import { Policies } from "./Policies";
import { Repositories } from "./Repositories";
import { Roles } from "./Roles";
import styles from "./Settings.module.css";
import { Tasks } from "./Tasks";
import { Tokens } from "./Tokens";

type Part = readonly [id: string, name: string, drawn: ReactNode];

function partsOfProject(project: string, mayDelete: boolean): readonly Part[] {
  const scope: Scope = { project };
  return [
    ["policies", "Policies", <Policies key="policies" scope={scope} />],
    ["repositories", "Repositories", <Repositories key="repositories" scope={scope} />],
    ["secrets", "Secrets", <Secrets key="secrets" scope={scope} />],
    ["maps", "Config maps", <ConfigMaps key="maps" scope={scope} />],
    ["tasks", "Promotion tasks", <Tasks key="tasks" scope={scope} />],
    ["roles", "Roles", <Roles key="roles" scope={scope} />],
    ["tokens", "API tokens", <Tokens key="tokens" scope={scope} />],
    ...(mayDelete ? [["delete", "Delete", <Danger key="delete" project={project} />] as const] : []),
  ];
}

const OF_ALL: readonly Part[] = [
  ["about", "About", <About key="about" />],
  ["configuration", "Configuration", <Policies key="configuration" scope="system" />],
  ["repositories", "Shared repositories", <Repositories key="repositories" scope="shared" />],
  ["secrets", "Shared secrets", <Secrets key="secrets" scope="shared" />],
  ["maps", "Shared config maps", <ConfigMaps key="maps" scope="shared" />],
  ["system-secrets", "System secrets", <Secrets key="system-secrets" scope="system" />],
  ["tasks", "Promotion tasks", <Tasks key="tasks" scope="shared" />],
  ["roles", "Roles", <Roles key="roles" scope="system" />],
  ["tokens", "API tokens", <Tokens key="tokens" scope="system" />],
];

export default function SettingsPage() {
  const { project, part } = useParams();
  const mayDelete = useMay(project ?? "")("delete", "projects", project);
  const parts = project === undefined ? OF_ALL : partsOfProject(project, mayDelete);
  const place = (id: string) => (project === undefined ? path`/settings/${id}` : path`/project/${project}/settings/${id}`);
  const [first] = parts;
  const shown = parts.find(([id]) => id === part);
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a phone the parts are in a row that is wider than the page.
    nav.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [part]);
  if (!shown) return <Navigate replace to={place(first?.[0] ?? "")} />;
  return (
    <Page title="Settings" of={project}>
      <div className={styles.page}>
        <nav ref={nav} className={styles.nav} aria-label="Settings">
          {parts.map(([id, name]) => (
            <NavLink key={id} to={place(id)}>
              {name}
            </NavLink>
          ))}
        </nav>
        {shown[2]}
      </div>
    </Page>
  );
}
