"""Keeps writers from giving away more than they have: reads what a write would give, and asks whether they have it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

from argosy.resources.meta import Document, Json, Key
from argosy.resources.role import PolicyRule
from argosy.rules import escalation as rules
from argosy.store.base import Query, Store
from argosy.store.principal import principal
from argosy.store.rights import Rights


class Escalation:
    """Checks writes of what gives rights: roles, bindings, accounts with claims, tokens.

    Args:
        store: bare of permissions: what a role allows counts, not whether the writer may read it.
    """

    def __init__(self, store: Store, rights: Rights) -> None:
        self._store = store
        self._rights = rights

    async def check(self, old: Document | None, new: Mapping[str, Json]) -> None:
        """See that the present principal has what it would give. Raises Denied, Invalid, NotFound (a role)."""
        key, before = Key.of(new), old.data if old is not None else None
        match key.kind:
            case "Role" | "ClusterRole":
                had = rules.rules_had(before, new)
                await self._check(key, rules.rules_given(before, new), key.namespace, had)
            case "RoleBinding" | "ClusterRoleBinding":
                role = rules.role_given(before, new)
                if role is not None:
                    await self._check(key, await self._rules(role), key.namespace)
            case "ServiceAccount" | "Secret":
                account = rules.account_given(before, new)
                if account is not None:
                    await self.check_account(key, account)

    async def check_account(self, key: Key, account: tuple[str, str]) -> None:
        """See that the present principal has all that a ServiceAccount may do. Raises Denied.

        Args:
            key: what the error is about.
        """
        async for namespace, given in self._of_account(account):
            await self._check(key, given, namespace)

    async def _of_account(self, account: tuple[str, str]) -> AsyncIterator[tuple[str, Sequence[PolicyRule]]]:
        """What an account may do, and where; elsewhere than in its own namespace only where it counts there."""
        place = None if self._rights.is_global(account[0]) else account[0]
        for query in (Query("RoleBinding", place), Query("ClusterRoleBinding")):
            for binding in (await self._store.list(query)).documents:
                if rules.is_bound(binding, account):
                    yield binding.key.namespace, await self._rules(rules.role_bound(binding.data))

    async def _rules(self, role: Key) -> list[PolicyRule]:
        found = await self._store.get(role)
        others: Iterable[Document] = ()
        if found.data.get("aggregationRule"):
            others = (await self._store.list(Query("ClusterRole"))).documents
        return rules.gathered_rules(found, others)

    async def _check(
        self, key: Key, given: Iterable[PolicyRule], namespace: str, had: Sequence[PolicyRule] = ()
    ) -> None:
        who = principal.get()
        for action in rules.needed(given, namespace, had):
            if not await self._rights.allows(action, who):
                raise rules.escalating(key, action)
