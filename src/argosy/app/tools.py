"""What steps and sources use of the outside world: Git, registries, renderers, logins, what they may read."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from argosy.app.argocd import open_argocd
from argosy.app.cluster import open_cluster
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
from argosy.engine.workspace import Workspaces
from argosy.errors import Conflict, Invalid, NotFound
from argosy.meter import UNMETERED, Meter
from argosy.resources.meta import Json, Key
from argosy.rules.push_integration import Integration
from argosy.settings import Settings
from argosy.sources.base import Discovery
from argosy.sources.cache_key import cache_key
from argosy.sources.chart_index import ChartIndexes
from argosy.sources.checkout import Checkouts
from argosy.sources.git import GitDiscovery
from argosy.sources.mirrors import Mirrors
from argosy.sources.tag_index import TagIndexes
from argosy.steps.base import Author, MetadataUpdate
from argosy.store.base import Store


@dataclass(frozen=True, slots=True)
class Tools:
    """What steps and sources use of the outside world."""

    services: Services
    workspaces: Workspaces
    logs: Logs
    discovery: Discovery


@contextlib.asynccontextmanager
async def open_tools(settings: Settings, store: Store, clock: Clock, meter: Meter = UNMETERED) -> AsyncIterator[Tools]:
    """Wire them; closed at the end of the block. Raises Permanent when git cannot be used."""
    argocd, cluster = open_argocd(settings, clock), open_cluster(settings, clock)
    key = cache_key(settings.key_file.with_name("cache.key"))
    plain_http = PlainHttp(settings.allow_plain_http)
    git = Git(_git_policy(settings), clock, meter)
    await git.check_version()
    mirrors = Mirrors(settings.data / "mirrors", git, clock, key)
    checkouts = Checkouts(settings.data / "pool", mirrors, clock, settings.pool_size)
    await checkouts.start()
    credentials = Credentials(store, CredentialSettings(settings.shared_namespace, plain_http))
    http, web = Http(clock, meter=meter), Web(meter=meter)
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
        argocd=argocd,
        cluster=cluster,
    )
    workspaces = Workspaces(settings.data / "workspaces")
    discovery = Discovery(mirrors, GitDiscovery(clock), tags, charts, credentials, meter=meter)
    try:
        yield Tools(services, workspaces, logs, discovery)
    finally:
        for each in (mirrors, http, web, argocd, cluster):
            if each is not None:
                await each.close()


def _git_policy(settings: Settings) -> GitPolicy:
    """What the operator allows of Git."""
    known = Path(settings.ssh_known_hosts).absolute() if settings.ssh_known_hosts else None
    return GitPolicy(
        allow_file=settings.allow_file_urls,
        plain_http=PlainHttp(settings.allow_plain_http),
        integration=Integration(settings.push_integration),
        host_keys=HostKeys(known, (settings.data / "host-keys").absolute()),
    )


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
