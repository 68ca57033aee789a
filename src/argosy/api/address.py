"""What a path of the API names: a kind, and where in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from argosy.resources.kind import Kind
from argosy.resources.meta import Key

Catalogue = Mapping[tuple[str, str, str], Kind]
"""Kinds by group, version and plural."""

SUBRESOURCES = frozenset({"status", "log", "plan"})


@dataclass(frozen=True, slots=True)
class Address:
    """Where a request goes.

    Attributes:
        kind: the kind.
        namespace: None for cluster-scoped kinds, and for all namespaces together.
        name: empty for the collection.
        sub: `status`, `log`, `plan` or empty.
    """

    kind: Kind
    namespace: str | None = None
    name: str = ""
    sub: str = ""

    @property
    def key(self) -> Key:
        return Key(self.kind.name, self.namespace or "", self.name)


def catalogue(kinds: Iterable[Kind]) -> Catalogue:
    """Index the kinds by what paths call them."""
    return {(kind.group, kind.version, kind.plural): kind for kind in kinds}


def parse_path(path: str, kinds: Catalogue) -> Address | None:
    """The address that `/api/v1/...` or `/apis/GROUP/VERSION/...` names; None when nothing is served there."""
    parts = path.strip("/").split("/")
    if parts[0] == "api":
        parts = ["", *parts[1:]]
    elif parts[0] == "apis":
        parts = parts[1:]
    else:
        return None
    if len(parts) < 3 or "" in parts[1:]:
        return None
    group, version, rest = parts[0], parts[1], parts[2:]
    namespace = None
    if rest[0] == "namespaces" and len(rest) >= 3 and (group or rest[2] not in SUBRESOURCES):
        namespace, rest = rest[1], rest[2:]
    kind = kinds.get((group, version, rest[0]))
    if kind is None or len(rest) > 3:
        return None
    address = Address(kind, namespace, *rest[1:])
    return address if _fits(address) else None


def _fits(address: Address) -> bool:
    """Whether the kind is served in this place."""
    kind = address.kind
    if address.namespace is not None and not kind.namespaced:
        return False
    if address.name and kind.namespaced and address.namespace is None:
        return False
    if not address.sub:
        return True
    if address.sub == "status":
        return kind.status
    return (address.sub, kind.name) in (("log", "Promotion"), ("plan", "Stage"))
