/** What somebody may do, by the rules that a SelfSubjectRulesReview tells. */

export interface Rule {
  verbs: string[];
  apiGroups?: string[];
  resources?: string[];
  resourceNames?: string[];
}

export interface Rights {
  resourceRules: Rule[];
  /** There may be more rules than were told, as in clusters whose authorizers cannot list them. */
  incomplete?: boolean;
}

const GROUP = "kargo.akuity.io";
const holds = (given: readonly string[] | undefined, wanted: string): boolean => (given ?? []).some((each) => each === "*" || each === wanted);

/** Whether somebody may promote to a Stage. Where that is not known it is left to the server to refuse. */
export function mayPromote(rights: Rights | undefined, stage: string): boolean {
  if (!rights || rights.incomplete) return true;
  return rights.resourceRules.some(
    (rule) =>
      holds(rule.verbs, "promote") &&
      holds(rule.apiGroups, GROUP) &&
      holds(rule.resources, "stages") &&
      (!rule.resourceNames?.length || rule.resourceNames.includes(stage)),
  );
}
