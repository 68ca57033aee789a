/** Follows what changes: one stream a list, begun again by itself when it breaks. */
import { useEffect, useRef, useState } from "react";

import { messages } from "~/model/sse";

import { type Asked, ApiError, send } from "./client";
import type { Resource } from "./types";

export interface Change<T> {
  type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK";
  object: T;
}

export interface Watch<T> {
  place: string;
  query?: Asked["query"];
  /** The `metadata.resourceVersion` of the list that is followed. */
  since: string | undefined;
  onChange: (change: Change<T>) => void;
  /** The stream cannot go on from where it was: list anew. */
  onLost: () => void;
  signal: AbortSignal;
}

const PAUSES = [1_000, 2_000, 5_000, 15_000];

const pause = (time: number, signal: AbortSignal): Promise<void> =>
  new Promise((done) => {
    const timer = setTimeout(done, time);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      done();
    });
  });

/** Follows until the signal says otherwise; network failures are waited out. */
export async function watch<T extends Resource>(asked: Watch<T>): Promise<void> {
  let since = asked.since;
  let failures = 0;
  while (!asked.signal.aborted) {
    try {
      await once<T>({ ...asked, since }, (change) => {
        failures = 0;
        since = change.object.metadata.resourceVersion ?? since;
        if (change.type !== "BOOKMARK") asked.onChange(change);
      });
    } catch (error) {
      if (asked.signal.aborted) return;
      if (error instanceof Lost) return asked.onLost();
      if (error instanceof ApiError && error.status > 0 && error.status < 500) return;
    }
    failures += 1;
    await pause(PAUSES[Math.min(failures, PAUSES.length) - 1] ?? 1_000, asked.signal);
  }
}

class Lost extends Error {}

async function once<T>(asked: Watch<T>, onChange: (change: Change<T>) => void): Promise<void> {
  const answer = await send(asked.place, {
    query: { ...asked.query, watch: true, allowWatchBookmarks: true, resourceVersion: asked.since },
    accept: "text/event-stream",
    signal: asked.signal,
  }).catch((error: unknown) => {
    throw error instanceof ApiError && error.status === 410 ? new Lost() : error;
  });
  if (!answer.body) return;
  const read = messages();
  const pieces = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await pieces.read();
    if (done) return;
    for (const { event, data } of read(value)) {
      if (event === "error") throw new Lost();
      onChange(JSON.parse(data) as Change<T>);
    }
  }
}

/** Follows a list while a page shows it. Nothing is followed before `since` is known. */
export function useWatch<T extends Resource>(asked: Omit<Watch<T>, "signal">): void {
  const { place, since } = asked;
  const query = JSON.stringify(asked.query ?? {});
  const latest = useRef(asked);
  // The version from which it could not go on; the list that comes next has another one.
  const [lost, setLost] = useState<string>();
  const known = since !== undefined && since !== lost;
  useEffect(() => {
    latest.current = asked;
  });
  useEffect(() => {
    if (!known) return undefined;
    const ended = new AbortController();
    void watch<T>({
      place,
      query: JSON.parse(query) as NonNullable<Asked["query"]>,
      since: latest.current.since,
      onChange: (change) => latest.current.onChange(change),
      onLost: () => {
        setLost(latest.current.since);
        latest.current.onLost();
      },
      signal: ended.signal,
    });
    return () => ended.abort();
  }, [place, query, known]);
}
