/** Decisions of the pages of settings: what is shown of each thing, what is sent, and by which command the same is done. */
import type { Secret } from "~/api/credential";
import type { Role, Rule } from "~/api/role";
import type { Scope } from "~/api/scoped";
import type { Meta, Resource } from "~/api/types";

import { shortRepo } from "./address";
import { command, quoted } from "./command";

const DESCRIPTION = "kargo.akuity.io/description";
const TYPE = "kargo.akuity.io/cred-type";
const ACCOUNT = "kubernetes.io/service-account.name";
const EXPIRES = "argosy/expires";
const REPLICATE = "kargo.akuity.io/replicate-to";

export const describes = ({ annotations }: Meta): string => annotations?.[DESCRIPTION] ?? "";
export const isReplicated = ({ annotations }: Meta): boolean => annotations?.[REPLICATE] !== undefined;
export const described = (text: string): Pick<Meta, "annotations"> => (text ? { annotations: { [DESCRIPTION]: text } } : {});

export interface RepoRow {
  name: string;
  type: string;
  repoURL: string;
  isRegex: boolean;
  username: string;
  description: string;
}

export function repoRow({ metadata, stringData }: Secret): RepoRow {
  return {
    name: metadata.name,
    type: metadata.labels?.[TYPE] ?? "",
    repoURL: stringData?.repoURL ?? "",
    isRegex: stringData?.repoURLIsRegex === "true",
    username: stringData?.username ?? "",
    description: describes(metadata),
  };
}

export interface TokenRow {
  name: string;
  role: string;
  created: string | undefined;
  expires: string | undefined;
  expired: boolean;
}

export function tokenRow({ metadata }: Resource, now: number): TokenRow {
  const expires = metadata.annotations?.[EXPIRES];
  return {
    name: metadata.name,
    role: metadata.annotations?.[ACCOUNT] ?? "",
    created: metadata.creationTimestamp,
    expires,
    expired: expires !== undefined && Date.parse(expires) <= now,
  };
}

/** Keys and values that are written in a form. */
export interface Pair {
  id: string;
  key: string;
  value: string;
  /** It was there before; of a secret, an empty value leaves it as it is. */
  kept: boolean;
}

let last = 0;
export const newPair = (key = "", value = "", kept = false): Pair => ({ id: `p${(last += 1)}`, key, value, kept });

const KEY = /^[-._a-zA-Z0-9]{1,253}$/;

export function pairFault(pair: Pair, all: readonly Pair[], secret: boolean): string | undefined {
  if (!pair.key) return "Give it a key.";
  if (!KEY.test(pair.key)) return "A key has letters, digits, dots, dashes and underscores.";
  if (all.find((each) => each.key === pair.key) !== pair) return "There is another value of this key.";
  return secret && !pair.kept && !pair.value ? "Give it a value." : undefined;
}

/** What of the values is new or different, and which keys are gone. */
export function pairChange(before: Readonly<Record<string, string>>, pairs: readonly Pair[], secret: boolean): { data: Record<string, string>; removeKeys: string[] } {
  const data = Object.fromEntries(
    pairs.filter((each) => (secret && each.kept ? each.value !== "" : before[each.key] !== each.value)).map((each) => [each.key, each.value]),
  );
  const left = new Set(pairs.map((each) => each.key));
  return { data, removeKeys: Object.keys(before).filter((key) => !left.has(key)) };
}

/** Words with commas or spaces between them. */
export const listed = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean);

/** Who has a role: `groups: devops, qa`. */
export const holders = ({ claims = [] }: Role): string[] => claims.map(({ name, values = [] }) => `${name}: ${values.join(", ")}`);

/** What a rule allows, with what it is about first. */
export function ruleWords({ resources = [], verbs = [], resourceNames = [] }: Rule): { about: string; may: string } {
  const names = resourceNames.length > 0 ? ` (${resourceNames.join(", ")})` : "";
  return { about: resources.join(", ") + names, may: verbs.includes("*") ? "everything" : verbs.join(", ") };
}

