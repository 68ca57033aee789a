/** Adds a Stage or a Warehouse to a Project that is there: a few answers, and the manifest beside them. */
import { useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Link, Navigate, useNavigate, useParams } from "react-router";

import { useScoped } from "~/api/scoped";
import type { Stage, Warehouse } from "~/api/types";
import { SelectField, TextField } from "~/design/Field";
import { Page } from "~/design/Page";
import { Loading, Notice, Trouble } from "~/design/State";
import { nameOf } from "~/model/blueprint";
import { newStageManifest, newWarehouseManifest, type Watched } from "~/model/template";
import { NewManifest } from "~/pages/manifest/NewManifest";
import { at } from "~/shell/places";

import styles from "./Create.module.css";

export default function AddPage() {
  const { project = "", kind } = useParams();
  if (kind === "stage") return <AddStage project={project} />;
  if (kind === "warehouse") return <AddWarehouse project={project} />;
  return <Navigate replace to={at.project(project)} />;
}

/** Leads to what was made, once the Project's pages know of it. */
function useMade(project: string, to: (project: string, name: string) => string): (name: string | undefined) => void {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return (name) => {
    void queries.invalidateQueries({ predicate: (each) => each.queryKey[1] === project });
    void navigate(name ? to(project, name) : at.project(project));
  };
}

function AddStage({ project }: { project: string }) {
  const scope = useMemo(() => ({ project }), [project]);
  const stages = useScoped<Stage>(scope, "stages");
  const warehouses = useScoped<Warehouse>(scope, "warehouses");
  const error = stages.error ?? warehouses.error;
  if (error) return <Trouble page error={error} />;
  if (!stages.all || !warehouses.all) return <Loading />;
  return <StageForm project={project} stages={stages.all} warehouses={warehouses.all.map((each) => each.metadata.name)} />;
}

interface StageFormProps {
  project: string;
  stages: Stage[];
  warehouses: string[];
}

function StageForm({ project, stages, warehouses }: StageFormProps) {
  const navigate = useNavigate();
  const onMade = useMade(project, at.stage);
  const names = stages.map((each) => each.metadata.name);
  const [draft, setDraft] = useState({ name: "", warehouse: warehouses[0] ?? "", after: names.at(-1) ?? "", soak: "", like: names[0] ?? "" });
  const set = (part: Partial<typeof draft>) => setDraft((was) => ({ ...was, ...part }));
  const template = stages.find((each) => each.metadata.name === draft.like)?.spec?.promotionTemplate;
  const pick = (all: readonly string[]) => all.map((each) => [each, each] as const);
  return (
    <Page title="Add a stage" of={project} about="Where it takes versions from, and how it is changed. The manifest below follows, until you write in it.">
      {warehouses.length === 0 ? (
        <Notice tone="warn">
          There is nothing to take versions from yet. <Link to={at.add(project, "warehouse")}>Add a warehouse</Link> first.
        </Notice>
      ) : null}
      <div className={styles.item}>
        <div className={styles.four}>
          <TextField label="Name" autoFocus placeholder="prod-eu" value={draft.name} onChange={(name) => set({ name: name.trim() })} />
          <SelectField label="Freight of" value={draft.warehouse} options={pick(warehouses)} onChange={(warehouse) => set({ warehouse })} />
          <SelectField label="Takes it from" value={draft.after} options={[["", "The warehouse, at once"], ...pick(names)]} onChange={(after) => set({ after })} />
          {draft.after ? (
            <TextField label="Soak time" placeholder="none" hint={`In ${draft.after} first, such as 30m`} value={draft.soak} onChange={(soak) => set({ soak: soak.trim() })} />
          ) : null}
          <SelectField
            label="Is changed like"
            value={draft.like}
            options={[["", "Not at all: it only passes versions on"], ...pick(names)]}
            onChange={(like) => set({ like })}
          />
        </div>
      </div>
      <NewManifest
        project={project}
        text={newStageManifest(project, { ...draft, template })}
        onClose={() => void navigate(at.project(project))}
        onMade={(made) => onMade(made?.metadata.name)}
      />
      <p className="dim">
        Whether it takes versions by itself is said in the <Link to={at.settings(project, "policies")}>policies</Link> of the project.
      </p>
    </Page>
  );
}

const WATCHED = [
  ["image", "Container image"],
  ["git", "Git repository"],
  ["chart", "Helm chart"],
] as const;

function AddWarehouse({ project }: { project: string }) {
  const navigate = useNavigate();
  const onMade = useMade(project, at.warehouse);
  const [draft, setDraft] = useState<{ name: string; watched: Watched; repoURL: string }>({ name: "", watched: "image", repoURL: "" });
  const set = (part: Partial<typeof draft>) => setDraft((was) => ({ ...was, ...part }));
  return (
    <Page title="Add a warehouse" of={project} about="What to watch for new versions. The manifest below follows, until you write in it.">
      <div className={styles.item}>
        <div className={styles.four}>
          <SelectField label="Watches" value={draft.watched} options={WATCHED} onChange={(watched) => set({ watched: watched as Watched })} />
          <TextField
            label={draft.watched === "image" ? "Image, without a tag" : "Address"}
            mono
            autoFocus
            value={draft.repoURL}
            placeholder={draft.watched === "image" ? "ghcr.io/acme/web" : "https://…"}
            onChange={(repoURL) => set({ repoURL: repoURL.trim() })}
            onBlur={() => (draft.name ? undefined : set({ name: nameOf(draft.repoURL) }))}
          />
          <TextField label="Name" value={draft.name} onChange={(name) => set({ name: name.trim() })} />
        </div>
      </div>
      <NewManifest
        project={project}
        text={newWarehouseManifest(project, draft.name, draft.watched, draft.repoURL)}
        onClose={() => void navigate(at.project(project))}
        onMade={(made) => onMade(made?.metadata.name)}
      />
      <p className="dim">
        A private repository needs a <Link to={at.settings(project, "repositories")}>sign-in</Link>.
      </p>
    </Page>
  );
}
