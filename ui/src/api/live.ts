/** Keeps what pages have read of a Project true: one stream for everything that changes in it. */
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";

import { merged } from "~/model/change";
import { messages } from "~/model/sse";

import { ApiError, path, send } from "./client";
import type { Pipeline, Resource } from "./types";
import type { Change } from "./watch";

const PAUSES = [500, 1_000, 2_000, 5_000, 15_000];
/** A tab that nobody looks at lets go of its connection, of which a browser has few. */
const HIDDEN_FOR = 20_000;
const FRAME = 80;

export type LiveState = "connecting" | "live" | "lost";

let state: LiveState = "connecting";
const listeners = new Set<() => void>();

function become(now: LiveState): void {
  if (now === state) return;
  state = now;
  for (const each of listeners) each();
}

export function useLiveState(): LiveState {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => state,
  );
}

/** How many changes are remembered, to be brought into a reading that was under way when they came. */
const REMEMBERED = 400;
/** How long a Project is followed after its last page was left, for there will be another. */
const LINGER = 3_000;

/** Follows one Project until told to stop. */
class Follower {
  readonly recent: Change<Resource>[] = [];
  private readonly ended = new AbortController();
  private waiting: Change<Resource>[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly project: string,
    private readonly queries: QueryClient,
  ) {}

  stop(): void {
    this.ended.abort();
    clearTimeout(this.timer);
  }

  async run(): Promise<void> {
    for (let failures = 0; !this.ended.signal.aborted; failures += 1) {
      try {
        await this.once(() => {
          failures = 0;
        });
      } catch (error) {
        if (error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 410) return;
      }
      if (this.ended.signal.aborted) return;
      become("lost");
      await new Promise((done) => setTimeout(done, PAUSES[Math.min(failures, PAUSES.length - 1)]));
      // What was missed meanwhile is in a new reading, which the next stream goes on from.
      if (!this.ended.signal.aborted) await this.queries.invalidateQueries({ predicate: (each) => each.queryKey[1] === this.project });
    }
  }

  private async once(onLife: () => void): Promise<void> {
    const { project, queries } = this;
    const read = queries.getQueryData<Pipeline>(["pipeline", project]);
    const { signal } = this.ended;
    const answer = await send(path`/v1beta1/projects/${project}/changes`, {
      query: { resourceVersion: read?.resourceVersion },
      accept: "text/event-stream",
      signal,
    });
    become("live");
    onLife();
    // What was read before the stream began, from no known version on, is read again.
    if (!read) void queries.invalidateQueries({ predicate: (each) => each.queryKey[1] === project });
    const parse = messages();
    const pieces = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const piece = await pieces?.read();
      if (!piece || piece.done) return;
      for (const { event, data } of parse(piece.value)) {
        if (event === "error") return;
        this.take(JSON.parse(data) as Change<Resource>);
      }
    }
  }

  /** Changes come in bursts; a burst is drawn once. */
  private take(change: Change<Resource>): void {
    if (change.type === "BOOKMARK") return;
    this.waiting.push(change);
    this.recent.push(change);
    if (this.recent.length > REMEMBERED) this.recent.shift();
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      const changes = this.waiting;
      this.waiting = [];
      settle(this.queries, this.project, changes);
    }, FRAME);
  }
}

function settle(queries: QueryClient, project: string, changes: readonly Change<Resource>[]): void {
  queries.setQueryData<Pipeline>(["pipeline", project], (was) => (was ? merged(was, changes) : was));
  const kinds = new Set<string>();
  for (const { type, object } of changes) {
    const kind = (object.kind ?? "").toLowerCase();
    kinds.add(kind);
    const key = [kind, project, object.metadata.name];
    if (type === "DELETED") void queries.invalidateQueries({ queryKey: key });
    else queries.setQueryData(key, (was: unknown) => (was === undefined ? was : object));
  }
  if (kinds.has("event") && kinds.size === 1) return;
  for (const derived of ["explain", "history", "matrix", "promotions"]) {
    void queries.invalidateQueries({ queryKey: [derived, project] });
  }
}

interface Followed {
  pages: number;
  follower: Follower | undefined;
  leave: () => void;
}

const projects = new Map<string, Followed>();

/** Changes that came lately, for a reading that may be older than they are. */
export const recentChanges = (project: string): readonly Change<Resource>[] => projects.get(project)?.follower?.recent ?? [];

function follow(project: string, queries: QueryClient): Followed {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const begin = () => {
    followed.follower = new Follower(project, queries);
    void followed.follower.run();
  };
  const end = () => {
    followed.follower?.stop();
    followed.follower = undefined;
  };
  const look = () => {
    clearTimeout(timer);
    if (document.visibilityState === "hidden") timer = setTimeout(end, HIDDEN_FOR);
    else if (!followed.follower) void queries.invalidateQueries({ predicate: (each) => each.queryKey[1] === project }).then(begin);
  };
  const leave = () => {
    document.removeEventListener("visibilitychange", look);
    clearTimeout(timer);
    end();
  };
  const followed: Followed = { pages: 0, follower: undefined, leave };
  begin();
  document.addEventListener("visibilitychange", look);
  return followed;
}

/** Follows a Project while anything of it is shown and the tab is looked at. */
export function useLive(project: string, ready = true): void {
  const queries = useQueryClient();
  useEffect(() => {
    if (!project || !ready) return undefined;
    const followed = projects.get(project) ?? follow(project, queries);
    projects.set(project, followed);
    followed.pages += 1;
    return () => {
      followed.pages -= 1;
      setTimeout(() => {
        if (followed.pages > 0 || projects.get(project) !== followed) return;
        projects.delete(project);
        followed.leave();
      }, LINGER);
    };
  }, [project, ready, queries]);
}
