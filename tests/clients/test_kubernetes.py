"""The Kubernetes client: documents in, typed errors out, watches that outlive a lost connection."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest
import yaml

from argosy.clients.kubernetes import TABLE, Kubernetes
from argosy.clients.kubernetes_connection import Server
from argosy.clients.selection import Selection
from argosy.clock import SystemClock
from argosy.errors import (
    AlreadyExists,
    ArgosyError,
    Conflict,
    Denied,
    Gone,
    Invalid,
    NotFound,
    Permanent,
    Temporary,
    Unavailable,
)
from argosy.resources.kinds import KINDS
from argosy.testing.api_server import ApiServer, api_server
from argosy.testing.clock import FakeClock

STAGES = Selection(KINDS["Stage"], "demo")
STAGE = Selection(KINDS["Stage"], "demo", "dev")
CONFIG = Selection(KINDS["ConfigMap"], "default", "x")

Answer = Callable[[httpx2.Request], httpx2.Response]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    with api_server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture
async def client(server: ApiServer) -> AsyncIterator[Kubernetes]:
    config = yaml.safe_load(server.kubeconfig.read_text())
    ca = base64.b64decode(config["clusters"][0]["cluster"]["certificate-authority-data"]).decode()
    async with Kubernetes(Server(server.url, ca=ca, token=server.token), SystemClock()) as client:
        with contextlib.suppress(AlreadyExists):
            await client.create(
                Selection(KINDS["Namespace"]),
                {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}},
            )
        with contextlib.suppress(NotFound):
            await client.delete(CONFIG)
        yield client


def config(name: str = "x", **data: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "default"}, "data": data}


async def test_a_resource_is_created_read_patched_and_deleted(client: Kubernetes) -> None:
    assert (await client.create(CONFIG, config(a="1")))["metadata"]["uid"]
    with pytest.raises(AlreadyExists):
        await client.create(CONFIG, config(a="1"))
    assert (await client.patch(CONFIG, {"data": {"a": None, "b": "2"}}))["data"] == {"b": "2"}
    assert (await client.patch(CONFIG, {"data": {"c": "3"}}, dry_run=True))["data"] == {"b": "2", "c": "3"}
    assert (await client.get(CONFIG))["data"] == {"b": "2"}
    await client.delete(CONFIG)
    with pytest.raises(NotFound):
        await client.get(CONFIG)


async def test_lists_of_any_length_come_whole_as_items_and_as_table(client: Kubernetes) -> None:
    names = [f"many-{number:04}" for number in range(620)]
    for name in names:
        await client.create(CONFIG, config(name))
    some = Selection(KINDS["ConfigMap"], "default")
    found = [item["metadata"]["name"] for item in (await client.list(some))["items"]]
    assert found == names
    table = await client.list(some, accept=TABLE)
    assert [row["cells"][0] for row in table["rows"]] == names
    assert "continue" not in table["metadata"]
    one = await client.list(Selection(KINDS["ConfigMap"], "default", "many-0007"))
    assert len(one["items"]) == 1
    for name in names:
        await client.delete(Selection(KINDS["ConfigMap"], "default", name))


async def test_a_watch_tells_what_changes(client: Kubernetes) -> None:
    since = (await client.list(CONFIG))["metadata"]["resourceVersion"]
    changes = client.watch(CONFIG, since)
    async with contextlib.aclosing(changes), asyncio.timeout(10):
        await client.create(CONFIG, config(a="1"))
        await client.patch(CONFIG, {"data": {"a": "2"}})
        await client.delete(CONFIG)
        assert [(await anext(changes)).type for _ in range(3)] == ["ADDED", "MODIFIED", "DELETED"]


async def test_the_states_of_a_resource_end_with_it(client: Kubernetes) -> None:
    await client.create(CONFIG, config(a="1"))
    states = client.states(CONFIG)
    async with contextlib.aclosing(states), asyncio.timeout(10):
        assert (await anext(states))["data"] == {"a": "1"}
        await client.patch(CONFIG, {"data": {"a": "2"}})
        assert (await anext(states))["data"] == {"a": "2"}
        await client.delete(CONFIG)
        with pytest.raises(NotFound, match="deleted"):
            await anext(states)


async def test_who_has_no_token_is_told_to_log_in(server: ApiServer) -> None:
    async with Kubernetes(Server(server.url, token="wrong", verify=False), SystemClock()) as client:
        with pytest.raises(Denied, match="ARGOSY_TOKEN") as caught:
            await client.get(STAGE)
        assert "wrong" not in str(caught.value)


async def test_a_certificate_of_a_stranger_is_not_believed(server: ApiServer) -> None:
    async with Kubernetes(Server(server.url, token=server.token), SystemClock()) as client:
        with pytest.raises(Permanent, match="certificate"):
            await client.get(STAGE)


async def test_faults_come_one_by_one(client: Kubernetes) -> None:
    document = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "X_X"}, "data": {"a": 1}, "more": 2}
    with pytest.raises(Invalid) as caught:
        await client.create(CONFIG, document)
    assert len(caught.value.problems) > 1
    assert {"metadata.name", "more"} <= {problem.field for problem in caught.value.problems}


def playing(answer: Answer, clock: FakeClock | None = None, patience: float = 60.0) -> Kubernetes:
    """A client whose server is a function."""
    server = Server("https://argosy.example", token="s3cret")
    return Kubernetes(server, clock or FakeClock(), transport=httpx2.MockTransport(answer), patience=patience)


def status(code: int, reason: str, **more: Any) -> httpx2.Response:
    return httpx2.Response(code, json={"kind": "Status", "code": code, "reason": reason, "message": "no.", **more})


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (status(404, "NotFound"), NotFound),
        (status(409, "AlreadyExists"), AlreadyExists),
        (status(409, "Conflict"), Conflict),
        (status(410, "Expired"), Gone),
        (status(401, "Unauthorized"), Denied),
        (status(403, "Forbidden"), Denied),
        (status(422, "Invalid"), Invalid),
        (status(400, "BadRequest"), Invalid),
        (status(503, "ServiceUnavailable"), Unavailable),
        (status(503, "ServiceUnavailable", details={"retryAfterSeconds": 3}), Temporary),
        (status(429, "TooManyRequests", details={"retryAfterSeconds": 3}), Temporary),
        (status(500, "InternalError"), Permanent),
        (status(418, "Teapot", details=None), Permanent),
        (httpx2.Response(502, text="<html>bad gateway"), Temporary),
        (httpx2.Response(404, text="<html>lost"), Permanent),
        (httpx2.Response(302, headers={"location": "https://login.example"}), Permanent),
        (httpx2.Response(200, text="<html>hello"), Permanent),
        (httpx2.Response(200, json=[1]), Permanent),
    ],
    ids=lambda value: f"{value.status_code} {value.content[:30]!r}" if isinstance(value, httpx2.Response) else "",
)
async def test_each_refusal_is_an_error_of_its_own(answer: httpx2.Response, expected: type[ArgosyError]) -> None:
    async with playing(lambda _: answer) as client:
        with pytest.raises(ArgosyError) as caught:
            await client.get(STAGE)
    assert type(caught.value) is expected
    assert "s3cret" not in str(caught.value)


async def test_names_cannot_leave_their_place_in_the_path() -> None:
    asked: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.raw_path.decode())
        return httpx2.Response(200, json={})

    async with playing(answer) as client:
        await client.get(Selection(KINDS["Stage"], "a/b", "../../x?watch=1#y"))
    assert asked == ["/apis/kargo.akuity.io/v1alpha1/namespaces/a%2Fb/stages/..%2F..%2Fx%3Fwatch%3D1%23y"]


async def test_a_watch_goes_on_where_the_connection_was_lost() -> None:
    asked: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.params["resourceVersion"])
        if len(asked) == 2:
            raise httpx2.ConnectError("refused")
        event = {"type": "MODIFIED", "object": {"metadata": {"resourceVersion": str(10 + len(asked))}}}
        bookmark = {"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": str(20 + len(asked))}}}
        return httpx2.Response(200, content=orjson.dumps(event) + b"\n\n" + orjson.dumps(bookmark) + b"\n")

    clock = FakeClock()
    async with playing(answer, clock) as client:
        changes = client.watch(STAGES, "5")
        async with contextlib.aclosing(changes):
            first = await anext(changes)
            second = asyncio.create_task(anext(changes))
            while not second.done():
                await clock.advance(1.0)
    assert [first.object["metadata"]["resourceVersion"], (await second).object["metadata"]["resourceVersion"]] == [
        "11",
        "13",
    ]
    assert asked == ["5", "21", "21"]


async def test_patience_ends_when_the_server_stays_away() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("refused")

    clock = FakeClock()
    async with playing(answer, clock, patience=30.0) as client:
        waiting = asyncio.create_task(anext(client.states(STAGE)))
        while not waiting.done():
            await clock.advance(1.0)
    with pytest.raises(Temporary, match="cannot be reached"):
        await waiting
    assert 29.0 < clock.monotonic() < 60.0


async def test_an_error_in_a_watch_is_raised() -> None:
    event = {"type": "ERROR", "object": {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"}}
    async with playing(lambda _: httpx2.Response(200, content=orjson.dumps(event) + b"\n")) as client:
        with pytest.raises(Gone):
            await anext(client.watch(STAGES, "1"))


async def test_the_log_comes_piece_by_piece(client: Kubernetes, server: ApiServer) -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        assert request.url.params["follow"] == "true"
        return httpx2.Response(200, text="one\ntwo\n")

    async with playing(answer) as played:
        assert "".join([piece async for piece in played.log("demo", "p", follow=True)]) == "one\ntwo\n"
    with pytest.raises(NotFound):
        await anext(client.log("default", "none"))


@pytest.mark.parametrize(
    ("server", "expected"),
    [
        (Server("ftp://x"), Invalid),
        (Server("nonsense"), Invalid),
        (Server("http://argosy.example", token="t"), Denied),
        (Server("https://argosy.example", ca="no certificate"), Invalid),
    ],
    ids=["not HTTP", "no URL", "a token over plain HTTP", "no certificate"],
)
def test_a_server_that_cannot_be_spoken_to_is_refused(server: Server, expected: type[ArgosyError]) -> None:
    with pytest.raises(expected):
        Kubernetes(server, SystemClock())


def test_the_token_shows_in_no_representation(tmp_path: Path) -> None:
    assert "s3cret" not in repr(Server("https://x", token="s3cret"))
