"""`argosy logout`: forget a login."""

from __future__ import annotations

import asyncio
import contextlib

import click

from argosy.cli.context import Context, default_path, read, write
from argosy.cli.screen import safe
from argosy.clients.kubernetes import Kubernetes
from argosy.clients.kubernetes_connection import Server
from argosy.clock import SystemClock
from argosy.errors import ArgosyError, NotFound


@click.command("logout")
@click.option(
    "--context", "name", metavar="NAME", default="", help="Context to log out of, instead of the current one."
)
def command(name: str) -> None:
    """Forget the login of a context; its server and its Project are kept.

    Where it came from an identity provider that takes back tokens, it is taken back there, too.
    """
    path = default_path()
    contexts = read(path)
    if not (name or contexts.current):
        raise NotFound("there is no current context", advice="Name one with --context.")
    context = contexts.named(name or contexts.current)
    write(path, contexts.with_context(context.model_copy(update={"token": "", "refresh_token": "", "login": ""})))
    if context.refresh_token:
        with contextlib.suppress(ArgosyError):  # what is forgotten is gone here in any case
            asyncio.run(_take_back(context))
    click.echo(f"logged out of {safe(context.server)}")


async def _take_back(context: Context) -> None:
    from argosy.cli.sso import open_provider

    clock = SystemClock()
    async with Kubernetes(Server(context.server, ca=context.ca), clock) as client:
        config = await client.kargo.get("system", "public-server-config")
    async with open_provider(config, clock) as (provider, as_client):
        await provider.revoke(context.refresh_token, as_client)
