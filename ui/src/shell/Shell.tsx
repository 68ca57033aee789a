/** What is around every page: where one is, where one can go, who one is. */
import { Suspense, useEffect, useState } from "react";
import { Link, NavLink, Outlet, useLocation, useParams } from "react-router";

import { useMay } from "~/api/rights";
import { useSignOut, useWho } from "~/api/session";
import { Icon } from "~/design/Icon";
import { Menu, MenuItem, MenuLabel, MenuRule } from "~/design/Menu";
import { Loading } from "~/design/State";
import { chooseTheme, type Theme, useTheme } from "~/design/theme";

import { Asked } from "~/pages/promote/Asked";

import { Mark } from "./Mark";
import { at, globalPlaces, projectPlaces } from "./places";
import { Palette } from "./Palette";
import { ProjectSwitch } from "./ProjectSwitch";
import styles from "./Shell.module.css";

const THEMES: readonly [Theme, string, "screen" | "sun" | "moon"][] = [
  ["system", "As the system", "screen"],
  ["light", "Light", "sun"],
  ["dark", "Dark", "moon"],
];

export const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

function UserMenu() {
  const who = useWho().data;
  const chosen = useTheme();
  const signOut = useSignOut();
  return (
    <Menu look="quiet" icon label="You" face={<Icon name="user" />}>
      <MenuLabel>{who?.email ?? who?.username ?? who?.actor ?? "Signed in"}</MenuLabel>
      <MenuRule />
      {THEMES.map(([theme, name, icon]) => (
        <MenuItem key={theme} icon={icon} onClick={() => chooseTheme(theme)} side={chosen === theme ? "✓" : ""}>
          {name}
        </MenuItem>
      ))}
      <MenuRule />
      <MenuItem icon="out" onClick={() => void signOut()}>
        Sign out
      </MenuItem>
    </Menu>
  );
}

function AddMenu({ project }: { project: string }) {
  const may = useMay(project);
  const [stages, warehouses] = [may("create", "stages"), may("create", "warehouses")];
  if (!stages && !warehouses) return null;
  return (
    <Menu look="quiet" icon label="Add to this project" face={<Icon name="plus" />}>
      {stages ? (
        <MenuItem icon="stage" to={at.add(project, "stage")}>
          Add a stage
        </MenuItem>
      ) : null}
      {warehouses ? (
        <MenuItem icon="warehouse" to={at.add(project, "warehouse")}>
          Add a warehouse
        </MenuItem>
      ) : null}
      <MenuItem icon="bolt" to={at.settings(project, "tasks")}>
        Promotion tasks
      </MenuItem>
    </Menu>
  );
}

export function Shell() {
  const { project } = useParams();
  const [palette, setPalette] = useState(false);
  const place = useLocation().pathname;
  useEffect(() => {
    function press(event: KeyboardEvent): void {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        setPalette((open) => !open);
      }
    }
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
  const places = project ? projectPlaces(project) : globalPlaces();
  return (
    <>
      <a className={styles.skip} href="#main">
        Skip to content
      </a>
      <header className={styles.header}>
        <Link to="/" className={styles.home} aria-label="Argosy: all projects">
          <Mark />
          {project ? null : <span>Argosy</span>}
        </Link>
        {project ? (
          <>
            <span className={styles.slash}>/</span>
            <ProjectSwitch project={project} />
          </>
        ) : null}
        <nav className={styles.nav} aria-label={project ? "Project" : "Argosy"}>
          {places.map((each) => (
            <NavLink key={each.to} to={each.to} end={each.exact ?? false}>
              {each.name}
            </NavLink>
          ))}
        </nav>
        <span className={styles.space} />
        <button type="button" className={styles.search} onClick={() => setPalette(true)}>
          <Icon name="search" />
          <span>Search or run</span>
          <kbd aria-hidden="true">{isMac ? "⌘K" : "Ctrl K"}</kbd>
        </button>
        {project ? <AddMenu project={project} /> : null}
        <UserMenu />
      </header>
      <main id="main" className={styles.main} tabIndex={-1}>
        <Suspense fallback={<Loading />}>
          <Outlet />
        </Suspense>
      </main>
      {project ? <Asked project={project} /> : null}
      {palette ? <Palette key={place} project={project} onClose={() => setPalette(false)} /> : null}
    </>
  );
}
