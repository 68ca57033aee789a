"""What somebody gives away by a write: nobody may give what they may not do themselves.

Kubernetes keeps this rule for roles and bindings (`pkg/registry/rbac`); Kargo also for the claims of ServiceAccounts
(`pkg/server/rbac/generic_escalation.go`), by which whoever has them acts as the account. Tokens of accounts are the
same thing once more. Kubernetes' verbs `escalate` and `bind` excuse nobody, as in Kargo's API: Kargo gives every admin
of a Project all verbs on its roles.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from pydantic import ValidationError

from argosy.errors import Denied, Invalid
from argosy.resources.cluster_role import AggregationRule
from argosy.resources.kinds import KINDS
from argosy.resources.meta import Document, Json, Key
from argosy.resources.names import Annotation
from argosy.resources.role import PolicyRule
from argosy.resources.role_binding import Subject as Bound
from argosy.rules.authorization import ACCOUNT, ALL, Action, allows, atoms, gathers, names_of
from argosy.rules.claims import claims_of

KINDS_THAT_GIVE = frozenset({"Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding", "ServiceAccount", "Secret"})
"""Whose writes may give somebody rights."""

TOKEN = "kubernetes.io/service-account-token"  # noqa: S105 - the name of a type
TOKEN_ACCOUNT = Annotation.ACCOUNT_NAME.value

_OF_TOKENS = ("type", "data", "stringData")
"""Fields of a Secret that make it a token, and another one."""

MOST_ATOMS = 10_000
"""Actions that one role may allow, wildcards apart, for somebody who has to have them all."""

Data = Mapping[str, Json]

EVERYTHING = (
    PolicyRule(verbs=(ALL,), api_groups=(ALL,), resources=(ALL,)),
    PolicyRule(verbs=(ALL,), non_resource_urls=(ALL,)),
)
"""What a role that gathers rules may come to allow."""


def rules_given(old: Data | None, new: Data) -> Sequence[PolicyRule]:
    """What a Role or ClusterRole would allow. Raises Invalid."""
    gathering = new.get("aggregationRule")
    if gathering and (old is None or old.get("aggregationRule") != gathering):
        return EVERYTHING
    return rules_of(new)


def rules_had(old: Data | None, new: Data) -> Sequence[PolicyRule]:
    """What a role allowed before, which a change of it does not give.

    Nothing where the labels of a ClusterRole change, by which others may gather it. Raises Invalid.
    """
    if old is None or (new.get("kind") == "ClusterRole" and _labels(old) != _labels(new)):
        return ()
    return rules_of(old)


def rules_of(role: Data) -> list[PolicyRule]:
    """The rules written in a role. Raises Invalid."""
    try:
        return [PolicyRule.model_validate(rule) for rule in role.get("rules") or []]
    except (ValidationError, TypeError) as error:
        raise Invalid("the rules of the role cannot be read", advice="Write a list of rules.") from error


def gathered_rules(role: Document, others: Iterable[Document]) -> list[PolicyRule]:
    """The rules of a ClusterRole, with those that it gathers from others."""
    found = rules_of(role.data)
    if role.data.get("aggregationRule"):
        rule = AggregationRule.model_validate(role.data["aggregationRule"])
        for other in others:
            if gathers(rule, other.meta.get("labels") or {}):
                found += rules_of(other.data)
    return found


def role_given(old: Data | None, new: Data) -> Key | None:
    """The role that a binding would give to somebody who has not got it by this; None when nobody gets anything."""
    if old is not None and all(old.get(field) == new.get(field) for field in ("roleRef", "subjects")):
        return None
    return role_bound(new)


def role_bound(binding: Data) -> Key:
    """The role that a binding leads to. Raises Invalid for what is no role."""
    reference = binding.get("roleRef")
    kind, name = (reference.get("kind"), reference.get("name")) if isinstance(reference, Mapping) else (None, None)
    namespace = str((binding.get("metadata") or {}).get("namespace") or "")
    if kind == "ClusterRole":
        return Key("ClusterRole", "", str(name))
    if kind == "Role" and namespace:
        return Key("Role", namespace, str(name))
    raise Invalid("roleRef does not name a role", advice="Name a ClusterRole, or a Role of the binding's namespace.")


def account_given(old: Data | None, new: Data) -> tuple[str, str] | None:
    """The ServiceAccount that others could act as from now on, by claims or by a token. Raises Invalid."""
    meta = new.get("metadata") or {}
    if new.get("kind") == "ServiceAccount":
        had = _claims(old) if old is not None else {}
        if all(set(values) <= set(had.get(name, ())) for name, values in _claims(new).items()):
            return None
        return str(meta.get("namespace") or ""), str(meta.get("name") or "")
    if new.get("type") != TOKEN:
        return None
    name = _annotations(new).get(TOKEN_ACCOUNT)
    if old is not None and all(old.get(field) == new.get(field) for field in _OF_TOKENS) and _same_meta(old, meta):
        return None
    return (str(meta.get("namespace") or ""), str(name)) if name else None


def _same_meta(old: Data, meta: Data) -> bool:
    before = old.get("metadata") or {}
    return all((before.get(field) or {}) == (meta.get(field) or {}) for field in ("annotations", "labels"))


def _claims(account: Data) -> dict[str, list[str]]:
    return claims_of(_annotations(account))


def _labels(document: Data) -> Json:
    return (document.get("metadata") or {}).get("labels") or {}


def _annotations(document: Data) -> Mapping[str, str]:
    found = (document.get("metadata") or {}).get("annotations")
    return found if isinstance(found, Mapping) else {}


def _bound_subjects(binding: Document) -> list[Bound]:
    """To whom a binding gives something; nobody where that cannot be read."""
    try:
        return [Bound.model_validate(each) for each in binding.data.get("subjects") or []]
    except (ValidationError, TypeError):
        return []


def is_bound(binding: Document, account: tuple[str, str]) -> bool:
    """Whether a binding gives something to a ServiceAccount, by its name alone."""
    user = f"User:{ACCOUNT}{account[0]}:{account[1]}"
    return any(names_of(each, binding.key.namespace) == user for each in _bound_subjects(binding))


def needed(rules: Iterable[PolicyRule], namespace: str, had: Sequence[PolicyRule] = ()) -> list[Action]:
    """What somebody must be allowed to give rules away. Raises Invalid when that is too much to look at.

    Args:
        had: what was given already, which is not given by this.
    """
    found = list(islice(atoms(rules, namespace), MOST_ATOMS + 1))
    if len(found) > MOST_ATOMS:
        raise Invalid(
            f"the role allows more than {MOST_ATOMS} actions", advice="Divide it into several, or use wildcards."
        )
    return [action for action in found if not allows(had, action)]


def escalating(what: Key, missing: Action) -> Denied:
    """The error for whoever would give away what they may not do themselves."""
    kind = KINDS[what.kind]
    place = f"{kind.plural}.{kind.group}" if kind.group else kind.plural
    named = f' "{what.name}"' if what.name else ""
    thing = missing.path or missing.place
    return Denied(
        f"{place}{named} is forbidden: nobody may grant what they may not do themselves: "
        f'verb "{missing.verb}" on "{thing}"',
        advice="Leave that out, or ask somebody who may do it.",
    )
