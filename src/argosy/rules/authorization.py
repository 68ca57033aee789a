"""Role-based access control as Kubernetes evaluates it: whether rules allow an action, and whom a binding means.

Sources: Kubernetes documentation "Using RBAC Authorization"; `pkg/registry/rbac/validation` and `pkg/apis/rbac/v1` of
Kubernetes for wildcards, subresources and names. Nothing denies: what no rule allows is not allowed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from pydantic import ValidationError

from argosy.errors import Denied, Invalid
from argosy.resources.cluster_role import AggregationRule
from argosy.resources.kind import Kind
from argosy.resources.kinds import KARGO
from argosy.resources.meta import Json
from argosy.resources.role import PolicyRule
from argosy.resources.role_binding import Subject as Bound
from argosy.resources.selector import LabelSelector
from argosy.rules.pattern import matches_labels

ALL = "*"
ACCOUNT = "system:serviceaccount:"
"""What the user name of a ServiceAccount begins with; its namespace and its name follow."""

Rules = Sequence[PolicyRule]


@dataclass(frozen=True, slots=True)
class Action:
    """What somebody wants to do.

    Attributes:
        verb: such as `get`, `deletecollection` or `promote`.
        group: API group, empty for the core.
        resource: lower-case plural.
        subresource: such as `status`, or empty.
        namespace: empty for what is in none, and for all namespaces together.
        name: empty for collections, and for what gets its name when it is created.
        path: of something that is no resource; then only it and the verb count.
    """

    verb: str
    resource: str = ""
    namespace: str = ""
    name: str = ""
    group: str = ""
    subresource: str = ""
    path: str = ""

    @classmethod
    def of(cls, verb: str, kind: Kind, namespace: str = "", name: str = "", subresource: str = "") -> Action:
        """An action on resources of a kind. A Namespace that is named counts as being in itself, as in Kubernetes."""
        namespace = name if kind.name == "Namespace" else namespace
        return cls(verb, kind.plural, namespace, name, kind.group, subresource)

    @property
    def place(self) -> str:
        """The resource as rules and messages name it."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom bindings can name: a user, and the groups it is in.

    Attributes:
        uid: of the user, and
        extra: what else was told of it; other authorisers of a cluster may look at them.
    """

    user: str
    groups: frozenset[str] = frozenset()
    uid: str = ""
    extra: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def names(self) -> Iterator[str]:
        """Under which `names_of` finds what is bound to it."""
        yield f"User:{self.user}"
        yield from (f"Group:{group}" for group in self.groups)


def account(namespace: str, name: str) -> Subject:
    """A ServiceAccount by its user name alone, as Kargo asks about those that claims match."""
    return Subject(f"{ACCOUNT}{namespace}:{name}")


def allows(rules: Iterable[PolicyRule], action: Action) -> bool:
    """Whether any of the rules allows the action; where they hold was looked at before."""
    return any(_allows(rule, action) for rule in rules)


def _allows(rule: PolicyRule, action: Action) -> bool:
    if not _has(rule.verbs, action.verb):
        return False
    if action.path:
        return any(_covers_path(pattern, action.path) for pattern in rule.non_resource_urls)
    if not _has(rule.api_groups, action.group):
        return False
    if rule.resource_names and action.name not in rule.resource_names:
        return False
    place, anywhere = action.place, f"*/{action.subresource}" if action.subresource else ALL
    return any(resource in (ALL, place, anywhere) for resource in rule.resources)


def _has(allowed: Sequence[str], wanted: str) -> bool:
    return ALL in allowed or wanted in allowed


def _covers_path(pattern: str, path: str) -> bool:
    return pattern in (ALL, path) or (pattern.endswith(ALL) and path.startswith(pattern.rstrip(ALL)))


def atoms(rules: Iterable[PolicyRule], namespace: str = "") -> Iterator[Action]:
    """What rules allow, one action at a time. Wildcards stay: only a wildcard allows such an action."""
    for rule in rules:
        yield from (Action(verb, path=path) for verb, path in product(rule.verbs, rule.non_resource_urls))
        parts = product(rule.verbs, rule.api_groups, rule.resources, rule.resource_names or ("",))
        for verb, group, resource, name in parts:
            plain, _, sub = resource.partition("/")
            yield Action(verb, plain, namespace, name, group, sub)


def forbidden(action: Action, who: str) -> Denied:
    """The error for somebody who may not do something, in the words of Kargo's API."""
    if action.path:
        return Denied(f"{action.path} is forbidden: {action.verb} is not permitted")
    place = f"{action.resource}.{action.group}" if action.group else action.resource
    named = f' "{action.name}"' if action.name else ""
    where = f" in {action.namespace}" if action.namespace else ""
    return Denied(
        f"{place}{named} is forbidden: {action.verb} is not permitted",
        advice=f"{who or 'Nobody'} needs a role that allows `{action.verb}` on {action.place}{where}.",
    )


