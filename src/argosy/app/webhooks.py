"""The admission webhooks of a cluster on the network: served, and named in the cluster's configuration."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from random import SystemRandom
from urllib.parse import urlsplit

import orjson

from argosy.api import listening
from argosy.api.health import Check
from argosy.api.metered import Metered
from argosy.api.server import Server
from argosy.api.webhook import Webhooks
from argosy.api.webhook_certificate import WebhookCertificates
from argosy.app.status import Served
from argosy.clients.access import ClusterAccess
from argosy.clients.kubeconfig import find_access
from argosy.clients.kubernetes_connection import Connection
from argosy.clients.kubernetes_login import connect
from argosy.clock import Clock
from argosy.errors import ArgosyError, Invalid, Unavailable
from argosy.meter import UNMETERED, Meter
from argosy.resources.meta import Json
from argosy.rules.webhook import ControlPlane, bundles, configurations
from argosy.settings import Settings
from argosy.store.admittance import Admittance
from argosy.store.base import Store
from argosy.store.kubernetes import KUBERNETES

Configurations = Sequence[Mapping[str, Json]]

log = logging.getLogger(__name__)

MANAGER = "argosy-webhooks"
"""Owns what Argosy writes of the configurations."""

LOOK_SECONDS = 3600.0
"""Seconds between two looks at the certificates and the configurations."""

RETRY_SECONDS = 15.0
"""The same, after a look that failed."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the API server calls.

    Attributes:
        client: `{"url": ...}`, or `{"service": ...}`, of a webhook's `clientConfig`, without the path.
        hosts: the names and addresses that the certificate must be of.
        secret: namespace and name of the Secret that holds the authority.
    """

    client: Mapping[str, Json]
    hosts: tuple[str, ...]
    secret: tuple[str, str]

    @classmethod
    def of(cls, settings: Settings) -> Place:
        """Raises Invalid when the settings do not say where."""
        namespace, _, secret = settings.webhook_secret.partition("/")
        if not namespace or not secret:
            raise Invalid("webhook_secret names no Secret", advice="Write NAMESPACE/NAME.")
        if settings.webhook_url:
            host = urlsplit(settings.webhook_url).hostname
            if not settings.webhook_url.startswith("https://") or not host:
                raise Invalid("webhook_url is no https:// URL", advice="Write https://HOST:PORT.")
            return cls({"url": settings.webhook_url}, (host,), (namespace, secret))
        place, _, port = settings.webhook_service.partition(":")
        where, _, name = place.partition("/")
        if not where or not name or not (port or "443").isdecimal():
            raise Invalid("nothing says where the webhooks are called", advice="Set webhook_service or webhook_url.")
        service = {"namespace": where, "name": name, "port": int(port or 443)}
        return cls({"service": service}, (f"{name}.{where}.svc", f"{name}.{where}"), (namespace, secret))


@contextlib.asynccontextmanager
async def serve_webhooks(settings: Settings, store: Store, clock: Clock, served: Served) -> AsyncIterator[None]:
    """Serve the webhooks of the cluster that keeps the resources until the block ends, if the settings say where.

    They are among what being ready takes then.

    Raises as `open_webhooks`, and Invalid when the resources are kept elsewhere.
    """
    if not settings.webhook_listen:
        yield
        return
    if not settings.store_url.startswith(KUBERNETES):
        raise Invalid(
            "webhooks are served to a cluster, and resources are kept elsewhere",
            advice="Keep them in the cluster, with --store kubernetes://CONTEXT, or leave webhook_listen empty.",
        )
    connection = connect(find_access(settings.store_url.removeprefix(KUBERNETES)), clock, meter=served.metrics)
    try:
        async with open_webhooks(settings, store, connection, clock, served.metrics) as check:
            served.health.checks["webhooks"] = check
            yield
    finally:
        await connection.close()


@contextlib.asynccontextmanager
async def open_webhooks(
    settings: Settings, store: Store, connection: Connection, clock: Clock, meter: Meter = UNMETERED
) -> AsyncIterator[Check]:
    """Serve the webhooks until the block ends; yields the check that their certificate is good.

    Args:
        store: read by the rules; what they write goes through it.
        connection: to the cluster, as Argosy itself.

    Raises Invalid for wrong settings; Unavailable when it cannot listen; else what the cluster answers.
    """
    place = Place.of(settings)
    access = ClusterAccess(connection)
    own = await access.own_name()
    certificates = WebhookCertificates(connection, place.secret, place.hosts, clock)
    trusted = await certificates.look()
    webhooks = Webhooks(
        Admittance(store, clock, SystemRandom()), access, ControlPlane(own, settings.control_plane_users)
    )
    async with contextlib.AsyncExitStack() as stack:
        listener = stack.enter_context(contextlib.closing(listening.listen(settings.webhook_listen)))
        app = webhooks.app
        app.add_middleware(Metered, meter=meter, server="webhooks")
        server = Server(app, listener, certificates.context)
        await server.start()
        stack.push_async_callback(server.stop)
        whole = settings.webhook_configurations
        write = partial(configure, connection, lambda trusted: _wanted(place, trusted, own, whole=whole))
        await write(trusted)
        keeping = asyncio.create_task(_keep(certificates, write, clock), name="webhooks")
        stack.push_async_callback(_end, keeping)
        yield _check(certificates, clock)


def _check(certificates: WebhookCertificates, clock: Clock) -> Check:
    async def check() -> str:
        ends = certificates.ends
        if ends is None or ends <= clock.now():
            raise Unavailable("the certificate of the webhooks has ended", advice="See why in the log.")
        return f"the certificate is good until {ends:%Y-%m-%d}"

    return check


def _wanted(place: Place, trusted: bytes, own: str, *, whole: bool) -> Configurations:
    return configurations(place.client, trusted, own) if whole else bundles(trusted)


async def configure(connection: Connection, wanted: Callable[[bytes], Configurations], trusted: bytes) -> None:
    """Write the configurations, by server-side apply; nothing changes where they are as they should be.

    Raises Invalid, with advice, when they are to be there and are not.
    """
    for configuration in wanted(trusted):
        plural = f"{configuration['kind'].lower()}s"
        try:
            await connection.send(
                "PATCH",
                f"/apis/admissionregistration.k8s.io/v1/{plural}/{configuration['metadata']['name']}",
                parameters={"fieldManager": MANAGER, "force": "true"},
                content=orjson.dumps(configuration),
                headers={"content-type": "application/apply-patch+yaml"},
            )
        except Invalid as error:
            raise Invalid(
                f"the {configuration['kind']} is not what Argosy expects: {error.message}",
                advice="Install the one of this version's chart, or let Argosy write it: webhook_configurations.",
            ) from error


async def _keep(certificates: WebhookCertificates, write: Callable[[bytes], Awaitable[None]], clock: Clock) -> None:
    """Renew certificates long before they end, and tell the cluster of new authorities. Ends only when cancelled."""
    pause = LOOK_SECONDS
    while True:
        await clock.sleep(pause)
        try:
            await write(await certificates.look())
            pause = LOOK_SECONDS
        except ArgosyError as error:
            log.warning("the webhooks' certificates were not looked at: %s", error)
            pause = RETRY_SECONDS


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
