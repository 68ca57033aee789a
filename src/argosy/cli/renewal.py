"""Renews the login of a context before its token ends, once, whatever number of commands run at the same time."""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from argosy.cli.context import Context, default_path, read, write
from argosy.cli.token_claims import unexamined
from argosy.clients.kubernetes import Kubernetes
from argosy.clients.kubernetes_connection import Server
from argosy.clock import Clock, SystemClock
from argosy.errors import Denied, Invalid

LEEWAY = 30.0
"""Seconds before the end of a token at which it is renewed."""


async def renew(context: Context | None, clock: Clock | None = None) -> None:
    """See that the token of a context is good for a while, as far as that can be seen and done.

    Raises Denied when it has ended and nothing renews it, or its provider refuses; Temporary and Permanent when the
    server or the provider cannot be asked.
    """
    clock = clock or SystemClock()
    if context is None or not _is_over(context.token, clock, LEEWAY if context.refresh_token else 0.0):
        return
    if not context.refresh_token:
        raise Denied("your login has expired", advice="Run `argosy login` again.", reason="Unauthorized")
    with await asyncio.to_thread(_lock, default_path()):
        newest = read(default_path()).named(context.name)
        if newest.token != context.token:
            return  # another command was quicker
        await _renew(newest, clock)


def _is_over(token: str, clock: Clock, leeway: float) -> bool:
    """Whether a token says that it ends soon; those that say nothing are taken to last."""
    end = unexamined(token).get("exp")
    return isinstance(end, int | float) and clock.now().timestamp() >= end - leeway


async def _renew(context: Context, clock: Clock) -> None:
    from argosy.cli.sso import open_provider

    async with Kubernetes(Server(context.server, ca=context.ca), clock) as client:
        config = await client.kargo.get("system", "public-server-config")
    async with open_provider(config, clock) as (provider, as_client):
        try:
            tokens = await provider.refresh(context.refresh_token, as_client)
        except Denied as error:
            raise Denied(f"your login has expired: {error.message}", advice="Run `argosy login` again.") from None
    if not tokens.id_token:
        raise Denied("your login has expired", advice="Run `argosy login` again.")
    changed = context.model_copy(update={"token": tokens.id_token, "refresh_token": tokens.refresh_token})
    path = default_path()
    write(path, read(path).with_context(changed))


@contextmanager
def _held(descriptor: int) -> Iterator[None]:
    try:
        yield
    finally:
        os.close(descriptor)


def _lock(path: Path) -> AbstractContextManager[None]:
    """Hold the file of contexts against other commands. Raises Invalid when its folder cannot be written."""
    try:
        descriptor = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise Invalid(f"{path} cannot be locked: {error.strerror}", advice="Check the folder's owner.") from None
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return _held(descriptor)
