"""The API for several people at once, each let in by a token that is their name."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
from tests.store.permission_case import (
    ADMIN,
    CREATOR,
    NOBODY,
    PROMOTER,
    ROOT,
    STRANGER,
    SYSTEM_ADMIN,
    SYSTEM_VIEWER,
    USER,
    VIEWER,
    World,
)

from argosy.api.app import create_app
from argosy.api.authentication.bearer import Authentication
from argosy.api.backend import Backend
from argosy.engine.log import Logs
from argosy.resources.kinds import KINDS
from argosy.store.principal import Principal
from argosy.testing.clock import FakeClock

ROBOT = Principal(
    "kubernetes:system:serviceaccount:demo:kargo-promoter",
    user="system:serviceaccount:demo:kargo-promoter",
    groups=frozenset({"system:serviceaccounts", "system:authenticated"}),
)
"""A program with a token of an account."""

PEOPLE = {
    "root": ROOT,
    "system-admin": SYSTEM_ADMIN,
    "system-viewer": SYSTEM_VIEWER,
    "creator": CREATOR,
    "user": USER,
    "admin": ADMIN,
    "promoter": PROMOTER,
    "viewer": VIEWER,
    "robot": ROBOT,
    "stranger": STRANGER,
    "nobody": NOBODY,
}


class Names:
    """Tells whose a token is that is a name."""

    async def principal(self, token: str) -> Principal | None:
        return PEOPLE.get(token)


class People:
    """A client for each of PEOPLE."""

    def __init__(self, transport: httpx2.ASGITransport) -> None:
        self._clients = {
            name: httpx2.AsyncClient(
                transport=transport, base_url="http://argosy", headers={"Authorization": f"Bearer {name}"}
            )
            for name in PEOPLE
        }

    def client(self, name: str) -> httpx2.AsyncClient:
        return self._clients[name]

    async def close(self) -> None:
        for client in self._clients.values():
            await client.aclose()


@contextlib.asynccontextmanager
async def let_in(world: World, folder: Path) -> AsyncIterator[People]:
    """The API on a world, for all of PEOPLE."""
    clock = FakeClock()
    backend = Backend(world.bare, Logs(folder / "logs", clock), rights=world.rights)
    app = create_app(backend, KINDS, authentication=Authentication("", (Names(),)), clock=clock, version="0.1.0")
    people = People(httpx2.ASGITransport(app=app))
    try:
        yield people
    finally:
        await people.close()
