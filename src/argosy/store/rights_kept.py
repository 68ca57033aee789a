"""Roles and bindings of the embedded server, which evaluates them itself: an index kept by watching them."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import orjson
from pydantic import ValidationError

from argosy.clock import Clock
from argosy.resources.cluster_role import AggregationRule
from argosy.resources.meta import Document, Json, Key
from argosy.resources.role import PolicyRule
from argosy.resources.role_binding import Subject as Bound
from argosy.rules.authorization import Action, Subject, allows, gathers, names_of
from argosy.store.base import Store
from argosy.store.followed import Followed
from argosy.store.typed import faults

log = logging.getLogger(__name__)

ROLES = ("Role", "ClusterRole")
BINDINGS = ("RoleBinding", "ClusterRoleBinding")
KINDS = (*ROLES, *BINDINGS)

MOST = 50_000
"""Answers that are remembered, until any role changes: those who watch ask with every event."""

Rules = tuple[PolicyRule, ...]


@dataclass(frozen=True, slots=True)
class _Role:
    rules: Rules = ()
    gathers: AggregationRule | None = None
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Binding:
    role: Key
    names: frozenset[str]


class KeptRights:
    """An `Authorizer` that knows every role of a store; what is allowed is looked up in memory.

    Args:
        store: bare of permissions.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._roles: dict[Key, _Role] = {}
        self._bindings: dict[Key, _Binding] = {}
        self._bound: dict[str, set[Key]] = {}
        self._answers: dict[tuple[Subject, Action], bool] = {}
        self._followed = Followed(store, KINDS, clock, self._put, self._drop)

    async def run(self) -> None:
        """Follow until cancelled."""
        await self._followed.run()

    async def allows(self, subject: Subject, action: Action) -> bool:
        """Raises Unavailable while roles were not read."""
        known = self._answers.get((subject, action))
        if known is not None:
            return known
        await self._followed.complete()
        if len(self._answers) >= MOST:
            self._answers.clear()
        allowed = any(allows(rules, action) for rules in self._rules(subject, action.namespace))
        self._answers[subject, action] = allowed
        return allowed

    async def rules(self, subject: Subject, namespace: str) -> Sequence[PolicyRule] | None:
        """All that holds in a namespace. Raises Unavailable while roles were not read."""
        await self._followed.complete()
        return [rule for rules in self._rules(subject, namespace) for rule in rules]

    def learn(self, document: Document) -> None:
        """Something has just been written."""
        if document.key.kind in KINDS:
            self._followed.learn(document)

    def forget(self, key: Key) -> None:
        """Something has just been deleted."""
        if key.kind in KINDS:
            self._followed.forget(key)

    def _rules(self, subject: Subject, namespace: str) -> Iterator[Rules]:
        for name in subject.names:
            for key in self._bound.get(name, ()):
                if not key.namespace or key.namespace == namespace:
                    yield from self._of_role(self._bindings[key].role)

    def _of_role(self, key: Key) -> Iterator[Rules]:
        role = self._roles.get(key)
        if role is None:
            return
        if role.gathers is None:
            yield role.rules
            return
        for other_key, other in self._roles.items():
            if other_key.kind == "ClusterRole" and other.gathers is None and gathers(role.gathers, other.labels):
                yield other.rules

    def _put(self, document: Document) -> None:
        self._answers.clear()
        try:
            if document.key.kind in ROLES:
                self._roles[document.key] = _role(document)
            else:
                self._bind(document.key, _binding(document))
        except ValidationError as error:
            log.warning("%s allows nothing, as it is not understood: %s", document.key, faults(error))
            self._drop(document.key)

    def _drop(self, key: Key) -> None:
        self._answers.clear()
        if key.kind in ROLES:
            self._roles.pop(key, None)
        else:
            self._bind(key, None)

    def _bind(self, key: Key, binding: _Binding | None) -> None:
        old = self._bindings.pop(key, None)
        for name in old.names if old else ():
            self._bound[name].discard(key)
            if not self._bound[name]:
                del self._bound[name]
        if binding is not None:
            self._bindings[key] = binding
            for name in binding.names:
                self._bound.setdefault(name, set()).add(key)


def _role(document: Document) -> _Role:
    data = document.data
    gathering = data.get("aggregationRule")
    return _Role(
        _parsed(orjson.dumps(data.get("rules") or [])),
        AggregationRule.model_validate(gathering) if gathering else None,
        dict(document.meta.get("labels") or {}) if document.key.kind == "ClusterRole" else {},
    )


@lru_cache(maxsize=4096)
def _parsed(rules: bytes) -> Rules:
    """Rules that are the same, as those of all Projects are, share one parsed form."""
    return tuple(PolicyRule.model_validate(rule) for rule in orjson.loads(rules))


def _binding(document: Document) -> _Binding:
    namespace = document.key.namespace
    subjects = [Bound.model_validate(each) for each in document.data.get("subjects") or []]
    names = {names_of(each, namespace) for each in subjects} - {""}
    return _Binding(_leads_to(document.data.get("roleRef") or {}, namespace), frozenset(names))


def _leads_to(reference: Mapping[str, Json], namespace: str) -> Key:
    """The role; one that cannot be where there is none of such a kind there."""
    kind = str(reference.get("kind") or "")
    return Key(kind, namespace if kind == "Role" else "", str(reference.get("name") or ""))
