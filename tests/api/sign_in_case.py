"""The whole API with every way of signing in, wired as the server does it, and browsers that visit it."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
from starlette.applications import Starlette

from argosy.api.app import create_app
from argosy.api.authentication.bearer import Authentication
from argosy.api.backend import Backend
from argosy.app.rights import open_rights
from argosy.app.sign_in import open_sign_in
from argosy.engine.log import Logs
from argosy.resources.kinds import KINDS
from argosy.settings import Settings
from argosy.store.admission import Admission
from argosy.store.base import Store
from argosy.store.sql import open_store
from argosy.testing.clock import FakeClock

TOKEN = "a-token-for-tests"
URL = "https://argosy.example"
CALLBACK = f"{URL}/auth/callback"
WHOAMI = "/v1beta1/system/whoami"
SYSTEM = "kargo-system-resources"


@dataclass(frozen=True, slots=True)
class House:
    """What is visited."""

    app: Starlette
    store: Store
    clock: FakeClock
    backend: Backend

    def visitor(self, **headers: str) -> httpx2.AsyncClient:
        """A browser: it keeps cookies, and reaches the house as well as what is on this machine."""
        inner = httpx2.ASGITransport(app=self.app)
        return httpx2.AsyncClient(base_url=URL, mounts={URL: inner}, headers=headers, trust_env=False, verify=False)

    async def ask(self, token: str, method: str = "GET", path: str = WHOAMI, **given: Any) -> httpx2.Response:
        """A request by a bearer token."""
        async with self.visitor() as caller:
            return await caller.request(method, path, headers={"Authorization": f"Bearer {token}"}, **given)


class Present(FakeClock):
    """A clock that stands at the present, as providers have clocks of their own, and makes nobody wait."""

    def __init__(self) -> None:
        super().__init__(datetime.now(UTC))

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(min(seconds, 0.01))


@contextlib.asynccontextmanager
async def house(folder: Path, clock: FakeClock, **settings: Any) -> AsyncIterator[House]:
    """The API, and an empty store with the namespace of the system."""
    url = f"sqlite:///{folder}/data/store.db"
    kept = Admission(open_store(url, KINDS, clock=clock, key_file=folder / "keys"), clock, random.Random(1))
    given = Settings(data=folder / "data", key_file=folder / "keys", store=url, **settings)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(kept.close)
        await kept.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SYSTEM}})
        rights = await stack.enter_async_context(open_rights(given, kept, clock))
        sign_in = await stack.enter_async_context(open_sign_in(given, kept, rights, clock))
        backend = Backend(kept, Logs(folder / "logs", clock), None, rights, given, sign_in)
        known = Authentication(TOKEN, sign_in.ways)
        app = create_app(backend, KINDS, authentication=known, clock=clock, version="0.1.0")
        yield House(app, kept, clock, backend)


async def follow(browser: httpx2.AsyncClient, place: str) -> httpx2.Response:
    """Go where redirects lead, until one leads back to us, which is given back unvisited."""
    answer = await browser.get(place)
    while answer.is_redirect:
        place = str(answer.next_request.url) if answer.next_request else ""
        if place.startswith(URL):
            return answer
        answer = await browser.get(place)
    return answer


def location(answer: httpx2.Response) -> str:
    return str(answer.headers.get("location", ""))


async def sign_in(browser: httpx2.AsyncClient, next_: str = "/", **hints: str) -> httpx2.Response:
    """The whole way through the provider; the answer of our callback."""
    begun = await browser.get("/auth/login", params={"next": next_})
    there = httpx2.URL(location(begun)).copy_merge_params(hints)
    return await browser.get(location(await follow(browser, str(there))))
