/** What can be done about Freight and a Stage where it is not. */
import type { Whereabouts } from "~/api/explain";

/** Reasons that an approval takes away; the others stay whoever approves. */
const APPROVABLE = new Set(["NoSource", "NotYetUpstream", "NotVerifiedUpstream", "Soaking", "SoakCutShort", "UpstreamMissing"]);

export const mayApprove = (place: Whereabouts): boolean =>
  !place.available && place.state !== "here" && place.reasons.length > 0 && place.reasons.every((each) => APPROVABLE.has(each.code));