/** Rules that begin roles of common kinds. */
export const PRESETS: readonly { name: string; rules: Rule[] }[] = [
  { name: "May look", rules: [{ resources: ["stages", "warehouses", "freights", "promotions", "promotiontasks", "projectconfigs"], verbs: ["get", "list", "watch"] }] },
  {
    name: "May promote",
    rules: [
      { resources: ["stages", "warehouses", "freights", "promotiontasks", "projectconfigs"], verbs: ["get", "list", "watch"] },
      { resources: ["promotions"], verbs: ["create", "get", "list", "watch"] },
      { resources: ["stages"], verbs: ["promote"] },
    ],
  },
];

const scopeOption = (scope: Scope): Record<string, string | boolean> => (typeof scope === "string" ? { [scope]: true } : scope);

const setting = (data: Readonly<Record<string, string>>): string[] => Object.entries(data).map(([key, value]) => `--set ${quoted(`${key}=${value}`)}`);

/** `promote:stages:dev`, as the command line has rules. */
const allowed = ({ verbs = [], resources = [], resourceNames = [] }: Rule): string =>
  [verbs, resources, ...(resourceNames.length > 0 ? [resourceNames] : [])].map((each) => each.join(",")).join(":");

/** The command of each action. Secret values are never in it: it asks for them. */
export const saidOf = {
  createRepo: (scope: Scope, row: RepoRow) =>
    command(["credentials", "create", row.name || "NAME"], {
      ...scopeOption(scope),
      [row.type || "git"]: true,
      "repo-url": row.repoURL,
      regex: row.isRegex,
      username: row.username,
      description: row.description,
    }),
  updateRepo: (scope: Scope, row: RepoRow, withPassword: boolean) =>
    command(["credentials", "update", row.name], {
      ...scopeOption(scope),
      [row.type || "git"]: true,
      "repo-url": row.repoURL,
      regex: row.isRegex,
      username: row.username,
      "password-stdin": withPassword,
    }),
  deleteCredential: (scope: Scope, name: string) => command(["credentials", "delete", name], scopeOption(scope)),
  createSecret: (scope: Scope, name: string, keys: readonly string[]) =>
    [command(["credentials", "create", name || "NAME"], scopeOption(scope)), ...keys.map((key) => `--set-file ${key ? quoted(key) : "KEY"}=FILE`)].join(" "),
  updateSecret: (scope: Scope, name: string, keys: readonly string[], gone: readonly string[]) =>
    [
      command(["credentials", "update", name], scopeOption(scope)),
      ...keys.map((key) => `--set-file ${quoted(key)}=FILE`),
      ...gone.map((key) => `--unset ${quoted(key)}`),
    ].join(" "),
  createMap: (scope: Scope, name: string, description: string, replicate: boolean, data: Readonly<Record<string, string>>) =>
    [command(["create", "configmap", name || "NAME"], { ...scopeOption(scope), description, replicate }), ...setting(data)].join(" "),
  updateMap: (scope: Scope, name: string, description: string, data: Readonly<Record<string, string>>, gone: readonly string[]) =>
    [
      command(["update", "configmap", name], { ...scopeOption(scope), description }),
      ...setting(data),
      ...gone.map((key) => `--unset ${quoted(key)}`),
    ].join(" "),
  role: (verb: "create" | "update", scope: Scope, role: Role) =>
    [
      command(["role", verb, role.metadata.name || "NAME"], { ...scopeOption(scope), description: describes(role.metadata) }),
      ...(role.claims ?? []).map(({ name, values = [] }) => `--claim ${quoted(`${name}=${values.join(",")}`)}`),
      ...(role.rules ?? []).map((rule) => `--allow ${quoted(allowed(rule))}`),
      ...(verb === "update" && !describes(role.metadata) ? ["--description ''"] : []),
    ].join(" "),
  deleteRole: (scope: Scope, name: string) => command(["role", "delete", name], scopeOption(scope)),
  createToken: (scope: Scope, name: string, role: string, expires: string) =>
    command(["token", "create", name || "NAME"], { ...scopeOption(scope), role, "expires-in": expires }),
  deleteToken: (scope: Scope, name: string) => command(["token", "delete", name], scopeOption(scope)),
  delete: (kind: string, name: string, project?: string) => command(["delete", kind, name], { project }),
};

/** `https://github.com/acme/web.git` is `acme/web`; patterns stay as they are. */
export const repoName = (row: Pick<RepoRow, "repoURL" | "isRegex">): string => (row.isRegex ? row.repoURL : shortRepo(row.repoURL));
