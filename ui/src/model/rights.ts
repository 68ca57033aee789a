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

/** Asks whether one may do something with a resource; without a name, with any of them. */
export type May = (verb: string, resource: string, name?: string, group?: string) => boolean;

export const CORE = "";
const KARGO = "kargo.akuity.io";
const holds = (given: readonly string[] | undefined, wanted: string): boolean => (given ?? []).some((each) => each === "*" || each === wanted);

/** What somebody of these rights may do. Where that is not known it is left to the server to refuse. */
export function mayBy(rights: Rights | undefined): May {
  if (!rights || rights.incomplete) return () => true;
  return (verb, resource, name, group = KARGO) =>
    rights.resourceRules.some(
      (rule) =>
        holds(rule.verbs, verb) &&
        holds(rule.apiGroups, group) &&
        holds(rule.resources, resource) &&
        (!rule.resourceNames?.length || name === undefined || rule.resourceNames.includes(name)),
    );
}

/** The API group and the plural of a manifest's kind, as rules name them. */
export const ruled = (manifest: { apiVersion?: string; kind?: string }): { group: string; resource: string } => ({
  group: manifest.apiVersion?.includes("/") ? (manifest.apiVersion.split("/")[0] ?? "") : CORE,
  resource: `${(manifest.kind ?? "").toLowerCase()}s`,
});
