/** All Projects, and how each of them is. */
import { useQueryClient } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";

import { ApiError } from "~/api/client";
import { projectPagesKey, useProjectPages } from "~/api/project";
import { useWho } from "~/api/session";
import type { Project } from "~/api/types";
import { type Change, useWatch } from "~/api/watch";
import { useMayIn } from "~/api/rights";
import { StateDot } from "~/design/Badge";
import { LinkButton } from "~/design/Button";
import { HealthBar } from "~/design/Health";
import { Icon } from "~/design/Icon";
import { More } from "~/design/More";
import { Page, Panel } from "~/design/Page";
import { Search } from "~/design/Search";
import { Empty, Loading, Trouble } from "~/design/State";
import { Ago } from "~/design/Time";
import { byName, changed, type Paged } from "~/model/pages";
import { ownProjects, type ProjectRow, projectRow, told } from "~/model/project";
import { at, createProject } from "~/shell/places";

import styles from "./ProjectsPage.module.css";

export default function ProjectsPage() {
  const [search, setSearch] = useSearchParams();
  const filter = search.get("q") ?? "";
  const may = useMayIn("shared"); // which tells what holds everywhere, too
  const found = useProjectPages(filter);
  useLive(filter, found.data?.pages[0]?.metadata?.resourceVersion, () => void found.refetch());
  const rows = found.data?.pages.flatMap((page) => page.items.map(projectRow)) ?? [];
  const isNew = found.data !== undefined && rows.length === 0 && filter === "";
  if (found.error && !found.data) return <Refused error={found.error} retry={() => void found.refetch()} />;
  if (isNew) return may("create", "projects") ? <First /> : <None />;
  return (
    <Page
      title="Projects"
      acts={
        may("create", "projects") ? (
          <LinkButton look="primary" to={createProject}>
            <Icon name="plus" />
            New project
          </LinkButton>
        ) : null
      }
    >
      <Search
        label="Find a project"
        value={filter}
        onChange={(q) => setSearch(q ? { q } : {}, { replace: true })}
      />
      <Panel>
        {found.data ? <Table rows={rows} filter={filter} /> : <Loading lines={6} />}
        {found.hasNextPage ? <More busy={found.isFetchingNextPage} onMore={() => void found.fetchNextPage()} /> : null}
      </Panel>
    </Page>
  );
}

/** Puts changes into the pages that are shown. */
function useLive(filter: string, since: string | undefined, onLost: () => void): void {
  const queries = useQueryClient();
  useWatch<Project>({
    place: "/v1beta1/projects",
    query: { filter },
    since,
    onChange: (change: Change<Project>) =>
      queries.setQueryData<Paged<Project>>(projectPagesKey(filter), (was) => was && changed(was, change, byName)),
    onLost,
  });
}

/** Not everybody may list all Projects; those that they have a role in are known anyway. */
function Refused({ error, retry }: { error: unknown; retry: () => void }) {
  const who = useWho().data;
  const own = ownProjects(who?.accounts, who?.username);
  if (!(error instanceof ApiError) || error.status !== 403 || own.length === 0)
    return (
      <Page title="Projects">
        <Panel>
          <Trouble error={error} retry={retry} />
        </Panel>
      </Page>
    );
  return (
    <Page title="Projects" about="Those in which you have a role. You may not list all.">
      <Panel>
        <ul>
          {own.map((name) => (
            <li key={name} className={styles.own}>
              <Link to={at.project(name)}>{name}</Link>
            </li>
          ))}
        </ul>
      </Panel>
    </Page>
  );
}

function None() {
  return (
    <Page title="Projects">
      <Panel>
        <Empty title="There is no project that you may see">
          <p>Ask an administrator for a role in one.</p>
        </Empty>
      </Panel>
    </Page>
  );
}

function First() {
  return (
    <Page title="Projects">
      <Panel>
        <Empty
          title="Bring the first version to production"
          acts={
            <LinkButton look="primary" to={createProject}>
              <Icon name="plus" />
              Create a pipeline
            </LinkButton>
          }
        >
          <p>
            A project holds one pipeline: what to watch for new versions, the stages they pass, and how each stage is
            changed. A few questions make one; the result is YAML that you can keep in Git.
          </p>
        </Empty>
      </Panel>
    </Page>
  );
}

function Table({ rows, filter }: { rows: ProjectRow[]; filter: string }) {
  if (rows.length === 0) {
    return (
      <Empty icon="search" title={`No project has “${filter}” in its name`} acts={<LinkButton to="/">Show all</LinkButton>} />
    );
  }
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">Project</th>
          <th scope="col">Stages</th>
          <th scope="col">Warehouses</th>
          <th scope="col" className={styles.age}>
            Created
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Row key={row.uid} row={row} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ row }: { row: ProjectRow }) {
  const { stages, warehouses } = row;
  return (
    <tr>
      <th scope="row">
        <div className={styles.name}>
          <StateDot mark={{ tone: row.tone, word: row.state }} wordless />
          <Link to={at.project(row.name)} className="truncate">
            {row.name}
          </Link>
        </div>
        {row.trouble ? <p className={styles.trouble}>{row.trouble}</p> : null}
      </th>
      <td>
        {stages.count > 0 ? (
          <HealthBar {...stages} words={told(stages, "stage")} />
        ) : (
          <span className="dim">{row.state === "Empty" ? "Nothing in it yet" : "None"}</span>
        )}
      </td>
      <td className={warehouses.healthy < warehouses.count ? styles.bad : styles.fine}>
        {warehouses.count > 0 ? told(warehouses, "warehouse") : ""}
      </td>
      <td className={styles.age}>
        <Ago time={row.created} every={60} />
      </td>
    </tr>
  );
}
