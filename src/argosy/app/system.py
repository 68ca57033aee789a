"""Everything but the network: the store behind admission, and the controllers that turn."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from random import SystemRandom
from typing import Any

from argosy.app.news import News, news_for
from argosy.app.project import keep_retention, project_controllers
from argosy.app.replica import make_folder
from argosy.app.store import check_backend, open_backend
from argosy.app.system_role import ensure_system_roles
from argosy.app.tools import Tools, open_tools
from argosy.checks.catalogue import checks_of
from argosy.clock import Clock
from argosy.engine.log import Logs
from argosy.engine.preview import Planner
from argosy.engine.run import Engine
from argosy.engine.workspace import Workspaces
from argosy.errors import AlreadyExists
from argosy.meter import UNMETERED, Meter
from argosy.reconcilers.promotion import PromotionReconciler
from argosy.reconcilers.stage import StageReconciler
from argosy.reconcilers.warehouse import WarehouseReconciler
from argosy.resources.kinds import KINDS
from argosy.resources.meta import Key
from argosy.rules.event import controller
from argosy.runtime.controller import Controller
from argosy.runtime.signal import Signals
from argosy.settings import Settings
from argosy.steps.base import AnyStep
from argosy.steps.catalogue import all_steps
from argosy.store.actor import actor
from argosy.store.admission import Admission
from argosy.store.base import Query, Store
from argosy.store.cached import Cached
from argosy.store.fenced import Fenced
from argosy.store.kubernetes import KubernetesStore
from argosy.store.metered import Metered
from argosy.store.outage import Outages
from argosy.store.typed import find

log = logging.getLogger(__name__)

LOOK_PATIENCE = 0.5
"""Seconds after which a look of a Warehouse is taken to wait for a server, and makes room for others."""

THREADS = 256
"""For what blocks: reading files, parsing, and above all finding addresses, where one server of names that is silent
may hold a thread for half a minute for each connection that is tried."""

UPKEEP_EVERY = 3600.0
"""Seconds between two rounds of tidying the caches."""


@dataclass(frozen=True, slots=True)
class System:
    """Everything but the network: the store behind admission, and the controllers that turn.

    Attributes:
        store: what everyone writes through.
        controllers: one for each kind that is acted on.
        logs: of promotions.
        planner: tells what a promotion would do.
        upkeep: tidies the caches on disk; returns when all is tidy.
        news: each tells controllers of what changes somewhere outside of the store; none returns.
        retention: deletes what is old, now and then.
        follow: keeps what controllers read in memory; never returns. None where reading costs next to nothing.
    """

    settings: Settings
    store: Store
    controllers: tuple[Controller, ...]
    logs: Logs
    planner: Planner
    upkeep: Callable[[], Awaitable[None]]
    news: tuple[News, ...] = ()
    retention: Callable[[], Coroutine[Any, Any, None]] | None = None
    follow: Callable[[], Coroutine[Any, Any, None]] | None = None

    async def run(self) -> None:
        """Turn until cancelled."""
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS, "argosy"))
        async with asyncio.TaskGroup() as tasks:
            if self.follow is not None:
                tasks.create_task(self.follow(), name="informers")
            for each in self.controllers:
                tasks.create_task(_as_controller(each), name=f"{each.kind} controller")
            tasks.create_task(self._keep_up(), name="upkeep")
            for news in self.news:
                tasks.create_task(news(), name="news")
            if self.retention is not None:
                tasks.create_task(self.retention(), name="retention")

    async def drain(self, seconds: float) -> None:
        """Begin nothing more, and return when no step of a promotion is under way, or after some seconds.

        Other turns are not waited for: a look at a server that is silent takes long, and costs nothing to do again.
        """
        for each in self.controllers:
            each.queue.close()
        steps = [asyncio.create_task(each.queue.settled()) for each in self.controllers if each.kind == "Promotion"]
        if steps:
            _, late = await asyncio.wait(steps, timeout=seconds)
            for task in late:
                task.cancel()
            if late:
                log.warning("steps of promotions were still under way after %g s: they are done again", seconds)

    async def _keep_up(self) -> None:
        while True:
            await self.upkeep()
            await asyncio.sleep(UPKEEP_EVERY)

    @property
    def idle(self) -> bool:
        """Whether every controller has begun and none has anything to do now."""
        return all(each.started.is_set() and each.queue.idle for each in self.controllers)


async def _as_controller(each: Controller) -> None:
    actor.set(controller(each.kind.lower()))
    await each.run()


@contextlib.asynccontextmanager
async def open_system(
    settings: Settings,
    clock: Clock,
    steps: Mapping[str, AnyStep] | None = None,
    meter: Meter = UNMETERED,
    leads: Callable[[], bool] | None = None,
) -> AsyncIterator[System]:
    """Open the store and wire the controllers; nothing turns until `System.run`.

    `steps` is the catalogue of promotions; by default ours and those of installed plug-ins. `meter` is told of what is
    done. While `leads` says no, controllers write nothing.

    Raises Unavailable and Invalid when the store, its key or a folder cannot be used, Permanent when git cannot.
    """
    make_folder(settings.data)
    backend = open_backend(settings, clock, meter=meter)
    store = Metered(Admission(backend, clock, SystemRandom()), meter)
    try:
        await check_backend(backend)
        await _namespaces(store, settings)
        if not isinstance(backend, KubernetesStore):
            await ensure_system_roles(store, settings)
        outages = Outages(clock)
        cached = Cached(store, KINDS, clock, outages) if isinstance(backend, KubernetesStore) else None
        own: Store = cached or store
        if leads is not None:
            own = Fenced(own, leads)
        async with open_tools(settings, own, clock, meter) as tools:
            catalogue = all_steps() if steps is None else steps
            engine = Engine(catalogue, tools.services, tools.workspaces, tools.logs, clock)
            planner = Planner(catalogue, tools.services, settings.data / "plans", clock)
            await _sweep(store, engine, tools.workspaces)
            signals, services = Signals(), tools.services
            controllers = _controllers(settings, own, clock, engine, tools, signals)
            for each in controllers:
                each.meter, each.outages = meter, outages
            news = news_for(services.argocd, services.cluster, signals, clock)
            tidy, retention = partial(_tidy, own, tools), partial(keep_retention, settings, own, clock)
            follow = cached.run if cached is not None else None
            yield System(settings, store, controllers, tools.logs, planner, tidy, news, retention, follow)
    finally:
        await store.close()


def _controllers(
    settings: Settings, store: Store, clock: Clock, engine: Engine, tools: Tools, signals: Signals
) -> tuple[Controller, ...]:
    checks = checks_of(tools.services.argocd, tools.services.cluster)
    stage = StageReconciler(store, checks, clock, signals)
    promotion = PromotionReconciler(store, engine, clock, signals)
    warehouse = WarehouseReconciler(store, tools.discovery, clock, least_interval=settings.least_interval)
    return (
        Controller(
            "Warehouse",
            store,
            clock,
            warehouse.reconcile,
            workers=settings.warehouse_workers,
            patience=LOOK_PATIENCE,
        ),
        Controller(
            "Stage", store, clock, stage.reconcile, stage.watches, workers=settings.stage_workers, signals=signals
        ),
        Controller(
            "Promotion",
            store,
            clock,
            promotion.reconcile,
            promotion.watches,
            workers=settings.promotion_workers,
            signals=signals,
        ),
        *project_controllers(settings, store, clock),
    )


async def _namespaces(store: Store, settings: Settings) -> None:
    """The namespaces that are there without a Project."""
    for name in ("default", settings.shared_namespace, settings.system_namespace):
        if name and await find(store, Key("Namespace", "", name)) is None:
            with contextlib.suppress(AlreadyExists):
                await store.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})


async def _sweep(store: Store, engine: Engine, workspaces: Workspaces) -> None:
    """Remove the working directories of promotions that ended, or went, while nobody looked."""
    if not workspaces.uids():
        return
    running = {
        document.uid
        for phase in ("Pending", "Running")
        for document in (await store.list(Query("Promotion", fields={"status.phase": phase}))).documents
    }
    for uid in workspaces.uids():
        if uid not in running:
            await engine.discard(uid)


async def _tidy(store: Store, tools: Tools) -> None:
    """Repack mirrors whose packs have piled up, and remove the logs of promotions that are no more."""
    await tools.services.mirrors.maintain()
    # Looked at first: a promotion made in the meantime is not among them.
    left, more = set(tools.logs.uids()), ""
    while left:
        page = await store.list(Query("Promotion"), limit=500, more=more)
        left.difference_update(document.uid for document in page.documents)
        more = page.more
        if not more:
            break
    for uid in left:
        tools.logs.remove(uid)
