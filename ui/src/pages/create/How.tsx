/** How a stage is changed: which repository says what runs there, and what of it a promotion writes. */
import { Choice, TextField, Tick } from "~/design/Field";
import { Notice } from "~/design/State";
import { type Delivery, defaultPath, type Layout, needs, type Source, STAGE, type Way, waysFor } from "~/model/blueprint";

import type { AskProps } from "./ask";
import styles from "./Create.module.css";
import { Private } from "./Private";

const WAYS: Record<Way, { name: string; about: string }> = {
  values: { name: "A value in a YAML file", about: "Helm values or any other YAML; comments stay" },
  kustomize: { name: "The image of a kustomization", about: "What kustomize edit set image does" },
  file: { name: "A file of its own", about: "Written by promotions alone; nothing must be there" },
  copy: { name: "The whole content", about: "Each stage gets the commit as it is" },
};

const LAYOUTS: { value: Layout; name: string; about: string }[] = [
  { value: "branches", name: "A branch for each stage", about: "stage/dev, stage/prod … are made from the main branch" },
  { value: "folders", name: "A folder for each stage", about: "All on one branch, such as stages/dev" },
];

export function How({ draft, change, faults, openers, open }: AskProps) {
  const { delivery } = draft;
  const set = (part: Partial<Delivery>) => change((now) => ({ ...now, delivery: { ...now.delivery, ...part } }));
  const ways = waysFor(draft);
  const reshape = (layout: Layout, way: Way) => set({ layout, way, path: defaultPath(layout, way) });
  const setKey = (source: Source, key: string) =>
    change((now) => ({ ...now, sources: now.sources.map((each) => (each.id === source.id ? { ...each, key } : each)) }));
  return (
    <>
      <p className="dim">
        A promotion is a commit. It goes to the Git repository that says what runs in your stages, and whatever deploys from there,
        such as Argo CD or Flux, does the rest.
      </p>
      <div className={styles.item}>
        <div className={styles.repo}>
          <TextField
            label="Repository that says what runs"
            mono
            placeholder="https://github.com/acme/config.git"
            value={delivery.repoURL}
            fault={faults["delivery.repoURL"]}
            onChange={(repoURL) => set({ repoURL })}
          />
          <TextField label="Main branch" mono value={delivery.branch} fault={faults["delivery.branch"]} onChange={(branch) => set({ branch: branch.trim() })} />
        </div>
        <Private address={delivery.repoURL} openers={openers} open={open} hint="Promotions push to it, so most do." />
      </div>
      <Choice label="Where stages differ" value={delivery.layout} options={LAYOUTS} onChange={(layout) => reshape(layout, delivery.way)} />
      <Choice
        label="What a promotion changes"
        value={delivery.way}
        fault={faults["delivery.way"]}
        options={ways.map((value) => ({ value, ...WAYS[value] }))}
        onChange={(way) => reshape(delivery.layout, way)}
      />
      <div className={styles.two}>
        {delivery.way === "copy" ? null : (
          <TextField
            label={delivery.way === "kustomize" ? "Folder of the kustomization" : "File"}
            mono
            value={delivery.path}
            hint={delivery.layout === "folders" ? `${STAGE} stands for the name of the stage` : undefined}
            fault={faults["delivery.path"]}
            onChange={(path) => set({ path: path.trim() })}
          />
        )}
        {delivery.way === "values"
          ? draft.sources
              .filter((each) => each.kind !== "git")
              .map((each) => (
                <TextField
                  key={each.id}
                  label={`Key for ${each.chart || each.repoURL.split("/").at(-1) || each.kind}`}
                  mono
                  value={each.key}
                  fault={faults[`sources.${each.id}.key`]}
                  onChange={(key) => setKey(each, key.trim())}
                />
              ))
          : null}
      </div>
      <Tick
        checked={delivery.argocd}
        hint="Otherwise it finds the commit by itself, which may take minutes."
        onChange={(argocd) => set({ argocd, application: delivery.application || `${draft.project}-${STAGE}` })}
      >
        Tell Argo CD to synchronise, and wait for it
      </Tick>
      {delivery.argocd ? (
        <TextField
          label="Application"
          mono
          value={delivery.application}
          hint={`${STAGE} stands for the name of the stage`}
          fault={faults["delivery.application"]}
          onChange={(application) => set({ application: application.trim() })}
        />
      ) : null}
      <Notice>
        <p>What the repository must hold before the first promotion:</p>
        <ul className={styles.needs}>
          {needs(draft).map((each) => (
            <li key={each}>{each}</li>
          ))}
        </ul>
      </Notice>
    </>
  );
}
