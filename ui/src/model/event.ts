/** What happened, as lines that can be read without knowing its words. */
import type { Event } from "~/api/event";

import { type ArtifactLine, artifactLines } from "./artifact";
import type { Tone } from "./health";

export interface EventLine {
  id: string;
  time: string | undefined;
  tone: Tone;
  /** `Promotion succeeded`. */
  title: string;
  kind: string;
  name: string;
  stage: string | undefined;
  freight: { name: string; alias: string } | undefined;
  versions: string;
  promotion: string | undefined;
  actor: string | undefined;
  /** What the title does not say already. */
  message: string | undefined;
  count: number;
}

/** Reasons that events have, by the kind that they are of. */
export const REASONS: Readonly<Record<string, readonly string[]>> = {
  Promotion: ["PromotionCreated", "PromotionSucceeded", "PromotionFailed", "PromotionErrored", "PromotionAborted", "PromotionDiscarded"],
  Freight: [
    "FreightCreated",
    "FreightApproved",
    "FreightVerificationSucceeded",
    "FreightVerificationFailed",
    "FreightVerificationErrored",
    "FreightVerificationAborted",
    "FreightVerificationInconclusive",
    "FreightVerificationUnknown",
  ],
};

const TONES: readonly [RegExp, Tone][] = [
  [/Failed|Errored|Error$/, "bad"],
  [/Aborted|Discarded|Inconclusive|Unknown/, "warn"],
  [/Succeeded|Approved/, "good"],
];

/** `FreightVerificationSucceeded` is `Freight verification succeeded`. */
export function words(reason: string): string {
  const text = reason.replaceAll(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const ABOUT = "event.kargo.akuity.io/";

function artifacts(text: string | undefined): unknown[] {
  try {
    const read: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(read) ? read : [];
  } catch {
    return [];
  }
}

function versionsOf(marks: Record<string, string>): ArtifactLine[] {
  const of = (kind: string) => artifacts(marks[`${ABOUT}freight-${kind}`]) as never[];
  return artifactLines({ images: of("images"), commits: of("commits"), charts: of("charts") });
}

export function eventLine(event: Event): EventLine {
  const { metadata, involvedObject = {}, reason = "", message = "" } = event;
  const marks = metadata.annotations ?? {};
  const told = (name: string) => marks[ABOUT + name] || undefined;
  const title = words(reason || event.type || "Event");
  const freight = told("freight-name");
  return {
    id: metadata.uid ?? metadata.name,
    time: event.lastTimestamp ?? event.firstTimestamp ?? metadata.creationTimestamp,
    tone: TONES.find(([each]) => each.test(reason))?.[1] ?? (event.type === "Warning" ? "warn" : "idle"),
    title,
    kind: involvedObject.kind ?? "",
    name: involvedObject.name ?? "",
    stage: told("stage-name"),
    freight: freight ? { name: freight, alias: told("freight-alias") ?? freight.slice(0, 7) } : undefined,
    versions: versionsOf(marks)
      .map((each) => `${each.name} ${each.version}`)
      .join(", "),
    promotion: told("promotion-name"),
    actor: told("actor"),
    message: message.toLowerCase() === title.toLowerCase() || !message ? undefined : message,
    count: event.count ?? 1,
  };
}

/** Whether a line has every wanted word in it. */
export function tells(line: EventLine, text: string): boolean {
  const all = [line.title, line.name, line.stage, line.freight?.alias, line.freight?.name, line.versions, line.actor, line.message];
  const hay = all.filter(Boolean).join(" ").toLowerCase();
  return text.toLowerCase().split(/\s+/).every((word) => hay.includes(word));
}

/** Lines by the day on which they happened, in their order. */
export function byDay(lines: readonly EventLine[], now: number): { day: string; lines: EventLine[] }[] {
  const days: { day: string; lines: EventLine[] }[] = [];
  for (const line of lines) {
    const day = line.time ? dayName(Date.parse(line.time), now) : "Some time";
    const last = days.at(-1);
    if (last?.day === day) last.lines.push(line);
    else days.push({ day, lines: [line] });
  }
  return days;
}

const DAY = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });

function dayName(time: number, now: number): string {
  const start = new Date(now).setHours(0, 0, 0, 0);
  if (time >= start) return "Today";
  const before = new Date(start);
  before.setDate(before.getDate() - 1);
  return time >= before.getTime() ? "Yesterday" : DAY.format(time);
}

/** What the server selects by: kinds, reasons, warnings. */
export function selector(kind: string, reason: string, warnings: boolean): string {
  return [kind && `involvedObject.kind=${kind}`, reason && `reason=${reason}`, warnings && "type=Warning"].filter(Boolean).join(",");
}
