"""Argo CD, played by its documented protocol: an application controller that takes up operations and refreshes.

The Applications lie on a `Shelf`: in memory, or on a real Kubernetes API server (`argocd_cluster`); Argo CD's own HTTP
API over any shelf is `argocd_server`. Every delay is a matter of `Manners`, so the ugly timings can be had on purpose.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Protocol

from argosy.clients.selection import Change
from argosy.clock import Clock, rfc3339
from argosy.errors import Conflict, NotFound
from argosy.rules.argocd import REFRESH, Application, promotion_of
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


@dataclass
class Manners:
    """How Argo CD behaves. Times are in seconds.

    Attributes:
        begin, sync, refresh: until an operation is taken up, how long it runs, and until a refresh is done.
        settle: how long an Application is Progressing after a sync.
        health: what it is then.
        phase, message: how syncs end.
        lag: so many syncs and refreshes still see the revision from before.
        looks_after: whether Argo CD looks again by itself after a sync; the health is the one from before until then.
        tells_result: whether an ended operation says what it synced.
        heals: whether another operation, of Argo CD itself, follows each of a promotion at once.
    """

    begin: float = 0.0
    sync: float = 0.0
    refresh: float = 0.0
    settle: float = 0.0
    health: str = "Healthy"
    phase: str = "Succeeded"
    message: str = "successfully synced"
    lag: int = 0
    looks_after: bool = True
    tells_result: bool = True
    heals: bool = False


@dataclass
class ArgoCd:
    """The application controller.

    Attributes:
        shelf: where the Applications are.
        revision: the commit or version that a source's repository has now for its `targetRevision`.
        manners: as they are when something begins; change them at any time.
        begun: the operations that were begun, in order, by the Application's name.
    """

    shelf: Shelf
    clock: Clock
    revision: Callable[[Mapping[str, Any]], str]
    manners: Manners = field(default_factory=Manners)
    begun: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    _live: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    _seen: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    _settled: dict[tuple[str, str], float] = field(default_factory=dict)
    _busy: set[tuple[tuple[str, str], str]] = field(default_factory=set)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[ArgoCd]:
        """Turns until the block ends."""
        task = asyncio.create_task(self.run(), name="argocd")
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def run(self) -> None:
        """Take up what is asked for, until cancelled. Operations and looks go on beside each other."""
        async with asyncio.TaskGroup() as tasks, contextlib.aclosing(self.shelf.watch()) as changes:
            async for change in changes:
                if change.type in ("ADDED", "MODIFIED"):
                    self._take_up(tasks, Application(change.object))

    def _take_up(self, tasks: asyncio.TaskGroup, app: Application) -> None:
        if app.requested is not None and (app.operation is None or app.phase == "Running"):
            self._once(tasks, app, "operation", self._operate)
        if app.is_refreshing or not app.status:
            self._once(tasks, app, "refresh", self._refresh)

    def _once(self, tasks: asyncio.TaskGroup, app: Application, what: str, work: Callable[..., Any]) -> None:
        key = (app.namespace, app.name)
        if (key, what) in self._busy:
            return
        self._busy.add((key, what))

        async def run() -> None:
            with contextlib.suppress(NotFound):
                await work(key)
            self._busy.discard((key, what))
            with contextlib.suppress(NotFound):
                self._take_up(tasks, Application(await self.shelf.get(*key)))

        tasks.create_task(run())

    async def _operate(self, key: tuple[str, str]) -> None:
        """From taking up an operation to its end."""
        manners = self.manners
        await self.clock.sleep(manners.begin)
        app = Application(await self.shelf.get(*key))
        if app.requested is None:
            return
        operation = dict(app.requested)
        self.begun.append((app.name, operation))
        state = {"operation": operation, "phase": "Running", "startedAt": self._now(), "message": "syncing"}
        await self.shelf.patch(*key, {"status": {"operationState": state}})
        await self.clock.sleep(manners.sync)
        app = Application(await self.shelf.get(*key))
        revisions = self._revisions(app, key)
        state |= {"phase": manners.phase, "message": manners.message, "finishedAt": self._now()}
        if manners.tells_result:
            state["syncResult"] = _told(app, revisions)
        if manners.phase == "Succeeded":
            self._live[key] = revisions
            self._settled[key] = self.clock.monotonic() + manners.settle
        await self.shelf.patch(*key, {"operation": None, "status": {"operationState": state}})
        if manners.looks_after:
            await self._look(key, {})
            await self._settle(key, manners)
        if manners.heals and promotion_of(operation):
            await self._heal(key)

    async def _settle(self, key: tuple[str, str], manners: Manners) -> None:
        """Health changes as soon as the cluster does; that is no look at the repository."""
        if manners.settle:
            await self.clock.sleep(manners.settle)
            await self.shelf.patch(*key, {"status": {"health": {"status": self._health(key)}}})

    async def _heal(self, key: tuple[str, str]) -> None:
        operation = {"initiatedBy": {"automated": True}, "sync": {}}
        await self.shelf.patch(*key, {"operation": operation, "status": {"operationState": None}})

    async def _refresh(self, key: tuple[str, str]) -> None:
        await self.clock.sleep(self.manners.refresh)
        await self._look(key, {"annotations": {REFRESH: None}})

    async def _look(self, key: tuple[str, str], meta: Mapping[str, Any]) -> None:
        """Compare with the repository, judge health, and say so."""
        app = Application(await self.shelf.get(*key))
        revisions = self._revisions(app, key)
        live = self._live.setdefault(key, revisions)
        status = {
            "health": {"status": self._health(key)},
            "sync": {"status": "Synced" if live == revisions else "OutOfSync", **_told(app, revisions)},
            "reconciledAt": self._now(),
        }
        await self.shelf.patch(*key, {"metadata": dict(meta), "status": status} if meta else {"status": status})

    def _revisions(self, app: Application, key: tuple[str, str]) -> tuple[str, ...]:
        if self.manners.lag > 0 and key in self._seen:
            self.manners.lag -= 1
            return self._seen[key]
        self._seen[key] = tuple(self.revision(source) for source in app.sources)
        return self._seen[key]

    def _health(self, key: tuple[str, str]) -> str:
        return "Progressing" if self.clock.monotonic() < self._settled.get(key, 0.0) else self.manners.health

    def _now(self) -> str:
        return rfc3339(self.clock.now())


def _told(app: Application, revisions: tuple[str, ...]) -> Data:
    return {"revisions": list(revisions)} if app.spec.get("sources") else {"revision": "".join(revisions)}


def application(name: str, *sources: Mapping[str, Any], namespace: str = "argocd", **meta: Any) -> Data:
    """An Application as people write it; more than one source makes it one of several sources."""
    spec: Data = {"project": "default", "destination": {"namespace": name, "server": "https://kubernetes.default.svc"}}
    spec |= {"source": dict(sources[0])} if len(sources) == 1 else {"sources": [dict(each) for each in sources]}
    head = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application"}
    return {**head, "metadata": {"name": name, "namespace": namespace, **meta}, "spec": spec}
