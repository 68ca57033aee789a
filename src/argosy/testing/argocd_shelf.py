"""Where the Applications of a played Argo CD lie: the protocol of a shelf, one in memory, and a client of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Protocol

from argosy.clients.selection import Change
from argosy.errors import Conflict, NotFound
from argosy.rules.argocd import REFRESH, Application
from argosy.rules.argocd_change import Sync
from argosy.rules.patch import merge

Data = dict[str, Any]


class Shelf(Protocol):
    """Where Applications are kept. Writes are merge patches; with `resourceVersion` they may raise Conflict."""

    async def get(self, namespace: str, name: str) -> Data: ...
    async def all(self) -> list[Data]: ...
    async def patch(self, namespace: str, name: str, patch: Mapping[str, Any]) -> Data: ...
    def watch(self) -> AsyncGenerator[Change]: ...


class MemoryShelf:
    """Applications in memory."""

    def __init__(self) -> None:
        self._apps: dict[tuple[str, str], Data] = {}
        self._version = 0
        self._watchers: set[asyncio.Queue[Change]] = set()
        self.patches: list[Mapping[str, Any]] = []

    def put(self, app: Data) -> Data:
        """Create an Application, or replace it."""
        meta = app["metadata"]
        known = (meta["namespace"], meta["name"]) in self._apps
        return self._store(deepcopy(app), "MODIFIED" if known else "ADDED")

    def remove(self, namespace: str, name: str) -> None:
        """Delete an Application."""
        gone = self._apps.pop((namespace, name))
        self._tell(Change("DELETED", gone))

    async def get(self, namespace: str, name: str) -> Data:
        return deepcopy(self.now(namespace, name))

    def now(self, namespace: str, name: str) -> Data:
        """An Application as it is. Raises NotFound."""
        try:
            return self._apps[namespace, name]
        except KeyError:
            raise NotFound(f'applications.argoproj.io "{name}" not found') from None

    async def all(self) -> list[Data]:
        return [deepcopy(app) for _, app in sorted(self._apps.items())]

    async def patch(self, namespace: str, name: str, patch: Mapping[str, Any]) -> Data:
        before = self.now(namespace, name)
        version = (patch.get("metadata") or {}).get("resourceVersion")
        if version is not None and version != before["metadata"]["resourceVersion"]:
            raise Conflict(f'Operation cannot be fulfilled on applications.argoproj.io "{name}"')
        self.patches.append(deepcopy(patch))
        patched: Data = merge(before, dict(patch))
        if {**patched, "metadata": None} == {**before, "metadata": None} and patched["metadata"] == before["metadata"]:
            return deepcopy(before)
        return deepcopy(self._store(patched, "MODIFIED"))

    async def watch(self) -> AsyncGenerator[Change]:
        changes: asyncio.Queue[Change] = asyncio.Queue()
        self._watchers.add(changes)
        try:
            for app in await self.all():
                yield Change("ADDED", app)
            while True:
                yield await changes.get()
        finally:
            self._watchers.discard(changes)

    def _store(self, app: Data, event: str) -> Data:
        self._version += 1
        app["metadata"] = {**app["metadata"], "resourceVersion": str(self._version)}
        self._apps[app["metadata"]["namespace"], app["metadata"]["name"]] = app
        self._tell(Change(event, app))
        return app

    def _tell(self, change: Change) -> None:
        for watcher in self._watchers:
            watcher.put_nowait(Change(change.type, deepcopy(change.object)))


@dataclass
class MemoryApplications:
    """The client's side of a shelf (`clients.argocd.Applications`), without a network. Read `syncs` after."""

    shelf: Shelf
    namespace: str = "argocd"
    syncs: list[Sync] = field(default_factory=list)
    refreshes: list[tuple[str, bool]] = field(default_factory=list)

    async def get(self, namespace: str, name: str) -> Data:
        return await self.shelf.get(namespace, name)

    async def select(self, namespace: str, labels: str) -> Sequence[Data]:
        found = [app for app in await self.shelf.all() if app["metadata"]["namespace"] == namespace]
        return [app for app in found if matches(labels, app["metadata"].get("labels") or {})]

    async def sync(self, app: Application, sync: Sync) -> None:
        patch: Data = {
            "metadata": {"annotations": {REFRESH: "hard"}, "resourceVersion": app.meta["resourceVersion"]},
            "operation": dict(sync.operation),
            "status": {"operationState": None},
            **({"spec": dict(sync.spec)} if sync.spec else {}),
        }
        await self.shelf.patch(app.namespace, app.name, patch)
        self.syncs.append(sync)

    async def refresh(self, app: Application, *, hard: bool) -> None:
        self.refreshes.append((app.name, hard))
        patch = {"metadata": {"annotations": {REFRESH: "hard" if hard else "normal"}}}
        await self.shelf.patch(app.namespace, app.name, patch)

    def watch(self) -> AsyncGenerator[Change]:
        return self.shelf.watch()

    async def close(self) -> None:
        """There is nothing to close."""


def matches(selector: str, labels: Mapping[str, str]) -> bool:
    """Whether labels satisfy a selector of the forms `a=b`, `a in (b,c)`, `a notin (b)`, `a` and `!a`, in a list."""
    return all(_holds(term.strip(), labels) for term in _terms(selector))


def _terms(selector: str) -> list[str]:
    found, depth = [""], 0
    for char in selector:
        depth += {"(": 1, ")": -1}.get(char, 0)
        if char == "," and not depth:
            found.append("")
        else:
            found[-1] += char
    return [term for term in found if term.strip()]


def _holds(term: str, labels: Mapping[str, str]) -> bool:
    for word, wanted in ((" notin ", False), (" in ", True)):
        if word in term:
            key, _, values = term.partition(word)
            listed = {value.strip() for value in values.strip().strip("()").split(",")}
            return (labels.get(key.strip()) in listed) is wanted
    if term.startswith("!"):
        return term[1:] not in labels
    if "=" in term:
        key, _, value = term.partition("=")
        return labels.get(key) == value
    return term in labels
