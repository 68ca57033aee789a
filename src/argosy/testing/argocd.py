"""Argo CD, played by its documented protocol: an application controller that takes up operations and refreshes.

The Applications lie on a shelf: in memory (`argocd_shelf`), or on a real Kubernetes API server (`argocd_cluster`); Argo
CD's own HTTP API over any shelf is `argocd_server`. Every delay is a matter of `Manners`, so the ugly timings can be
had on purpose.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from argosy.clock import Clock, rfc3339
from argosy.errors import NotFound
from argosy.rules.argocd import REFRESH, Application, promotion_of
from argosy.testing.argocd_shelf import Data, Shelf


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
        namespaces: whose Applications it looks after; all when empty.
        manners: as they are when something begins; change them at any time.
        begun: the operations that were begun, in order, by the Application's name.
        looks: how often it has looked at any Application because somebody asked it to.
    """

    shelf: Shelf
    clock: Clock
    revision: Callable[[Mapping[str, Any]], str]
    namespaces: set[str] = field(default_factory=set)
    manners: Manners = field(default_factory=Manners)
    begun: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    looks: int = 0
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
                app = Application(change.object)
                if change.type in ("ADDED", "MODIFIED") and app.namespace in (self.namespaces or {app.namespace}):
                    self._take_up(tasks, app)

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
        revisions = _named(operation) or self._revisions(app, key)
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
        self.looks += 1
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


def _named(operation: Mapping[str, Any]) -> tuple[str, ...]:
    """The revisions that an operation names; none when the repositories decide."""
    sync = operation.get("sync") or {}
    return tuple(sync.get("revisions") or ()) or ((sync["revision"],) if sync.get("revision") else ())


def _told(app: Application, revisions: tuple[str, ...]) -> Data:
    return {"revisions": list(revisions)} if app.spec.get("sources") else {"revision": "".join(revisions)}


def application(name: str, *sources: Mapping[str, Any], namespace: str = "argocd", **meta: Any) -> Data:
    """An Application as people write it; more than one source makes it one of several sources."""
    spec: Data = {"project": "default", "destination": {"namespace": name, "server": "https://kubernetes.default.svc"}}
    spec |= {"source": dict(sources[0])} if len(sources) == 1 else {"sources": [dict(each) for each in sources]}
    head = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application"}
    return {**head, "metadata": {"name": name, "namespace": namespace, **meta}, "spec": spec}
