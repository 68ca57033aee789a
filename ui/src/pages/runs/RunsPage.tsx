/** What runs where: artifacts by Stage, in one Project or across all, with what lags behind. */
import { useMemo } from "react";
import { useParams, useSearchParams } from "react-router";

import { useLive } from "~/api/live";
import { useMatrix } from "~/api/matrix";
import { useMayIn } from "~/api/rights";
import { Button, LinkButton } from "~/design/Button";
import { CommandLine } from "~/design/CommandLine";
import { Tick } from "~/design/Field";
import { More } from "~/design/More";
import { Page, Panel } from "~/design/Page";
import { Search } from "~/design/Search";
import { Segments } from "~/design/Segments";
import { Empty, Loading, Trouble } from "~/design/State";
import { command } from "~/model/command";
import { byArtifact, byProject, type Wanted } from "~/model/matrix";
import { createProject } from "~/shell/places";

import { ByArtifact } from "./ByArtifact";
import { ByProject } from "./ByProject";
import styles from "./Runs.module.css";

type Look = "project" | "artifact";

const LOOKS = [
  ["project", "By project"],
  ["artifact", "By artifact"],
] as const;

export default function RunsPage() {
  const { project } = useParams();
  useLive(project ?? "", project !== undefined);
  const [search, setSearch] = useSearchParams();
  const found = useMatrix(project);
  const look: Look = search.get("by") === "artifact" ? "artifact" : "project";
  const wanted = useMemo<Wanted>(() => ({ text: search.get("q") ?? "", lagging: search.has("lagging") }), [search]);
  const set = (name: string, value: string) =>
    setSearch(
      (was) => {
        if (value) was.set(name, value);
        else was.delete(name);
        return was;
      },
      { replace: true },
    );
  if (found.error && !found.data)
    return (
      <Page title="What runs where" of={project}>
        <Panel>
          <Trouble error={found.error} retry={() => void found.refetch()} />
        </Panel>
      </Page>
    );
  const pages = found.data?.pages ?? [];
  const isEmpty = found.data !== undefined && !found.hasNextPage && pages.every((page) => page.rows.length === 0);
  return (
    <Page
      wide
      title="What runs where"
      of={project}
      about={project ? undefined : "Every artifact in every stage that you may see, and how far behind the newest version it is."}
    >
      {isEmpty ? (
        <Nothing project={project} />
      ) : (
        <>
          <div className={styles.tools}>
            <Search label={project ? "Find an artifact or stage" : "Find an artifact, project or stage"} value={wanted.text} onChange={(text) => set("q", text)} />
            {project ? null : <Segments label="Order" value={look} options={LOOKS} onChange={(by) => set("by", by === "project" ? "" : by)} />}
            <Tick checked={wanted.lagging} onChange={(on) => set("lagging", on ? "1" : "")}>
              Only what lags
            </Tick>
          </div>
          {found.data ? <Found {...{ pages, wanted, look, project }} onAll={() => setSearch({}, { replace: true })} /> : <Loading />}
          {found.hasNextPage ? <More busy={found.isFetchingNextPage} onMore={() => void found.fetchNextPage()} /> : null}
          <CommandLine command={command(["matrix"], { project, "all-projects": project === undefined, behind: wanted.lagging })} />
        </>
      )}
    </Page>
  );
}

interface FoundProps {
  pages: NonNullable<ReturnType<typeof useMatrix>["data"]>["pages"];
  wanted: Wanted;
  look: Look;
  project: string | undefined;
  onAll: () => void;
}

function Found({ pages, wanted, look, project, onAll }: FoundProps) {
  const tables = useMemo(() => (look === "project" ? byProject(pages, wanted) : []), [look, pages, wanted]);
  const uses = useMemo(() => (look === "artifact" ? byArtifact(pages, wanted) : []), [look, pages, wanted]);
  if (tables.length + uses.length === 0)
    return (
      <Panel>
        <Empty
          icon={wanted.lagging ? "check" : "search"}
          title={wanted.lagging ? "Nothing lags behind" : "Nothing is called so"}
          acts={<Button onClick={onAll}>Show all</Button>}
        />
      </Panel>
    );
  if (look === "artifact") return uses.map((each) => <ByArtifact key={each.key} uses={each} />);
  return tables.map((each) => <ByProject key={each.project} table={each} only={project !== undefined} />);
}

function Nothing({ project }: { project: string | undefined }) {
  const may = useMayIn("shared");
  return (
    <Panel>
      <Empty
        icon="grid"
        title="Nothing runs anywhere yet"
        acts={project || !may("create", "projects") ? null : <LinkButton to={createProject}>Create a pipeline</LinkButton>}
      >
        <p>When a version has been promoted to a stage, it is told here, with the versions that are newer.</p>
      </Empty>
    </Panel>
  );
}
