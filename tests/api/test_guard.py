from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import httpx2
import pytest

from argosy.api.app import create_app
from argosy.api.authentication.bearer import Authentication
from argosy.api.backend import Backend
from argosy.engine.log import Logs
from argosy.errors import Temporary, Unavailable
from argosy.resources.kinds import KINDS
from argosy.resources.meta import Key
from argosy.store.actor import actor
from argosy.testing.clock import FakeClock

STAGES = "/apis/kargo.akuity.io/v1alpha1/stages"


class Broken:
    """A store whose reads fail with `error`, and which notes on whose behalf it was asked."""

    def __init__(self, error: Exception) -> None:
        self._error = error
        self.actors: list[str] = []

    async def version(self) -> int:
        raise self._error

    async def list(self, *_: Any, **__: Any) -> Any:
        self.actors.append(repr(actor.get()))
        raise self._error

    async def get(self, key: Key) -> Any:
        raise self._error


def caller(store: Any, path: Path, token: str = "right") -> httpx2.AsyncClient:
    clock = FakeClock()
    app = create_app(
        Backend(store, Logs(path, clock)), KINDS, authentication=Authentication(token), clock=clock, version="0.1.0"
    )
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://argosy")


WRONG = {
    "none": {},
    "an empty one": {"Authorization": ""},
    "a wrong one": {"Authorization": "Bearer wrong"},
    "an empty bearer token": {"Authorization": "Bearer "},
    "the right one by another scheme": {"Authorization": "Basic right"},
    "one that is longer": {"Authorization": "Bearer rightright"},
    "one that is not ASCII": {"Authorization": b"Bearer \xff\xfe"},
}


@pytest.mark.parametrize("headers", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("path", [STAGES, "/apis", "/openapi/v3", "/nowhere"])
async def test_without_the_token_nobody_comes_in(tmp_path: Path, headers: Any, path: str) -> None:
    async with caller(Broken(Unavailable("never asked")), tmp_path) as client:
        answer = await client.get(path, headers=headers)
    status = answer.json()
    assert (answer.status_code, status["reason"], status["kind"]) == (401, "Unauthorized", "Status")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_an_empty_token_lets_nobody_in(tmp_path: Path) -> None:
    async with caller(Broken(Unavailable("never asked")), tmp_path, token="") as client:
        assert (await client.get("/apis", headers={"Authorization": "Bearer "})).status_code == 401


@pytest.mark.parametrize(("path", "code"), [("/healthz", 200), ("/livez", 200), ("/version", 200), ("/readyz", 503)])
async def test_probes_need_no_token(tmp_path: Path, path: str, code: int) -> None:
    async with caller(Broken(Unavailable("the disk is full")), tmp_path) as client:
        assert (await client.get(path)).status_code == code


async def test_the_store_learns_who_asks(tmp_path: Path) -> None:
    store = Broken(Unavailable("the disk is full", advice="Free some space."))
    async with caller(store, tmp_path) as client:
        answer = await client.get(STAGES, headers={"Authorization": "Bearer right"})
    assert store.actors == ["'admin'"]
    assert (answer.status_code, answer.json()["reason"]) == (503, "ServiceUnavailable")
    assert answer.json()["message"] == "the disk is full. Free some space."


async def test_temporary_failures_say_when_to_come_back(tmp_path: Path) -> None:
    async with caller(Broken(Temporary("busy", after=1.5)), tmp_path) as client:
        answer = await client.get(STAGES, headers={"Authorization": "Bearer right"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert answer.json()["details"]["retryAfterSeconds"] == 2


async def test_what_nobody_expected_is_logged_and_not_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        async with caller(Broken(RuntimeError("a secret detail")), tmp_path) as client:
            answer = await client.get(STAGES, headers={"Authorization": "Bearer right"})
    assert (answer.status_code, answer.json()["reason"]) == (500, "InternalError")
    assert "secret" not in answer.text
    assert "a secret detail" in caplog.text


async def test_every_answer_carries_the_headers_that_keep_browsers_careful(tmp_path: Path) -> None:
    async with caller(Broken(Unavailable("never asked")), tmp_path) as client:
        for path in ("/healthz", "/nowhere"):
            headers = (await client.get(path)).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-frame-options"] == "DENY"
            assert "default-src 'none'" in headers["content-security-policy"]
            assert headers["cache-control"] == "no-cache, private"


@pytest.mark.parametrize(
    ("url", "strict"), [("https://argosy.example", True), ("https://localhost:7443", False), ("http://argosy", False)]
)
async def test_browsers_are_told_to_stay_with_tls_where_nothing_else_is_at_the_name(
    tmp_path: Path, url: str, strict: bool
) -> None:
    async with caller(Broken(Unavailable("never asked")), tmp_path) as client:
        headers = (await client.get(f"{url}/healthz")).headers
        assert ("strict-transport-security" in headers) == strict
        assert headers["cross-origin-resource-policy"] == "same-origin"
        page = (await client.get(f"{url}/login")).headers
        assert page["cross-origin-opener-policy"] == "same-origin"
        assert "'unsafe-inline'" not in page["content-security-policy"].partition("style-src")[0]
