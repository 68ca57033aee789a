/** The log of a promotion, followed while it grows. */
import { useEffect, useState } from "react";

import { ApiError, path, send } from "./client";

/** How much of a log is kept in the page; its end is what matters. */
const MOST = 2_000_000;

export interface Log {
  text: string;
  /** Why it cannot be read. */
  error: ApiError | undefined;
  isCut: boolean;
}

export function useLog(project: string, promotion: string, running: boolean): Log {
  const [log, setLog] = useState<Log>({ text: "", error: undefined, isCut: false });
  useEffect(() => {
    const ended = new AbortController();
    async function read(): Promise<void> {
      const place = path`/v1beta1/projects/${project}/promotions/${promotion}/log`;
      const answer = await send(place, { query: { follow: running }, accept: "text/plain", signal: ended.signal });
      let text = "";
      let isCut = false;
      const pieces = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const piece = await pieces?.read();
        if (!piece || piece.done || ended.signal.aborted) break;
        text += piece.value;
        if (text.length > MOST) {
          text = text.slice(text.indexOf("\n", text.length - MOST) + 1);
          isCut = true;
        }
        setLog({ text, error: undefined, isCut });
      }
    }
    read().catch((error: unknown) => {
      if (!ended.signal.aborted && error instanceof ApiError) setLog({ text: "", error, isCut: false });
    });
    return () => ended.abort();
  }, [project, promotion, running]);
  return log;
}
