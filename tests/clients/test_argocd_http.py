"""The way through Argo CD's HTTP API."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from tests.clients.argocd_case import ApplicationsCase, Way

from argosy.clients.argocd_http import ArgoCdServer as Server
from argosy.clients.argocd_http import HttpApplications
from argosy.clock import SystemClock
from argosy.errors import Conflict, Denied, Invalid, NotFound, Permanent, Temporary, Unavailable
from argosy.rules.argocd import Application
from argosy.rules.argocd_change import sync
from argosy.testing.argocd import ArgoCd, application
from argosy.testing.argocd_server import TOKEN, ArgoCdServer
from argosy.testing.argocd_shelf import MemoryShelf

REPO = "https://git.example.com/deploy.git"


@pytest.fixture
async def server() -> AsyncIterator[ArgoCdServer]:
    async with ArgoCdServer(MemoryShelf(), lambda source: source.get("targetRevision") or "new").serve() as running:
        yield running


@pytest.fixture
async def client(server: ArgoCdServer, tmp_path: Path) -> AsyncIterator[HttpApplications]:
    token = tmp_path / "token"
    token.write_text(f"{TOKEN}\n")
    made = HttpApplications(Server(server.url, token))
    yield made
    await made.close()


@pytest.fixture
async def way(server: ArgoCdServer, client: HttpApplications) -> AsyncIterator[Way]:
    assert isinstance(server.shelf, MemoryShelf)
    argocd = ArgoCd(server.shelf, SystemClock(), server.revision)
    async with argocd.running():
        yield Way(client, argocd, server.shelf.put, "argocd")


class TestHttp(ApplicationsCase):
    """All that any way must do."""


async def test_the_token_is_read_anew_for_each_request(
    server: ArgoCdServer, client: HttpApplications, tmp_path: Path
) -> None:
    server.token = "rotated"
    with pytest.raises(Denied, match="token is malformed"):
        await client.select("argocd", "")
    with pytest.raises(Denied, match="token is malformed"):
        await client.get("argocd", "web")
    (tmp_path / "token").write_text("rotated")
    assert await client.select("argocd", "") == []
    (tmp_path / "token").unlink()
    with pytest.raises(Unavailable, match="cannot be read from"):
        await client.select("argocd", "")


async def test_a_closed_sync_window_is_no_final_answer(server: ArgoCdServer, client: HttpApplications) -> None:
    assert isinstance(server.shelf, MemoryShelf)
    server.blocked = True
    app = Application(server.shelf.put(application("web", {"repoURL": REPO})))
    with pytest.raises(Conflict, match="blocked by sync window"):
        await client.sync(app, sync(app, (), "prod.01", ""))


async def test_an_application_that_is_not_shown_may_exist(client: HttpApplications) -> None:
    with pytest.raises(NotFound) as told:
        await client.get("argocd", "gone")
    assert "Argo CD does not tell which" in told.value.advice


async def test_a_refresh_that_takes_long_is_left_to_argocd(server: ArgoCdServer, tmp_path: Path) -> None:
    """Nobody looks at the Application here, so the answer never comes."""
    assert isinstance(server.shelf, MemoryShelf)
    (tmp_path / "token").write_text(TOKEN)
    client = HttpApplications(Server(server.url, tmp_path / "token"), patience=0.2)
    app = Application(server.shelf.put(application("web", {"repoURL": REPO})))
    await client.refresh(app, hard=True)
    await client.close()
    assert Application(server.shelf.now("argocd", "web")).is_refreshing


async def test_a_stream_that_is_cut_ends(server: ArgoCdServer, client: HttpApplications) -> None:
    assert isinstance(server.shelf, MemoryShelf)
    server.cut = True
    server.shelf.put(application("web", {"repoURL": REPO}))
    async with asyncio.timeout(5):
        assert [change.type async for change in client.watch()] == ["BOOKMARK", "ADDED"]


ANSWERS = {
    "a login page": (httpx2.Response(200, text="<html>"), Permanent, "no Argo CD"),
    "a gateway's own error": (httpx2.Response(503, text="upstream"), Temporary, "answered 503"),
    "a proxy's page about trouble": (httpx2.Response(500, text="<html>oops"), Temporary, "answered 500"),
    "a page about what is not there": (httpx2.Response(404, text="<html>"), Permanent, "no Argo CD"),
    "a way to a login page": (httpx2.Response(302, headers={"location": "/login"}), Permanent, "login page"),
    "no session": (httpx2.Response(401, json={"error": "no session", "code": 16}), Denied, "no session"),
    "no rights": (httpx2.Response(403, json={"error": "permission denied", "code": 7}), Denied, "permission denied"),
    "an internal error": (httpx2.Response(500, json={"error": "x", "message": "x", "code": 13}), Temporary, ": x"),
    "a wrong request": (httpx2.Response(400, json={"error": "x", "message": "bad", "code": 3}), Invalid, "bad"),
}


@pytest.mark.parametrize("case", ANSWERS)
async def test_what_other_answers_mean(case: str, tmp_path: Path) -> None:
    answer, error, words = ANSWERS[case]
    (tmp_path / "token").write_text(TOKEN)
    server = Server("https://argocd.example.com", tmp_path / "token")
    client = HttpApplications(server, transport=httpx2.MockTransport(lambda request: answer))
    with pytest.raises(error, match=words) as told:
        await client.select("argocd", "")
    assert TOKEN not in str(told.value)


LINES = {
    "an error": (b'{"error":{"code":16,"message":"token is expired"}}\n', "token is expired"),
    "a result of nothing": (b'{"result":null}\n', "no reason given"),
    "no JSON": (b"<html>\n", "no reason given"),
}


@pytest.mark.parametrize("case", LINES)
async def test_a_line_that_tells_of_no_application_ends_the_watch(case: str, tmp_path: Path) -> None:
    line, words = LINES[case]
    (tmp_path / "token").write_text(TOKEN)
    transport = httpx2.MockTransport(lambda request: httpx2.Response(200, content=line))
    client = HttpApplications(Server("https://argocd.example.com", tmp_path / "token"), transport=transport)
    with pytest.raises(Temporary, match=words):
        async for _ in client.watch():
            pass


async def test_what_cannot_be_decoded_counts_as_not_reached(tmp_path: Path) -> None:
    def broken(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-encoding": "gzip"}, stream=httpx2.ByteStream(b"no gzip"))

    (tmp_path / "token").write_text(TOKEN)
    server = Server("https://argocd.example.com", tmp_path / "token")
    client = HttpApplications(server, transport=httpx2.MockTransport(broken))
    with pytest.raises(Temporary, match="cannot be reached"):
        await client.select("argocd", "")
    with pytest.raises(Temporary, match="cannot be reached"):
        async for _ in client.watch():
            pass


@pytest.mark.parametrize("token", ["two\nlines", "ünicode", "nul\0l"])
async def test_a_token_that_cannot_be_sent_is_not_shown(tmp_path: Path, token: str) -> None:
    (tmp_path / "token").write_text(token)
    client = HttpApplications(Server("https://argocd.example.com", tmp_path / "token"))
    with pytest.raises(Unavailable, match="cannot be sent") as told:
        await client.get("argocd", "app")
    assert token not in str(told.value)
    await client.close()


def test_a_token_travels_by_tls_only(tmp_path: Path) -> None:
    for url, error in (("http://argocd.example.com", Denied), ("argocd.example.com", Invalid)):
        with pytest.raises(error):
            HttpApplications(Server(url, tmp_path / "token"))
    with pytest.raises(Invalid, match="no PEM certificate"):
        HttpApplications(Server("https://argocd.example.com", tmp_path / "token", ca="nonsense"))
