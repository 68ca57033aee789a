/** Why something is not so, and what to do about it. */
import type { Reason } from "~/api/explain";
import { useNow } from "~/design/Time";
import { sentence } from "~/model/sentence";
import { span } from "~/model/time";

function Until({ time }: { time: string }) {
  const left = (Date.parse(time) - useNow()) / 1000;
  return <> {left > 0 ? `In ${span(left)}.` : "Any moment."}</>;
}

export function Reasons({ reasons, className }: { reasons: readonly Reason[]; className?: string | undefined }) {
  return (
    <ul className={className}>
      {reasons.map((each) => (
        <li key={`${each.code} ${each.message}`}>
          {sentence(each.message)}
          {each.until ? <Until time={each.until} /> : null} {each.advice ? <span>{plain(each.advice)}</span> : null}
        </li>
      ))}
    </ul>
  );
}

/** Advice marks commands by backquotes. */
const plain = (text: string) => text.split("`").map((part, index) => (index % 2 ? <code key={part}>{part}</code> : part));
