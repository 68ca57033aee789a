"""Where all rooms meet: the one module that wires them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import SystemRandom
from typing import Any

from argosy import __version__
from argosy.api import listening
from argosy.api.app import create_app
from argosy.api.backend import Backend
from argosy.api.kubeconfig import write_kubeconfig
from argosy.api.plan import Plans
from argosy.api.server import Server
from argosy.api.tls import ensure_certificates, keep_renewed
from argosy.api.token import ensure_token
from argosy.checks.base import Checks
from argosy.clients.git import Git
from argosy.clients.git import Policy as GitPolicy
from argosy.clients.git_ssh import HostKeys
from argosy.clients.helm import Helm
from argosy.clients.http import Http
from argosy.clients.kustomize import Kustomize
from argosy.clients.login import PlainHttp
from argosy.clients.oci import Access, Oci
from argosy.clients.web import Web
from argosy.clock import Clock
from argosy.credentials.base import Credentials
from argosy.credentials.base import Settings as CredentialSettings
from argosy.engine.context import Services
from argosy.engine.functions.resource import Read
from argosy.engine.log import Logs
from argosy.engine.preview import Planner
from argosy.engine.run import Engine
from argosy.engine.workspace import Workspaces
from argosy.errors import AlreadyExists, Conflict, Invalid, NotFound, Unavailable
from argosy.reconcilers.project import ProjectReconciler
from argosy.reconcilers.promotion import PromotionReconciler
from argosy.reconcilers.stage import StageReconciler
from argosy.reconcilers.warehouse import WarehouseReconciler
from argosy.resources.kinds import KINDS
from argosy.resources.meta import Json, Key
from argosy.rules.event import controller
from argosy.rules.push_integration import Integration
from argosy.runtime.controller import Controller
from argosy.settings import Settings
from argosy.sources.base import Discovery
from argosy.sources.cache_key import cache_key
from argosy.sources.chart_index import ChartIndexes
from argosy.sources.checkout import Checkouts
from argosy.sources.git import GitDiscovery
from argosy.sources.mirrors import Mirrors
from argosy.sources.tag_index import TagIndexes
from argosy.steps.base import AnyStep, Author, MetadataUpdate
from argosy.steps.catalogue import all_steps
from argosy.store.actor import actor
from argosy.store.admission import Admission
from argosy.store.base import Query, Store
from argosy.store.sql import open_store

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
    """

    settings: Settings
    store: Store
    controllers: tuple[Controller, ...]
    logs: Logs
    planner: Planner
    upkeep: Callable[[], Awaitable[None]]

    async def run(self) -> None:
        """Turn until cancelled."""
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS, "argosy"))
        async with asyncio.TaskGroup() as tasks:
            for each in self.controllers:
                tasks.create_task(_as_controller(each), name=f"{each.kind} controller")
            tasks.create_task(self._keep_up(), name="upkeep")

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
    settings: Settings, clock: Clock, steps: Mapping[str, AnyStep] | None = None
) -> AsyncIterator[System]:
    """Open the store and wire the controllers; nothing turns until `System.run`.

    `steps` is the catalogue of promotions; by default ours and those of installed plug-ins.

    Raises Unavailable and Invalid when the store, its key or a folder cannot be used, Permanent when git cannot.
    """
    _make_folder(settings.data)
    store = Admission(
        open_store(settings.store_url, KINDS, clock=clock, key_file=settings.key_file), clock, SystemRandom()
    )
    try:
        await _namespaces(store, settings)
        async with _tools(settings, store, clock) as tools:
            catalogue = all_steps() if steps is None else steps
            engine = Engine(catalogue, tools.services, tools.workspaces, tools.logs, clock)
            planner = Planner(catalogue, tools.services, settings.data / "plans", clock)
            await _sweep(store, engine, tools.workspaces)
            controllers = _controllers(settings, store, clock, engine, tools.discovery)
            yield System(settings, store, controllers, tools.logs, planner, partial(_tidy, store, tools))
    finally:
        await store.close()


def _make_folder(path: Path) -> None:
    """Make the data folder when it is missing. Raises Unavailable."""
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise Unavailable(
            f"the data folder {path} cannot be made: {error.strerror}",
            advice="Name a folder that you may write to with --data.",
        ) from error


@dataclass(frozen=True, slots=True)
class _Tools:
    services: Services
    workspaces: Workspaces
    logs: Logs
    discovery: Discovery


@contextlib.asynccontextmanager
async def _tools(settings: Settings, store: Store, clock: Clock) -> AsyncIterator[_Tools]:
    """What steps and sources use of the outside world."""
    key = cache_key(settings.key_file.with_name("cache.key"))
    plain_http = PlainHttp(settings.allow_plain_http)
    git = Git(_git_policy(settings), clock)
    await git.check_version()
    mirrors = Mirrors(settings.data / "mirrors", git, clock, key)
    checkouts = Checkouts(settings.data / "pool", mirrors, clock, settings.pool_size)
    await checkouts.start()
    credentials = Credentials(store, CredentialSettings(settings.shared_namespace, plain_http))
    http, web = Http(clock), Web()
    oci = Oci(http, clock, Access(logins=plain_http))
    tags = TagIndexes(oci, key, settings.data / "indexes")
    charts = ChartIndexes(http, plain_http)
    logs = Logs(settings.data / "logs", clock)
    services = Services(
        mirrors=mirrors,
        checkouts=checkouts,
        web=web,
        oci=oci,
        logins=credentials,
        write_metadata=_metadata_writer(store),
        set_alias=_alias_setter(store),
        read=_reader(store),
        shared_namespace=settings.shared_namespace,
        author=Author(settings.author_name, settings.author_email),
        ui_base_url=settings.ui_base_url,
        helm=Helm(settings.helm, plain_http),
        kustomize=Kustomize(settings.kustomize, settings.helm),
    )
    workspaces = Workspaces(settings.data / "workspaces")
    discovery = Discovery(mirrors, GitDiscovery(clock), tags, charts, credentials)
    try:
        yield _Tools(services, workspaces, logs, discovery)
    finally:
        await mirrors.close()
        await http.close()
        await web.close()


