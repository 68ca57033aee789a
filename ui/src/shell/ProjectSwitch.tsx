/** Leads from one Project to another. */
import { useState } from "react";

import { useProjects } from "~/api/project";
import { Icon } from "~/design/Icon";
import { Menu, MenuItem, MenuLabel, MenuRule } from "~/design/Menu";

import { at } from "./places";
import styles from "./Shell.module.css";

function Choices({ project }: { project: string }) {
  const [wanted, setWanted] = useState("");
  const found = useProjects({ filter: wanted, pageSize: 50 });
  const names = (found.data?.items ?? []).map((each) => each.metadata.name);
  return (
    <>
      <input
        className={styles.filter}
        aria-label="Find a project"
        placeholder="Find a project"
        value={wanted}
        onChange={(event) => setWanted(event.target.value)}
      />
      {names.map((name) => (
        <MenuItem key={name} to={at.project(name)} side={name === project ? "✓" : ""}>
          {name}
        </MenuItem>
      ))}
      {found.data && names.length === 0 ? <MenuLabel>No project is called so.</MenuLabel> : null}
      <MenuRule />
      <MenuItem icon="grid" to="/">
        All projects
      </MenuItem>
    </>
  );
}

export function ProjectSwitch({ project }: { project: string }) {
  return (
    <Menu
      look="quiet"
      align="start"
      className={styles.switch ?? ""}
      label={`Project ${project}: choose another`}
      face={
        <>
          <span className="truncate">{project}</span>
          <Icon name="down" />
        </>
      }
    >
      <Choices project={project} />
    </Menu>
  );
}
