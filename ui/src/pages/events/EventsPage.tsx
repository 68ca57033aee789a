/** What happened in a Project, the newest first, as it happens. */
import { useQueryClient } from "@tanstack/react-query";
import { Fragment, memo, useMemo } from "react";
import { Link, useParams, useSearchParams } from "react-router";

import { path } from "~/api/client";
import { type Event, eventPagesKey, useEventPages } from "~/api/event";
import { useWatch } from "~/api/watch";
import { StateDot } from "~/design/Badge";
import { Button } from "~/design/Button";
import { CommandLine } from "~/design/CommandLine";
import { SelectField, Tick } from "~/design/Field";
import { Flag } from "~/design/Flag";
import { More } from "~/design/More";
import { Page, Panel } from "~/design/Page";
import { Search } from "~/design/Search";
import { Empty, Loading, Trouble } from "~/design/State";
import { Ago, useNow } from "~/design/Time";
import { actorName } from "~/model/actor";
import { command } from "~/model/command";
import { byDay, type EventLine, eventLine, REASONS, selector, tells, words } from "~/model/event";
import { atTop, changed, type Paged } from "~/model/pages";
import { at } from "~/shell/places";

import styles from "./Events.module.css";

const KINDS = [["", "Everything"], ...Object.keys(REASONS).map((kind) => [kind, kind] as const)] as const;

export default function EventsPage() {
  const { project = "" } = useParams();
  const [search, setSearch] = useSearchParams();
  const set = (change: Record<string, string>) =>
    setSearch(
      (was) => {
        for (const [name, value] of Object.entries(change)) {
          if (value) was.set(name, value);
          else was.delete(name);
        }
        return was;
      },
      { replace: true },
    );
  const [kind, reason, text] = [search.get("kind") ?? "", search.get("reason") ?? "", search.get("q") ?? ""];
  const selected = selector(kind, reason, search.has("warnings"));
  const found = useEventPages(project, selected);
  useFollow(project, selected, found.data?.pages[0]?.metadata?.resourceVersion, () => void found.refetch());
  const lines = useMemo(
    () => found.data?.pages.flatMap((page) => page.items.map(eventLine)).filter((line) => tells(line, text)) ?? [],
    [found.data, text],
  );
  if (found.error && !found.data)
    return (
      <Page title="Events" of={project}>
        <Panel>
          <Trouble error={found.error} retry={() => void found.refetch()} />
        </Panel>
      </Page>
    );
  const reasons = (kind ? REASONS[kind] : Object.values(REASONS).flat()) ?? [];
  return (
    <Page title="Events" of={project}>
      <div className={styles.tools}>
        <Search label="Find a stage, freight, version or person" value={text} onChange={(q) => set({ q })} />
        <SelectField label="About" bare value={kind} options={KINDS} onChange={(now) => set({ kind: now, reason: "" })} />
        <SelectField
          label="What happened"
          bare
          value={reason}
          options={[["", "Whatever happened"], ...reasons.map((each) => [each, words(each)] as const)]}
          onChange={(now) => set({ reason: now })}
        />
        <Tick checked={search.has("warnings")} onChange={(on) => set({ warnings: on ? "1" : "" })}>
          Only warnings
        </Tick>
      </div>
      <Panel>
        {found.data ? (
          <Lines lines={lines} project={project} filtered={selected !== "" || text !== ""} onAll={() => setSearch({}, { replace: true })} />
        ) : (
          <Loading />
        )}
        {found.hasNextPage ? <More busy={found.isFetchingNextPage} onMore={() => void found.fetchNextPage()} /> : null}
      </Panel>
      <CommandLine command={command(["events"], { project })} />
    </Page>
  );
}

/** What happens meanwhile comes in at the top. */
function useFollow(project: string, fieldSelector: string, since: string | undefined, onLost: () => void): void {
  const queries = useQueryClient();
  useWatch<Event>({
    place: path`/v1beta1/projects/${project}/events`,
    query: { fieldSelector },
    since,
    onChange: (change) =>
      queries.setQueryData<Paged<Event>>(eventPagesKey(project, fieldSelector), (was) => was && changed(was, change, atTop)),
    onLost,
  });
}

interface LinesProps {
  lines: EventLine[];
  project: string;
  filtered: boolean;
  onAll: () => void;
}

function Lines({ lines, project, filtered, onAll }: LinesProps) {
  const now = useNow(60);
  if (lines.length === 0 && filtered)
    return <Empty icon="search" title="Nothing of this kind happened" acts={<Button onClick={onAll}>Show everything</Button>} />;
  if (lines.length === 0)
    return (
      <Empty icon="clock" title="Nothing has happened yet">
        <p>New freight, promotions, approvals and verifications are told here.</p>
      </Empty>
    );
  return byDay(lines, now).map(({ day, lines: here }) => (
    <Fragment key={day}>
      <h2 className={styles.day}>{day}</h2>
      <ol className={styles.lines}>
        {here.map((line) => (
          <Line key={line.id} line={line} project={project} />
        ))}
      </ol>
    </Fragment>
  ));
}

const Line = memo(function Line({ line, project }: { line: EventLine; project: string }) {
  const { freight, stage, promotion, actor } = line;
  return (
    <li className={styles.line}>
      <StateDot mark={{ tone: line.tone, word: line.title }} wordless />
      <div className={styles.what}>
        <p>
          {promotion ? <Link to={at.promotion(project, promotion)}>{line.title}</Link> : <b>{line.title}</b>}
          {line.count > 1 ? <span className="dim"> {line.count} times</span> : null}
        </p>
        <p className={styles.about}>
          {freight ? (
            <Link to={at.freight(project, freight.name)} className={styles.freight}>
              <Flag of={freight.name} size={14} />
              {freight.alias}
            </Link>
          ) : line.kind !== "Promotion" ? (
            <span>{line.name}</span>
          ) : null}
          {stage ? (
            <span>
              {line.kind === "Promotion" ? "to " : "in "}
              <Link to={at.stage(project, stage)}>{stage}</Link>
            </span>
          ) : null}
          {line.versions ? <span className={styles.versions}>{line.versions}</span> : null}
        </p>
        {line.message ? <p className={line.tone === "bad" ? styles.bad : styles.message}>{line.message}</p> : null}
      </div>
      <div className={styles.side}>
        <Ago time={line.time} />
        {actor ? <span title={actor}>{actorName(actor)}</span> : null}
      </div>
    </li>
  );
});
