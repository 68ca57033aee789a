/** The configuration of a Project, or of the installation: policies, links, receivers, as one manifest. */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { useConfig } from "~/api/config";
import { useMayIn } from "~/api/rights";
import type { Scope } from "~/api/scoped";
import { Button } from "~/design/Button";
import { Panel } from "~/design/Page";
import { Empty, Loading, Trouble } from "~/design/State";
import { ManifestPanel } from "~/pages/manifest/ManifestPanel";
import { NewManifest } from "~/pages/manifest/NewManifest";
import { newClusterConfig, newProjectConfig } from "~/model/template";

import { Section } from "./Section";

export function Policies({ scope }: { scope: Scope }) {
  const project = typeof scope === "string" ? undefined : scope.project;
  const queries = useQueryClient();
  const found = useConfig(project);
  const may = useMayIn(project === undefined ? "shared" : { project });
  const [making, setMaking] = useState(false);
  const title = project === undefined ? "Configuration" : "Policies";
  const about =
    project === undefined
      ? "What holds for all projects: deep links, and receivers of webhooks."
      : "Which stages take new versions by themselves; deep links, and receivers of webhooks.";
  return (
    <Section title={title} about={about}>
      {found.error ? (
        <Trouble error={found.error} retry={() => void found.refetch()} />
      ) : found.data === undefined ? (
        <Loading />
      ) : found.data ? (
        <ManifestPanel key={found.data.metadata.uid ?? ""} project={project ?? ""} resource={found.data} />
      ) : making ? (
        <NewManifest
          project={project ?? ""}
          text={project === undefined ? newClusterConfig() : newProjectConfig(project)}
          onClose={() => setMaking(false)}
          onMade={() => {
            setMaking(false);
            void queries.invalidateQueries({ queryKey: ["config", project ?? ""] });
          }}
        />
      ) : (
        <Panel>
          <Empty
            icon="gear"
            title={project === undefined ? "Nothing is configured" : "No policies yet"}
            acts={!may("create", project === undefined ? "clusterconfigs" : "projectconfigs") ? null : <Button onClick={() => setMaking(true)}>Write one</Button>}
          >
            <p>{project === undefined ? "Everything is as it comes." : "Without one, every promotion is made by somebody."}</p>
          </Empty>
        </Panel>
      )}
    </Section>
  );
}