PROMOTING = frozenset({"Promotion", "PromotionRequest"})
"""The kinds by which somebody promotes, whose `spec.stage` says to where."""


def promoting(namespace: str, stage: str) -> Action:
    """What takes to write Promotions to a Stage, besides the right to write Promotions (as Kargo's webhooks ask it)."""
    return Action("promote", "stages", namespace, stage, KARGO)


def names_of(bound: Bound, namespace: str) -> str:
    """Under which name a subject of a binding is found; empty for one that means nobody.

    Args:
        namespace: of the binding, where a ServiceAccount is that names none; empty for a ClusterRoleBinding.
    """
    if bound.kind in ("User", "Group"):
        return f"{bound.kind}:{bound.name}"
    place = bound.namespace or namespace
    return f"User:{ACCOUNT}{place}:{bound.name}" if bound.kind == "ServiceAccount" and place else ""


def gathers(rule: AggregationRule, labels: Mapping[str, str]) -> bool:
    """Whether a ClusterRole with these labels is one of those that are gathered; what is no selector finds none."""
    return any(_selects(selector, labels) for selector in rule.cluster_role_selectors)


def _selects(selector: Mapping[str, Json], labels: Mapping[str, str]) -> bool:
    try:
        return matches_labels(LabelSelector.model_validate(selector), labels)
    except (ValidationError, Invalid):
        return False


def told(rules: Iterable[PolicyRule]) -> tuple[list[dict[str, Json]], list[dict[str, Json]]]:
    """Rules as a SelfSubjectRulesReview tells them: those of resources, and those of paths."""
    of_resources: list[dict[str, Json]] = []
    of_paths: list[dict[str, Json]] = []
    for rule in rules:
        dumped = rule.compact()
        if rule.resources:
            of_resources.append({key: dumped[key] for key in dumped if key != "nonResourceURLs"})
        if rule.non_resource_urls:
            of_paths.append({"verbs": dumped["verbs"], "nonResourceURLs": dumped["nonResourceURLs"]})
    return of_resources, of_paths


def access_review(subject: Subject, action: Action) -> dict[str, Json]:
    """The SubjectAccessReview that asks a cluster whether somebody may do something."""
    told = {
        "verb": action.verb,
        "group": action.group,
        "resource": action.resource,
        "subresource": action.subresource,
        "namespace": action.namespace,
        "name": action.name,
    }
    spec: dict[str, Json] = {"user": subject.user, "groups": sorted(subject.groups)}
    if action.path:
        spec["nonResourceAttributes"] = {"verb": action.verb, "path": action.path}
    else:
        spec["resourceAttributes"] = {key: value for key, value in told.items() if value}
    if subject.uid:
        spec["uid"] = subject.uid
    if subject.extra:
        spec["extra"] = {key: [*values] for key, values in subject.extra}
    return {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec}
