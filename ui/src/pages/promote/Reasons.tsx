/** Why something is not so, and what to do about it. */
import type { Reason } from "~/api/explain";
import { Advice } from "~/design/State";
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
          {each.until ? <Until time={each.until} /> : null} {each.advice ? <span><Advice text={each.advice} /></span> : null}
        </li>
      ))}
    </ul>
  );
}
