"""Probes: what is well, what is not, and that a server that ends is not ready any more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.applications import Starlette
from starlette.testclient import TestClient

from argosy.api.health import Check, Health
from argosy.api.metered import Metered
from argosy.errors import Unavailable
from argosy.testing.meter import Told


def well(detail: str = "") -> Check:
    async def check() -> str:
        return detail

    return check


async def ill() -> str:
    raise Unavailable("the disk is full", advice="Clean up.")


async def silent() -> str:
    await asyncio.Event().wait()
    return "never"


def client(health: Health) -> Callable[[str], tuple[int, str]]:
    inner = TestClient(Starlette(routes=health.routes))

    def ask(path: str) -> tuple[int, str]:
        answer = inner.get(path)
        return answer.status_code, answer.text

    return ask


def test_ready_when_everything_is_well() -> None:
    ask = client(Health({"store": well(), "leader": well("x leads")}))
    assert ask("/readyz") == (200, "ok")
    listed = "[+]shutdown ok\n[+]store ok\n[+]leader ok: x leads\nreadyz check passed\n"
    assert ask("/readyz?verbose") == (200, listed)


def test_not_ready_when_anything_is_not_and_alive_all_the_same() -> None:
    ask = client(Health({"store": ill, "leader": well()}))
    assert ask("/readyz") == (503, "[-]store failed: the disk is full\nreadyz check failed\n")
    assert ask("/readyz?verbose")[1].splitlines()[2] == "[+]leader ok"
    assert ask("/livez") == ask("/healthz") == (200, "ok")


def test_who_hears_nothing_is_not_ready_before_the_probe_gives_up() -> None:
    ask = client(Health({"store": silent, "leader": well()}, patience=0.01))
    assert ask("/readyz") == (503, "[-]store failed: no answer within 0.01 seconds\nreadyz check failed\n")
    assert Health().patience < 5, "the patience of the chart's probes"


def test_a_server_that_ends_is_not_ready_but_alive() -> None:
    health = Health({"store": well()})
    ask = client(health)
    health.ending = True
    assert ask("/readyz") == (503, "[-]shutdown failed: the server is ending\nreadyz check failed\n")
    assert ask("/livez") == (200, "ok")


def test_every_answer_is_told_to_a_meter_and_strange_methods_share_a_name() -> None:
    told = Told()
    app = Starlette(routes=Health({"store": ill}).routes)
    app.add_middleware(Metered, meter=told, server="api")
    inner = TestClient(app)
    inner.get("/livez")
    inner.get("/readyz")
    inner.request("PROPFIND", "/nowhere")
    assert told.of("api_request") == [
        {"server": "api", "method": "GET", "code": "200"},
        {"server": "api", "method": "GET", "code": "503"},
        {"server": "api", "method": "other", "code": "404"},
    ]
