/** The command palette: everything that can be gone to, by a few letters. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useId, useMemo, useRef, useState } from "react";
import { useNavigate } from "react-router";

import { useProjects } from "~/api/project";
import { useMay, useMayIn } from "~/api/rights";
import type { Pipeline } from "~/api/types";
import { Icon, type IconName } from "~/design/Icon";
import { chooseTheme } from "~/design/theme";
import { matches } from "~/model/match";
import type { May } from "~/model/rights";

import styles from "./Palette.module.css";
import { at, createProject, globalPlaces, projectPlaces } from "./places";

interface Choice {
  id: string;
  group: string;
  name: string;
  icon: IconName;
  side?: string;
  run: () => void;
}

function useChoices(project: string | undefined, wanted: string): Choice[] {
  const navigate = useNavigate();
  const known = useQueryClient().getQueryData<Pipeline>(["pipeline", project ?? ""]);
  const projects = useProjects({ filter: wanted.length > 1 ? wanted : "", pageSize: 20 }).data?.items;
  const mayEverywhere = useMayIn("shared");
  const mayHere = useMay(project ?? "");
  const may = project === undefined ? mayEverywhere : mayHere;
  return useMemo(() => {
    const go = (group: string, icon: IconName, name: string, to: string, side?: string): Choice => {
      const choice: Choice = { id: `${group} ${to}`, group, icon, name, run: () => void navigate(to) };
      return side ? { ...choice, side } : choice;
    };
    const inProject = project && known ? resources(project, known, go, may) : [];
    return [
      ...(project ? projectPlaces(project).map((each) => go("In this project", "flow", each.name, each.to)) : []),
      ...inProject,
      ...(project
        ? (["stage", "warehouse"] as const)
            .filter((kind) => may("create", `${kind}s`))
            .map((kind) => go("In this project", "plus", `Add a ${kind}`, at.add(project, kind)))
        : []),
      ...globalPlaces().map((each) => go("Everywhere", "grid", each.name, each.to)),
      ...(mayEverywhere("create", "projects") ? [go("Everywhere", "plus", "New pipeline", createProject)] : []),
      ...(projects ?? []).map((each) => go("Projects", "flow", each.metadata.name, at.project(each.metadata.name))),
      { id: "light", group: "Theme", icon: "sun", name: "Light theme", run: () => chooseTheme("light") },
      { id: "dark", group: "Theme", icon: "moon", name: "Dark theme", run: () => chooseTheme("dark") },
      { id: "system", group: "Theme", icon: "screen", name: "Theme of the system", run: () => chooseTheme("system") },
    ];
  }, [project, known, projects, may, mayEverywhere, navigate]);
}

type Go = (group: string, icon: IconName, name: string, to: string, side?: string) => Choice;

function resources(project: string, known: Pipeline, go: Go, may: May): Choice[] {
  return [
    ...known.stages.map(({ metadata: { name } }) => go("Stages", "stage", name, at.stage(project, name))),
    ...known.stages
      .filter((each) => (each.spec?.promotionTemplate?.spec?.steps ?? []).length > 0 && may("promote", "stages", each.metadata.name))
      .map(({ metadata: { name } }) => go("Promote", "bolt", `Promote to ${name}…`, `${at.project(project)}?promote=${encodeURIComponent(name)}`)),
    ...known.warehouses.map(({ metadata: { name } }) => go("Warehouses", "warehouse", name, at.warehouse(project, name))),
    ...known.freight.map((each) => {
      const { name } = each.metadata;
      return go("Freight", "image", each.alias ?? name, at.freight(project, name), name.slice(0, 7));
    }),
    ...known.promotions.map(({ metadata: { name } }) => go("Promotions", "bolt", name, at.promotion(project, name))),
  ];
}

interface PaletteProps {
  project: string | undefined;
  onClose: () => void;
}

export function Palette({ project, onClose }: PaletteProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const list = useId();
  const [wanted, setWanted] = useState("");
  const [chosen, setChosen] = useState(0);
  const all = useChoices(project, wanted.trim());
  const shown = useMemo(() => matches(all, (each) => `${each.name} ${each.group}`, wanted), [all, wanted]);
  useEffect(() => dialog.current?.showModal(), []);
  useEffect(() => {
    document.getElementById(`${list}-${chosen}`)?.scrollIntoView({ block: "nearest" });
  }, [chosen, list]);

  function take(choice: Choice | undefined): void {
    if (!choice) return;
    onClose();
    choice.run();
  }

  function press(event: React.KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && shown.length > 0) {
      event.preventDefault();
      setChosen((was) => (was + step + shown.length) % shown.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      take(shown[chosen]);
    }
  }

  return (
    <dialog
      ref={dialog}
      className={styles.palette}
      aria-label="Search and commands"
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      <div className={styles.ask}>
        <Icon name="search" />
        <input
          autoFocus
          role="combobox"
          aria-expanded="true"
          aria-controls={list}
          aria-activedescendant={shown.length > 0 ? `${list}-${chosen}` : undefined}
          aria-label="Search and commands"
          placeholder="Go to a stage, freight, project or page"
          value={wanted}
          onKeyDown={press}
          onChange={(event) => {
            setWanted(event.target.value);
            setChosen(0);
          }}
        />
      </div>
      <div id={list} role="listbox" aria-label="Found" className={styles.list}>
        {shown.map((each, index) => (
          <div key={each.id} role="presentation">
            {each.group !== shown[index - 1]?.group ? <div className={styles.group}>{each.group}</div> : null}
            <div
              id={`${list}-${index}`}
              role="option"
              aria-selected={index === chosen}
              className={styles.option}
              onClick={() => take(each)}
              onPointerMove={() => setChosen(index)}
            >
              <Icon name={each.icon} />
              <span className="truncate">{each.name}</span>
              {each.side ? <span className={`${styles.side} mono`}>{each.side}</span> : null}
            </div>
          </div>
        ))}
        {shown.length === 0 ? <div className={styles.none}>Nothing is called so.</div> : null}
      </div>
    </dialog>
  );
}
