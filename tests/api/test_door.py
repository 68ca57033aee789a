"""Nobody reaches a route without being known: every route there is, those that are new included."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.routing import Route

from argosy.api.app import create_app
from argosy.api.authentication.bearer import LONGEST, Authentication
from argosy.api.backend import Backend
from argosy.api.cookie import SESSION
from argosy.api.guard import OPEN
from argosy.api.web import is_page
from argosy.engine.log import Logs
from argosy.resources.kinds import KINDS
from argosy.testing.clock import FakeClock

pytestmark = pytest.mark.asyncio(loop_scope="module")

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")


class Untouched:
    """A store, logs, or anything else: whoever uses it fails the test."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"somebody who is not known reached {name}")


def build(folder: Path) -> Starlette:
    clock, store = FakeClock(), Untouched()
    backend = Backend(store, Logs(folder, clock))  # type: ignore[arg-type]
    return create_app(backend, KINDS, authentication=Authentication("right"), clock=clock, version="0.1.0")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Starlette:
    return build(tmp_path_factory.mktemp("logs"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stranger(app: Starlette) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="https://argosy", verify=False) as caller:
        yield caller


def paths(app: Starlette) -> Iterator[str]:
    """One path of every route, with a word for each parameter; of Kargo's API as its document tells them."""
    for route in app.routes:
        if not isinstance(route, Route):
            raise TypeError(f"{route} would have to be walked, too")
        if isinstance(route.endpoint, FastAPI):
            yield from (re.sub(r"\{[^}]+\}", "x", path) for path in route.endpoint.openapi()["paths"])
        yield re.sub(r"\{[^}]+\}", "x", route.path)


CALLERS: dict[str, dict[str, str]] = {
    "nobody": {},
    "a wrong token": {"Authorization": "Bearer wrong"},
    "a token that is too long": {"Authorization": f"Bearer {'right' * LONGEST}"},
    "a password": {"Authorization": "Basic cmlnaHQ6cmlnaHQ="},
    "a cookie": {"Cookie": f"{SESSION}=right"},
    "a JWT of nobody": {"Authorization": "Bearer eyJhbGciOiJub25lIn0.eyJpc3MiOiJhcmdvc3kiLCJzdWIiOiJhZG1pbiJ9."},
}


@pytest.mark.parametrize("headers", CALLERS.values(), ids=CALLERS)
async def test_no_route_is_reached(app: Starlette, stranger: httpx2.AsyncClient, headers: dict[str, str]) -> None:
    every = {*paths(app)} - OPEN
    assert len(every) > 100, "the routes were found"
    for path in sorted(every):
        if is_page(path):
            continue
        for method in METHODS:
            answer = await stranger.request(method, path, headers=headers)
            assert answer.status_code == 401, (method, path)
            assert answer.headers["www-authenticate"] == "Bearer"


async def test_what_is_open_is_open_to_all_and_nothing_else_is(app: Starlette) -> None:
    assert {path for path in paths(app) if path in OPEN} == OPEN


WORDS = (
    *("healthz", "v1beta1", "login", "LOGIN", "auth", "callback", "system", "public-server-config", "assets"),
    *("settings", "apis", "api", "v1", "secrets", "projects", "kargo.akuity.io", "..", ".", "", ";", "\\", "%2f"),
)


@given(st.lists(st.sampled_from(WORDS), max_size=6))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_no_spelling_of_a_path_goes_around_the_door(app: Starlette, parts: list[str]) -> None:
    for path in ("/" + "/".join(parts), "//" + "/".join(parts), "/" + "/".join(parts) + "/"):
        if path not in OPEN and not is_page(path):
            assert await _status(app, path) == 401, path


async def _status(app: Starlette, path: str) -> int:
    """What a request for exactly this path is answered, past what clients make of paths."""
    codes: list[int] = []
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "https",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [],
        "client": ("127.0.0.1", 1),
        "server": ("argosy", 443),
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            codes.append(message["status"])

    await app(scope, receive, send)
    return codes[0]
