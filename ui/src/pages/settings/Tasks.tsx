/** Promotion tasks: steps that several Stages do alike, said once. */
import { useState } from "react";

import { deleteManifests } from "~/api/manifest";
import { useMayIn } from "~/api/rights";
import { type Scope, useReread, useScoped } from "~/api/scoped";
import type { PromotionStep, Resource } from "~/api/types";
import { Button } from "~/design/Button";
import { Icon } from "~/design/Icon";
import { ManifestPanel } from "~/pages/manifest/ManifestPanel";
import { NewManifest } from "~/pages/manifest/NewManifest";
import { manifestText } from "~/model/manifest";
import { saidOf } from "~/model/setting";
import { newTask } from "~/model/template";

import { Edit, Remove, Row, Rows, Section } from "./Section";

interface Task extends Resource {
  spec?: { vars?: { name: string }[]; steps?: PromotionStep[] };
}

/** Those of a Project, or those that all may use. */
export function Tasks({ scope }: { scope: Scope }) {
  const project = typeof scope === "string" ? undefined : scope.project;
  const noun = project === undefined ? "cluster-promotion-tasks" : "promotion-tasks";
  const kind = project === undefined ? "clusterpromotiontask" : "promotiontask";
  const found = useScoped<Task>(scope, noun);
  const reread = useReread(scope, noun);
  const [open, setOpen] = useState<string | null>();
  const shown = open ? found.all?.find((each) => each.metadata.name === open) : undefined;
  const may = useMayIn(project === undefined ? "shared" : { project });
  const add = !may("create", `${kind}s`) ? null : (
    <Button onClick={() => setOpen(null)}>
      <Icon name="plus" />
      Write a task
    </Button>
  );
  if (open === null)
    return (
      <Section title="A new task" about="Steps that several stages do alike. A stage names it in its promotion template.">
        <NewManifest
          project={project ?? ""}
          text={newTask(project)}
          onClose={() => setOpen(undefined)}
          onMade={() => {
            setOpen(undefined);
            reread();
          }}
        />
      </Section>
    );
  if (shown)
    return (
      <Section
        title={shown.metadata.name}
        about="Promotions that run go on with the steps that they began with."
        act={
          <Button
            onClick={() => {
              setOpen(undefined);
              reread();
            }}
          >
            All tasks
          </Button>
        }
      >
        <ManifestPanel project={project ?? ""} resource={shown} />
      </Section>
    );
  return (
    <Section
      title="Promotion tasks"
      about={project === undefined ? "Steps that stages of every project may use." : "Steps that several stages do alike, said once."}
      act={add}
    >
      <Rows
        all={found.all}
        error={found.error}
        retry={() => void found.refetch()}
        more={{ has: found.hasNextPage, busy: found.isFetchingNextPage, next: () => void found.fetchNextPage() }}
        empty={{ icon: "bolt", title: "No tasks", about: "When two stages are changed by the same steps, write them as a task.", act: add }}
        row={(task) => (
          <Row
            key={task.metadata.name}
            name={task.metadata.name}
            about={stepsOf(task)}
            acts={
              <>
                <Edit name={task.metadata.name} onClick={() => setOpen(task.metadata.name)} />
                {may("delete", `${kind}s`, task.metadata.name) ? <Remove
                  name={task.metadata.name}
                  about="Promotions to stages that name it will fail."
                  command={saidOf.delete(kind, task.metadata.name, project)}
                  remove={() => deleteManifests(manifestText(task))}
                  onRemoved={reread}
                /> : null}
              </>
            }
          />
        )}
      />
    </Section>
  );
}

const stepsOf = ({ spec }: Task): string => (spec?.steps ?? []).map((each) => each.uses ?? each.task?.name ?? "?").join(" → ");
