/** A time told relative to now, by one clock for the whole page. */
import { useSyncExternalStore } from "react";

import { ago, fullTime } from "~/model/time";

const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The present, which changes every `every` seconds. */
export function useNow(every = 1): number {
  const step = every * 1000;
  return useSyncExternalStore(subscribe, () => Math.floor(now / step) * step);
}

export function Ago({ time, every = 10 }: { time: string | undefined; every?: number }) {
  const present = useNow(every);
  if (!time) return null;
  return (
    <time dateTime={time} title={fullTime(time)}>
      {ago(time, Math.max(present, Date.parse(time)))}
    </time>
  );
}
