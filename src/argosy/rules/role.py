"""Kargo's roles: a ServiceAccount, whose claims say who has the role, with a Role and a RoleBinding of the same name.

What is written as one role becomes these three resources, and what is bound to an account is shown as one role, with
rules in one order and one form (`pkg/server/rbac` of Kargo).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from argosy.errors import Invalid, suggestion
from argosy.resources.kinds import KINDS
from argosy.resources.meta import Document, Json
from argosy.resources.names import TRUE, Annotation
from argosy.rules import role_document
from argosy.rules.authorization import ALL
from argosy.rules.claims import claims_of, with_claims

VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
CUSTOM_VERBS: Mapping[str, tuple[str, ...]] = {"stages": ("promote",)}
"""Verbs that are no operation on a resource, by resource."""

Data = dict[str, Any]
Claims = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Parts:
    """What a role consists of.

    Attributes:
        account: the ServiceAccount; without it there is no role.
        bindings: those of the account's namespace that give it something.
        roles: the Roles that these bind.
        cluster_roles: the ClusterRoles that these bind.
    """

    account: Document
    bindings: Sequence[Document] = ()
    roles: Sequence[Document] = ()
    cluster_roles: Sequence[Document] = ()


def is_managed(document: Document) -> bool:
    """Whether Kargo or Argosy made it, and may change it."""
    return (document.meta.get("annotations") or {}).get(Annotation.MANAGED.value) == TRUE


def shown(parts: Parts) -> Data:
    """The role as one. Raises Invalid when the claims of its account cannot be read."""
    meta = parts.account.meta
    told: Data = {key: meta[key] for key in ("name", "namespace", "creationTimestamp") if meta.get(key)}
    annotations = meta.get("annotations") or {}
    if Annotation.DESCRIPTION.value in annotations:
        told["annotations"] = {Annotation.DESCRIPTION.value: annotations[Annotation.DESCRIPTION.value]}
    claims = [{"name": name, "values": values} for name, values in claims_of(annotations).items()]
    rules = [rule for role in (*parts.roles, *parts.cluster_roles) for rule in role.data.get("rules") or ()]
    managed = _is_simple(parts)
    role: Data = {"metadata": told}
    if managed:
        role["kargoManaged"] = True
        rules = normalized(rules)
    return role | {key: value for key, value in (("claims", claims), ("rules", rules)) if value}


def _is_simple(parts: Parts) -> bool:
    return is_managed(parts.account) and all(
        len(found) <= 1 and all(map(is_managed, found)) for found in (parts.roles, parts.bindings)
    )


def with_resources(parts: Parts) -> Data:
    """The role as the resources that it consists of."""
    key = parts.account.key
    return {
        "metadata": {"name": key.name, "namespace": key.namespace},
        "serviceAccount": parts.account.data,
        **{
            name: [document.data for document in documents]
            for name, documents in (
                ("roles", parts.roles),
                ("clusterRoles", parts.cluster_roles),
                ("roleBindings", parts.bindings),
            )
            if documents
        },
    }


def manageable(parts: Parts) -> None:
    """See that a role may be changed as one. Raises Invalid for what people made of parts themselves."""
    account = f'ServiceAccount "{parts.account.key.name}" in namespace "{parts.account.key.namespace}"'
    if parts.cluster_roles:
        raise Invalid(f"{account} is bound to one or more ClusterRoles", advice="Change its bindings instead.")
    faults = [
        (not is_managed(parts.account), f"{account} is not annotated as Kargo-managed"),
        *_of_one("Role", parts.roles, account),
        *_of_one("RoleBinding", parts.bindings, account),
    ]
    for is_so, told in faults:
        if is_so:
            raise Invalid(told, advice=f"Annotate it with {Annotation.MANAGED.value}=true, or change it itself.")


def _of_one(kind: str, found: Sequence[Document], account: str) -> Iterable[tuple[bool, str]]:
    yield len(found) > 1, f"multiple {kind}s associated with {account}"
    for each in found:
        told = f'{kind} "{each.key.name}" in namespace "{each.key.namespace}" is not annotated as Kargo-managed'
        yield not is_managed(each), told


def account_document(namespace: str, name: str, claims: Claims, description: str = "") -> Data:
    """The ServiceAccount of a new role."""
    annotations = {Annotation.MANAGED.value: TRUE}
    if description:
        annotations[Annotation.DESCRIPTION.value] = description
    meta = {"namespace": namespace, "name": name, "annotations": with_claims(annotations, claims)}
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta}


def role_of(namespace: str, name: str, rules: Sequence[Data]) -> Data:
    """The Role of a new role."""
    return role_document.role("Role", _meta(namespace, name), rules)


def binding_of(namespace: str, name: str) -> Data:
    """The RoleBinding of a new role."""
    subject = role_document.account(name, namespace)
    return role_document.binding("RoleBinding", _meta(namespace, name), ("Role", name), subject)


def _meta(namespace: str, name: str) -> Data:
    return {"namespace": namespace, "name": name, "annotations": {Annotation.MANAGED.value: TRUE}}


def normalized(rules: Iterable[Mapping[str, Json]], *, custom: bool = False) -> list[Data]:
    """Rules of one group, one resource and at most one name each, in order, with every verb by its name.

    Args:
        custom: whether `*` means custom verbs, too, as it does where somebody writes it.

    Raises Invalid for what is no resource, wildcards among it.
    """
    verbs: dict[tuple[str, str, str], list[str]] = {}
    for rule in rules:
        groups, names = rule.get("apiGroups") or ("",), rule.get("resourceNames") or ("",)
        for group, resource, name in product(groups, rule.get("resources") or (), names):
            check_resource(resource.strip())
            place = (group.strip(), resource.strip(), name.strip())
            verbs.setdefault(place, []).extend(map(str.strip, rule.get("verbs") or ()))
    ordered = sorted(verbs, key=lambda place: "/".join([place[0] or "core", *filter(None, place[1:])]))
    return [_rule(*place, expanded(verbs[place], place[1], custom=custom)) for place in ordered]


def expanded(verbs: Iterable[str], resource: str, *, custom: bool) -> list[str]:
    """Verbs in order, each once, with those that `*` means."""
    found = set(verbs)
    if ALL in found:
        found = (found - {ALL}) | {*VERBS, *(CUSTOM_VERBS.get(resource, ()) if custom else ())}
    return sorted(found)


def _rule(group: str, resource: str, name: str, verbs: list[str]) -> Data:
    return {**role_document.rule(group, [resource], verbs), **({"resourceNames": [name]} if name else {})}


def check_resource(resource: str) -> None:
    """Names of resources are plurals. Raises Invalid, with a guess."""
    plain = resource.partition("/")[0]
    if not plain.endswith("s"):
        advice = suggestion(plain, [kind.plural for kind in KINDS.values()]) or "Write the plural, such as `stages`."
        raise Invalid(f'unrecognized resource type "{resource}"', advice=advice)


def group_of(resource: str) -> str:
    """The API group of a resource that is named without. Raises Invalid for one that is not known."""
    check_resource(resource)
    plain = resource.partition("/")[0]
    for kind in KINDS.values():
        if kind.plural == plain:
            return kind.group
    advice = suggestion(plain, [kind.plural for kind in KINDS.values()]) or "Name its API group in a rule."
    raise Invalid(f'unrecognized resource type "{resource}"', advice=advice)


def with_groups(rules: Iterable[Mapping[str, Json]]) -> list[Data]:
    """Rules that name the group of every resource, as people may leave it out. Raises Invalid."""
    found: list[Data] = []
    for rule in rules:
        if rule.get("apiGroups") or not rule.get("resources"):
            found.append(dict(rule))
            continue
        for resource in rule["resources"]:
            found.append({**rule, "apiGroups": [group_of(resource)], "resources": [resource]})
    return found


def without(rules: Iterable[Mapping[str, Json]], resource: str, name: str, verbs: Iterable[str]) -> list[Data]:
    """Rules of a Role after verbs on a resource were taken away; of all names, where none is given. Raises Invalid."""
    group, gone = group_of(resource), set(expanded(verbs, resource, custom=True))
    left: list[Data] = []
    for rule in normalized(rules):
        names = rule.get("resourceNames") or [""]
        is_meant = (rule["apiGroups"], rule["resources"]) == ([group], [resource]) and name in ("", *names)
        kept = [verb for verb in rule["verbs"] if not (is_meant and verb in gone)]
        if kept:
            left.append({**rule, "verbs": kept})
    return left


def merged(claims: Iterable[tuple[str, Iterable[str]]]) -> dict[str, list[str]]:
    """Claims by name, each value once, in order."""
    found: dict[str, set[str]] = {}
    for name, values in claims:
        found.setdefault(name, set()).update(values)
    return {name: sorted(values) for name, values in sorted(found.items())}


def more_claims(account: Document, claims: Claims) -> Data:
    """The account, with more claims than it had. Raises Invalid."""
    had = claims_of(account.meta.get("annotations") or {})
    return changed_claims(account, merged([*had.items(), *claims.items()]))


def fewer_claims(account: Document, claims: Claims) -> Data:
    """The account, without some of the claims that it had. Raises Invalid."""
    had = claims_of(account.meta.get("annotations") or {})
    left = {name: [each for each in values if each not in claims.get(name, ())] for name, values in had.items()}
    return changed_claims(account, {name: values for name, values in left.items() if values})


def changed_claims(account: Document, claims: Claims) -> Data:
    """The account, with these claims instead of those it had."""
    meta = account.meta
    return {**account.data, "metadata": {**meta, "annotations": with_claims(meta.get("annotations") or {}, claims)}}


def described(account: Data, description: str) -> Data:
    """The account, with this description, or with none."""
    meta = account["metadata"]
    kept = {key: value for key, value in meta["annotations"].items() if key != Annotation.DESCRIPTION.value}
    told = {Annotation.DESCRIPTION.value: description} if description else {}
    return {**account, "metadata": {**meta, "annotations": {**kept, **told}}}
