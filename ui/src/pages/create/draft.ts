/** The answers so far, which outlast a reload of the page in the same tab; what is secret does not. */
import { useEffect, useState } from "react";

import { type Blueprint, newBlueprint } from "~/model/blueprint";

const KEY = "argosy.draft";

function read(): Blueprint {
  try {
    const kept = sessionStorage.getItem(KEY);
    if (kept) return JSON.parse(kept) as Blueprint;
  } catch {
    // What cannot be read is begun anew.
  }
  return newBlueprint();
}

/** @param project the one that is added to; without it, a new one is made. */
export function useDraft(project: string | undefined): [Blueprint, (change: (now: Blueprint) => Blueprint) => void] {
  const [draft, setDraft] = useState(() => (project === undefined ? read() : { ...newBlueprint(), project }));
  useEffect(() => {
    if (project !== undefined) return;
    try {
      sessionStorage.setItem(KEY, JSON.stringify(draft));
    } catch {
      // Without storage it lasts as long as the page.
    }
  }, [draft, project]);
  return [draft, setDraft];
}

export function forgetDraft(): void {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // There was none.
  }
}

/** What opens a private repository, by the address it opens. */
export interface Opener {
  username: string;
  password: string;
}
