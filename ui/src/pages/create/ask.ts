/** What each part of the questions gets. */
import type { Blueprint } from "~/model/blueprint";
import type { Faults } from "~/model/blueprintFaults";

import type { Opener } from "./draft";

export interface AskProps {
  draft: Blueprint;
  /** The Project is there already, so that its name stays. */
  isThere: boolean;
  change: (by: (now: Blueprint) => Blueprint) => void;
  /** What is to be shown as wrong. */
  faults: Faults;
  /** What opens private repositories, by their address. */
  openers: Readonly<Record<string, Opener>>;
  open: (address: string, opener: Opener | undefined) => void;
}
