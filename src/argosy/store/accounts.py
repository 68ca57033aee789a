"""Whose claims match which ServiceAccounts: an index of all that name claims, kept by watching them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from argosy.clock import Clock
from argosy.resources.meta import Document, Json, Key
from argosy.rules.claims import Claim, pairs, wanted
from argosy.rules.project import is_ours
from argosy.store.base import Store
from argosy.store.followed import Followed

Account = tuple[str, str]
"""Namespace and name."""


class Accounts:
    """ServiceAccounts by the claims that they name.

    Only those count that are in the Namespace of a Project, or in one of `everywhere` (as in `auth_middleware.go` of
    Kargo).

    Args:
        store: bare of permissions.
        everywhere: namespaces whose accounts count in every other.
    """

    def __init__(self, store: Store, clock: Clock, everywhere: Iterable[str]) -> None:
        self.everywhere = frozenset(everywhere) - {""}
        self._named: dict[Account, frozenset[Claim]] = {}
        self._found: dict[Claim, set[Account]] = {}
        self._projects: set[str] = set()
        self._followed = Followed(store, ("Namespace", "ServiceAccount"), clock, self._put, self._drop)

    async def run(self) -> None:
        """Follow until cancelled."""
        await self._followed.run()

    async def matching(self, claims: Mapping[str, Json]) -> frozenset[Account]:
        """The accounts that somebody of whom this is said acts as. Raises Unavailable while they were not read."""
        await self._followed.complete()
        found = {each for claim in pairs(claims) for each in self._found.get(claim, ())}
        return frozenset(each for each in found if each[0] in self._projects or each[0] in self.everywhere)

    def learn(self, document: Document) -> None:
        """Something has just been written."""
        if document.key.kind in ("Namespace", "ServiceAccount"):
            self._followed.learn(document)

    def forget(self, key: Key) -> None:
        """Something has just been deleted."""
        if key.kind in ("Namespace", "ServiceAccount"):
            self._followed.forget(key)

    def _put(self, document: Document) -> None:
        if document.key.kind == "Namespace":
            keep = self._projects.add if is_ours(document) else self._projects.discard
            keep(document.key.name)
            return
        account = (document.key.namespace, document.key.name)
        self._index(account, wanted(document.meta.get("annotations") or {}))

    def _drop(self, key: Key) -> None:
        if key.kind == "Namespace":
            self._projects.discard(key.name)
        else:
            self._index((key.namespace, key.name), frozenset())

    def _index(self, account: Account, claims: frozenset[Claim]) -> None:
        for claim in self._named.pop(account, frozenset()):
            self._found[claim].discard(account)
            if not self._found[claim]:
                del self._found[claim]
        if claims:
            self._named[account] = claims
        for claim in claims:
            self._found.setdefault(claim, set()).add(account)