def _git_policy(settings: Settings) -> GitPolicy:
    """What the operator allows of Git."""
    known = Path(settings.ssh_known_hosts).absolute() if settings.ssh_known_hosts else None
    return GitPolicy(
        allow_file=settings.allow_file_urls,
        plain_http=PlainHttp(settings.allow_plain_http),
        integration=Integration(settings.push_integration),
        host_keys=HostKeys(known, (settings.data / "host-keys").absolute()),
    )


@dataclass(frozen=True, slots=True)
class Ready:
    """How to reach a server: its URL, the certificate to trust as PEM, the token, and the kubeconfig that holds all."""

    url: str
    ca: bytes
    token: str = field(repr=False)
    kubeconfig: Path


async def serve(
    settings: Settings, clock: Clock, on_ready: Callable[[Ready, System], Awaitable[None] | None], stop: asyncio.Event
) -> None:
    """Open the system, serve it over HTTPS and let it turn, until `stop` is set.

    Args:
        on_ready: called once requests are answered.
        stop: set it to end; what was accepted is finished.

    Raises Unavailable and Invalid when something cannot be opened, listened on or written.
    """
    async with contextlib.AsyncExitStack() as stack:
        listener = stack.enter_context(contextlib.closing(listening.listen(settings.listen)))
        system = await stack.enter_async_context(open_system(settings, clock))
        host, port = listener.getsockname()[:2]
        tls, names = settings.data / "tls", listening.names(host)
        certificates = ensure_certificates(tls, names, clock)
        context = certificates.context()
        token = ensure_token(settings.data / "token")
        backend = Backend(system.store, system.logs, Plans(system.store, system.planner))
        app = create_app(backend, KINDS, token=token, clock=clock, version=__version__)
        server = Server(app, listener, context)
        await server.start()
        stack.push_async_callback(server.stop)
        await stack.enter_async_context(_background(keep_renewed(context, tls, names, clock), "certificates"))
        turning = await stack.enter_async_context(_background(system.run(), "controllers"))
        stopping = await stack.enter_async_context(_background(stop.wait(), "stop"))
        url = f"https://{listening.printed(host)}:{port}"
        kubeconfig = settings.data / "kubeconfig"
        write_kubeconfig(kubeconfig, url, certificates.ca, token)
        answer = on_ready(Ready(url, certificates.ca, token, kubeconfig), system)
        if answer is not None:
            await answer
        await asyncio.wait({turning, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if turning.done():
            turning.result()


@contextlib.asynccontextmanager
async def _background(work: Coroutine[Any, Any, object], name: str) -> AsyncIterator[asyncio.Task[object]]:
    """A task that is cancelled at the end of the block."""
    task = asyncio.create_task(work, name=name)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _metadata_writer(store: Store) -> Callable[[str, MetadataUpdate], Awaitable[None]]:
    async def write(namespace: str, update: MetadataUpdate) -> None:
        patch = {"status": {"metadata": dict(update.values)}}
        await store.patch(Key(update.kind, namespace, update.name), patch, status=True)

    return write


def _alias_setter(store: Store) -> Callable[[str, str, str, bool], Awaitable[str]]:
    async def set_alias(namespace: str, freight: str, alias: str, dry_run: bool) -> str:
        key = Key("Freight", namespace, freight)
        before = (await store.get(key)).data.get("alias") or ""
        try:
            await store.patch(key, {"alias": alias}, dry_run=dry_run)
        except Conflict as error:
            raise Invalid(error.message, advice=error.advice) from error
        return str(before)

    return set_alias


def _reader(store: Store) -> Read:
    async def read(kind: str, namespace: str, name: str) -> Mapping[str, Json] | None:
        try:
            return (await store.get(Key(kind, namespace, name))).data
        except NotFound:
            return None

    return read


def _controllers(
    settings: Settings, store: Store, clock: Clock, engine: Engine, discovery: Discovery
) -> tuple[Controller, ...]:
    stage = StageReconciler(store, Checks(), clock)
    promotion = PromotionReconciler(store, engine, clock)
    warehouse = WarehouseReconciler(store, discovery, clock, least_interval=settings.least_interval)
    project = ProjectReconciler(store, clock)
    return (
        Controller(
            "Warehouse",
            store,
            clock,
            warehouse.reconcile,
            workers=settings.warehouse_workers,
            patience=LOOK_PATIENCE,
        ),
        Controller("Stage", store, clock, stage.reconcile, stage.watches, workers=settings.stage_workers),
        Controller(
            "Promotion",
            store,
            clock,
            promotion.reconcile,
            promotion.watches,
            workers=settings.promotion_workers,
        ),
        Controller("Project", store, clock, project.reconcile, project.watches),
    )


async def _namespaces(store: Store, settings: Settings) -> None:
    """The namespaces that are there without a Project."""
    for name in ("default", settings.shared_namespace):
        if name:
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


async def _tidy(store: Store, tools: _Tools) -> None:
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
