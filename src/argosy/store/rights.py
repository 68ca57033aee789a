"""Who may do what: a principal's accounts, users and groups, asked one after the other of whoever knows the roles.

This is the one place that decides. The store that routes get asks it before everything (`store.permission`); verbs that
are no operation of a store are asked for by `Rights.require`. As in Kargo (`pkg/server/kubernetes/client.go`), an
account that somebody's claims match counts in its own namespace, for the Project of that name, and, where its
namespace is one of the global ones, everywhere.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from argosy.resources.kinds import KARGO
from argosy.resources.meta import Document, Json, Key
from argosy.resources.role import PolicyRule
from argosy.rules.authorization import Action, Subject, account, forbidden
from argosy.store.accounts import Accounts
from argosy.store.principal import Principal, principal

ITSELF = Principal("", may_all=True)


class Authorizer(Protocol):
    """Knows roles and bindings."""

    async def allows(self, subject: Subject, action: Action) -> bool:
        """Whether anything allows it. Raises Unavailable and what a connection raises when that cannot be told."""
        ...

    async def rules(self, subject: Subject, namespace: str) -> Sequence[PolicyRule] | None:
        """All that holds in a namespace, for people to read; None where nobody can list it."""
        ...

    def learn(self, document: Document) -> None:
        """Something has just been written, which may be a role."""
        ...

    def forget(self, key: Key) -> None:
        """Something has just been deleted, which may be a role."""
        ...

    async def run(self) -> None:
        """Keep up to date until cancelled."""
        ...


class NoRoles:
    """Where there are no roles: only those may do anything who may do everything."""

    async def allows(self, subject: Subject, action: Action) -> bool:
        return False

    async def rules(self, subject: Subject, namespace: str) -> Sequence[PolicyRule] | None:
        return ()

    def learn(self, document: Document) -> None:
        """There is nothing to learn."""

    def forget(self, key: Key) -> None:
        """There is nothing to forget."""

    async def run(self) -> None:
        """There is nothing to keep up with."""


class Rights:
    """What principals may do.

    Args:
        authorizer: knows the roles.
        accounts: knows whose claims match which ServiceAccounts; without, nobody's do.
    """

    def __init__(self, authorizer: Authorizer, accounts: Accounts | None = None) -> None:
        self._authorizer = authorizer
        self._accounts = accounts

    async def require(
        self,
        verb: str,
        resource: str,
        namespace: str = "",
        name: str = "",
        *,
        group: str = KARGO,
        subresource: str = "",
    ) -> None:
        """See that the present principal may do something. Raises Denied."""
        await self.demand(Action(verb, resource, namespace, name, group, subresource))

    async def demand(self, action: Action) -> None:
        """See that the present principal may do something. Raises Denied."""
        who = principal.get()
        if not await self.allows(action, who):
            raise forbidden(action, who.actor if who else "")

    async def allows(self, action: Action, who: Principal | None) -> bool:
        """Whether somebody may do something. Nobody may nothing."""
        if who is None:
            return False
        if who.may_all:
            return True
        for subject in self._subjects(who, action.namespace or _project(action)):
            if await self._authorizer.allows(subject, action):
                return True
        return False

    async def rules(self, namespace: str, who: Principal | None) -> tuple[list[PolicyRule], bool]:
        """What somebody may do in a namespace, and whether that is all of it."""
        if who is not None and who.may_all:
            every = ("*",)
            return [PolicyRule(verbs=every, api_groups=every, resources=every, non_resource_urls=every)], True
        found: list[PolicyRule] = []
        is_all = True
        for subject in self._subjects(who, namespace) if who is not None else ():
            rules = await self._authorizer.rules(subject, namespace)
            is_all = is_all and rules is not None
            found += [rule for rule in rules or () if rule not in found]
        return found, is_all

    async def accounts(self, claims: Mapping[str, Json]) -> frozenset[tuple[str, str]]:
        """The ServiceAccounts, as namespace and name, that somebody of whom this is said acts as."""
        return await self._accounts.matching(claims) if self._accounts is not None else frozenset()

    def is_global(self, namespace: str) -> bool:
        """Whether accounts of a namespace count everywhere."""
        return self._accounts is not None and namespace in self._accounts.everywhere

    def learn(self, document: Document) -> None:
        """Something has just been written: what it allows holds from now on."""
        self._authorizer.learn(document)
        if self._accounts is not None:
            self._accounts.learn(document)

    def forget(self, key: Key) -> None:
        """Something has just been deleted: what it allowed holds no more."""
        self._authorizer.forget(key)
        if self._accounts is not None:
            self._accounts.forget(key)

    async def run(self) -> None:
        """Keep up to date until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._authorizer.run(), name="roles")
            if self._accounts is not None:
                tasks.create_task(self._accounts.run(), name="accounts")

    def _subjects(self, who: Principal, namespace: str) -> Iterator[Subject]:
        if who.user:
            yield Subject(who.user, who.groups, who.uid, who.extra)
        near = [each for each in who.accounts if each[0] == namespace]
        far = [each for each in who.accounts if each[0] != namespace and self.is_global(each[0])]
        yield from (account(*each) for each in sorted(near) + sorted(far))


def _project(action: Action) -> str:
    """The namespace that a Project of this name has; accounts in it count for it."""
    return action.name if (action.group, action.resource) == (KARGO, "projects") else ""


@contextlib.contextmanager
def as_itself() -> Iterator[None]:
    """For what Argosy does of itself, with all rights, while it answers somebody who was asked for theirs before.

    Who is recorded as having done it (`store.actor`) stays the same.
    """
    token = principal.set(ITSELF)
    try:
        yield
    finally:
        principal.reset(token)
