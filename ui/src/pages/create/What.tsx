/** The first questions: what the project is called, and what is watched for new versions. */
import type { FocusEvent } from "react";

import { Button } from "~/design/Button";
import { SelectField, TextField, type TextProps } from "~/design/Field";
import { Icon } from "~/design/Icon";
import { type Blueprint, nameOf, newSource, type Source, type Strategy } from "~/model/blueprint";
import { faultsOf } from "~/model/blueprintFaults";

import type { AskProps } from "./ask";
import styles from "./Create.module.css";
import { Private } from "./Private";

const KINDS = { image: "Container image", git: "Git repository", chart: "Helm chart" } as const;
const ICONS = { image: "image", git: "git", chart: "chart" } as const;

const STRATEGIES: { value: Strategy; name: string; about: string }[] = [
  { value: "SemVer", name: "The highest version", about: "Tags such as 1.4.2 or v1.4.2" },
  { value: "NewestBuild", name: "The newest build", about: "By the time it was built; slower" },
  { value: "Lexical", name: "The last in order", about: "Tags with dates, such as 2026-01-31" },
  { value: "Digest", name: "One tag that moves", about: "Whatever latest or main points to" },
];

export function What({ draft, isThere, change, faults, openers, open }: AskProps) {
  const replace = (source: Source) =>
    change((now) => ({ ...now, sources: now.sources.map((each) => (each.id === source.id ? source : each)) }));
  const remove = (id: string) => change((now) => ({ ...now, sources: now.sources.filter((each) => each.id !== id) }));
  const add = (kind: Source["kind"]) => change((now) => ({ ...now, sources: [...now.sources, newSource(kind)] }));
  return (
    <>
      <TextField
        label="Name of the project"
        hint={isThere ? undefined : "One project holds one pipeline. The name stays."}
        disabled={isThere}
        value={draft.project}
        fault={faults.project}
        placeholder="web-shop"
        autoFocus
        onChange={(project) => change((now) => ({ ...now, project: project.trim() }))}
      />
      <div className={styles.group}>
        <h2>What to watch for new versions</h2>
        {faults.sources ? <p className={styles.fault}>{faults.sources}</p> : null}
        {draft.sources.map((source) => (
          <fieldset key={source.id} className={styles.item}>
            <legend className={styles.kind}>
              <Icon name={ICONS[source.kind]} />
              {KINDS[source.kind]}
            </legend>
            {draft.sources.length > 1 ? (
              <Button look="quiet" small icon className={styles.remove} label={`Remove this ${KINDS[source.kind].toLowerCase()}`} onClick={() => remove(source.id)}>
                <Icon name="bin" />
              </Button>
            ) : null}
            <SourceFields source={source} faults={faults} onChange={replace} onNamed={(repoURL) => change((now) => named(now, source.id, repoURL))} />
            <Private address={source.repoURL} openers={openers} open={open} />
          </fieldset>
        ))}
        <div className={styles.add}>
          {(["image", "git", "chart"] as const).map((kind) => (
            <Button key={kind} small onClick={() => add(kind)}>
              <Icon name="plus" />
              {KINDS[kind]}
            </Button>
          ))}
        </div>
      </div>
    </>
  );
}

/** A project without a name gets that of the first thing that it watches. */
const named = (now: Blueprint, id: string, repoURL: string): Blueprint =>
  now.project || faultsOf(now)[`sources.${id}.repoURL`] ? now : { ...now, project: nameOf(repoURL) };

interface SourceProps {
  source: Source;
  faults: AskProps["faults"];
  onChange: (source: Source) => void;
  onNamed: (repoURL: string) => void;
}

function SourceFields({ source, faults, onChange, onNamed }: SourceProps) {
  const at = `sources.${source.id}`;
  const set = (part: Partial<Source>) => onChange({ ...source, ...part });
  const address = {
    value: source.repoURL,
    fault: faults[`${at}.repoURL`],
    mono: true,
    onChange: (repoURL: string) => set({ repoURL }),
    // Not while somebody is on the way to write the name themselves.
    onBlur: (event: FocusEvent) => (event.relatedTarget?.matches("[data-focus]") ? undefined : onNamed(source.repoURL)),
  };
  if (source.kind === "image") return <ImageFields {...{ source, faults, set, address }} />;
  if (source.kind === "git")
    return (
      <>
        <TextField label="Address of the repository" placeholder="https://github.com/acme/config.git" {...address} />
        <div className={styles.two}>
          <TextField label="Branch" mono value={source.branch} fault={faults[`${at}.branch`]} onChange={(branch) => set({ branch })} />
          <TextField label="Only changes in" optional mono hint="Folders or files, by commas" value={source.paths} onChange={(paths) => set({ paths })} />
        </div>
      </>
    );
  return (
    <>
      <TextField label="Address of the chart repository" placeholder="https://charts.example.com" hint="Or oci://registry/chart" {...address} />
      <div className={styles.two}>
        {source.repoURL.trim().startsWith("oci://") ? null : (
          <TextField label="Chart" mono value={source.chart} fault={faults[`${at}.chart`]} onChange={(chart) => set({ chart })} />
        )}
        <TextField label="Versions" optional mono hint="Such as ^2.1.0" value={source.constraint} onChange={(constraint) => set({ constraint })} />
      </div>
    </>
  );
}

interface ImageProps {
  source: Source;
  faults: AskProps["faults"];
  set: (part: Partial<Source>) => void;
  address: Omit<TextProps, "label">;
}

function ImageFields({ source, faults, set, address }: ImageProps) {
  const digest = source.strategy === "Digest";
  return (
    <>
      <TextField label="Image, without a tag" placeholder="ghcr.io/acme/web" {...address} />
      <div className={styles.two}>
        <SelectField
          label="Which one is new"
          value={source.strategy}
          options={STRATEGIES.map((each) => [each.value, each.name] as const)}
          hint={STRATEGIES.find((each) => each.value === source.strategy)?.about}
          onChange={(strategy) => set({ strategy: strategy as Strategy, key: strategy === "Digest" ? "image.digest" : "image.tag" })}
        />
        {digest || source.strategy === "SemVer" ? (
          <TextField
            label={digest ? "Tag" : "Versions"}
            optional={!digest}
            mono
            hint={digest ? "Such as latest" : "Such as ^1.0.0; all when empty"}
            value={source.constraint}
            fault={faults[`sources.${source.id}.constraint`]}
            onChange={(constraint) => set({ constraint })}
          />
        ) : null}
      </div>
    </>
  );
}

