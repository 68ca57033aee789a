/** A piece of Freight: what is in it, where it is and was, and for each Stage it is not in, why not. */
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";

import { useFreightExplanation } from "~/api/explain";
import { removeFreight, rename, useFreight, useLinks } from "~/api/freight";
import { useLive } from "~/api/live";
import { useMay } from "~/api/rights";
import type { Freight } from "~/api/types";
import { Button } from "~/design/Button";
import { CommandLine, CopyButton } from "~/design/CommandLine";
import { Dialog } from "~/design/Dialog";
import { Flag } from "~/design/Flag";
import { Icon } from "~/design/Icon";
import { Menu, MenuItem, MenuRule } from "~/design/Menu";
import { Page } from "~/design/Page";
import { Loading, Refusal, Trouble } from "~/design/State";
import { Ago } from "~/design/Time";
import { useDone } from "~/design/Toast";
import { said } from "~/model/action";
import { safeLink } from "~/model/address";
import { artifactLines } from "~/model/artifact";
import { aliasOf } from "~/model/pipeline";
import { at } from "~/shell/places";

import { ArtifactPanel } from "./ArtifactPanel";
import styles from "./Freight.module.css";
import { Places } from "./Places";

type Wanted = "rename" | "delete" | undefined;

function Renaming({ project, freight, onClose }: { project: string; freight: Freight; onClose: () => void }) {
  const done = useDone();
  const [alias, setAlias] = useState(aliasOf(freight));
  const { name } = freight.metadata;
  async function go(): Promise<void> {
    if (await done(rename(project, name, alias), `It is called ${alias} now`)) onClose();
  }
  return (
    <Dialog
      title="Rename"
      about="An alias is for people; the name stays."
      onClose={onClose}
      left={<CommandLine command={said.rename(project, name, alias)} />}
      foot={
        <Button look="primary" disabled={!alias.trim() || alias === freight.alias} onClick={() => void go()}>
          Rename
        </Button>
      }
    >
      <label>
        Alias
        <input className={styles.field} value={alias} onChange={(event) => setAlias(event.target.value)} />
      </label>
    </Dialog>
  );
}

function Deleting({ project, freight, onClose }: { project: string; freight: Freight; onClose: () => void }) {
  const done = useDone();
  const navigate = useNavigate();
  const { name } = freight.metadata;
  async function go(): Promise<void> {
    if (await done(removeFreight(project, name), `${aliasOf(freight)} is deleted`)) await navigate(at.project(project));
  }
  return (
    <Dialog
      title={`Delete ${aliasOf(freight)}?`}
      onClose={onClose}
      left={<CommandLine command={said.delete(project, "freight", name)} />}
      foot={
        <Button look="danger" onClick={() => void go()}>
          Delete
        </Button>
      }
    >
      <p>Nothing that runs changes. It cannot be promoted any more; its Warehouse may find the same again.</p>
    </Dialog>
  );
}

function Links({ project, name }: { project: string; name: string }) {
  const found = useLinks(project, "freight", name).data?.links ?? [];
  const safe = found.filter((each) => safeLink(each.url));
  if (safe.length === 0) return null;
  return (
    <div className={styles.links}>
      {safe.map((each) => (
        <a key={each.title + each.url} href={each.url} title={each.description} target="_blank" rel="noreferrer">
          {each.title} <Icon name="link" size={12} />
        </a>
      ))}
    </div>
  );
}

function Shown({ project, freight }: { project: string; freight: Freight }) {
  const { name, creationTimestamp } = freight.metadata;
  const [wanted, setWanted] = useState<Wanted>();
  const told = useFreightExplanation(project, name);
  const alias = aliasOf(freight);
  const may = useMay(project);
  const mayRename = may("patch", "freights", name);
  const mayDelete = may("delete", "freights", name);
  return (
    <Page
      title={alias}
      of={project}
      wide
      above="Freight"
      mark={<Flag of={name} size={22} />}
      about={
        <div className={styles.about2}>
          <code>{name.slice(0, 12)}</code>
          <CopyButton text={name} label="Copy the name" />
          <span>
            from <Link to={at.warehouse(project, freight.origin?.name ?? "")}>{freight.origin?.name}</Link>
          </span>
          <Ago time={creationTimestamp} />
        </div>
      }
      acts={
        !mayRename && !mayDelete ? null : <Menu look="plain" icon label={`Actions of ${alias}`} face={<Icon name="more" />}>
          {mayRename ? (
            <MenuItem icon="edit" onClick={() => setWanted("rename")}>
              Rename…
            </MenuItem>
          ) : null}
          {mayRename && mayDelete ? <MenuRule /> : null}
          {mayDelete ? (
            <MenuItem icon="bin" danger onClick={() => setWanted("delete")}>
              Delete…
            </MenuItem>
          ) : null}
        </Menu>
      }
    >
      <Links project={project} name={name} />
      <div className={styles.columns}>
        <section aria-label="What is in it">
          <h2>What is in it</h2>
          <ArtifactPanel lines={artifactLines(freight)} />
        </section>
        <section aria-label="Where it is">
          <h2>Where it is, and why not elsewhere</h2>
          {told.error ? <Refusal error={told.error} /> : told.data ? <Places project={project} told={told.data} /> : <Loading lines={4} />}
        </section>
      </div>
      {wanted === "rename" ? <Renaming project={project} freight={freight} onClose={() => setWanted(undefined)} /> : null}
      {wanted === "delete" ? <Deleting project={project} freight={freight} onClose={() => setWanted(undefined)} /> : null}
    </Page>
  );
}

export default function FreightPage() {
  const { project = "", freight = "" } = useParams();
  useLive(project);
  const found = useFreight(project, freight);
  if (found.error && !found.data) return <Trouble page error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <Loading />;
  return <Shown key={freight} project={project} freight={found.data} />;
}
