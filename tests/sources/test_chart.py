"""Charts, in classic repositories and in a real OCI registry, and how little of an index is transferred."""

from __future__ import annotations

import asyncio
import subprocess
import time
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send

from argosy.clients.http import Http, Policy, Refused
from argosy.clients.login import Login, PlainHttp
from argosy.clients.oci import Access, Oci
from argosy.clock import SystemClock
from argosy.errors import ArgosyError, Invalid, Permanent, Temporary
from argosy.resources.discovery import ChartDiscoveryResult
from argosy.resources.warehouse import ChartSubscription
from argosy.rules.chart_version import best_first
from argosy.sources import chart
from argosy.sources.chart_index import ChartIndexes, Place
from argosy.sources.chart_index_text import Versions, versions_in
from argosy.sources.tag_index import TagIndexes
from argosy.testing.docker_registry import docker_registry
from argosy.testing.helm import ChartRepository, chart_archive, helm, push_chart
from argosy.testing.serving import serving
from argosy.testing.stall import longest_turn_of

ROBOT = Login("robot", "hunter2-secret")


class Finder:
    """Discovers through one set of caches, as the system does."""

    def __init__(self, http: Http, logins: PlainHttp = PlainHttp.LOOPBACK) -> None:
        self._charts = ChartIndexes(http, logins)
        self._tags = TagIndexes(Oci(http, SystemClock(), Access(logins=logins)), b"key")

    async def find(self, url: str, name: str = "", login: Login | None = None, **fields: Any) -> ChartDiscoveryResult:
        subscription = ChartSubscription.model_validate({"repoURL": url, "name": name, **fields})
        return await chart.discover(subscription, self._charts, self._tags, login, name="charts")


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    client = Http(SystemClock(), Policy(connect=1.0, read=2.0, total=5.0, backoff=0.001, patience=0.05))
    yield client
    await client.close()


@pytest.fixture
def finder(http: Http) -> Finder:
    return Finder(http)


@pytest.fixture
async def repository() -> AsyncIterator[ChartRepository]:
    async with ChartRepository().serve() as served:
        for version in ("1.0.0", "1.2.0", "2.0.0"):
            served.add("app", version)
        served.add("other", "9.0.0")
        yield served


class TestClassic:
    async def test_the_versions_of_the_chart_that_the_constraint_allows(
        self, finder: Finder, repository: ChartRepository
    ) -> None:
        found = await finder.find(repository.url + "/", "app", semverConstraint="^1")
        assert found.dump() == {
            "repoURL": repository.url + "/",
            "name": "app",
            "semverConstraint": "^1",
            "versions": ["1.2.0", "1.0.0"],
            "subscriptionName": "charts",
        }

    async def test_a_chart_that_the_index_does_not_name_has_no_versions(
        self, finder: Finder, repository: ChartRepository
    ) -> None:
        assert (await finder.find(repository.url, "missing")).versions == ()

    async def test_an_index_is_transferred_again_only_when_it_changed(
        self, finder: Finder, repository: ChartRepository
    ) -> None:
        for _ in range(2):
            assert (await finder.find(repository.url, "other")).versions == ("9.0.0",)
        repository.add("other", "9.1.0")
        assert (await finder.find(repository.url, "other")).versions == ("9.1.0", "9.0.0")
        assert repository.answers == [200, 304, 200]

    async def test_what_was_read_without_verification_or_by_another_login_answers_nobody_else(
        self, finder: Finder, repository: ChartRepository
    ) -> None:
        """ "Unchanged since" may be said of an index that somebody in between made up."""
        for _ in range(2):
            await finder.find(repository.url, "app", insecureSkipTLSVerify=True)
            await finder.find(repository.url, "app")
            await finder.find(repository.url, "app", ROBOT)
        assert repository.answers == [200, 200, 200, 304, 304, 304]

    async def test_all_who_ask_at_once_cause_one_request(self, finder: Finder, repository: ChartRepository) -> None:
        found = await asyncio.gather(*(finder.find(repository.url, name) for name in ("app", "other") * 20))
        assert {each.versions for each in found} == {("2.0.0", "1.2.0", "1.0.0"), ("9.0.0",)}
        assert len(repository.seen) == 1

    async def test_a_login_is_sent_and_nobody_else_sees_what_it_found(
        self, finder: Finder, repository: ChartRepository
    ) -> None:
        repository.user, repository.password = ROBOT.username, ROBOT.password
        assert (await finder.find(repository.url, "app", ROBOT)).versions[0] == "2.0.0"
        with pytest.raises(Refused, match="answered 401") as caught:
            await finder.find(repository.url, "app")
        assert "kargo.akuity.io/cred-type: helm" in caught.value.advice
        with pytest.raises(Refused) as caught:
            await finder.find(repository.url, "app", Login("robot", "wrong-password"))
        assert "Check the login" in caught.value.advice
        assert "wrong-password" not in str(caught.value)

    async def test_a_login_stays_at_home_where_plain_http_is_not_allowed(
        self, http: Http, repository: ChartRepository
    ) -> None:
        with pytest.raises(Permanent, match="its credentials were not sent"):
            await Finder(http, PlainHttp.NEVER).find(repository.url, "app", ROBOT)
        assert repository.seen == []

    async def test_an_index_that_helm_itself_wrote(self, finder: Finder, tmp_path: Path) -> None:
        for version in ("1.10.0", "1.9.0"):
            (tmp_path / f"app-{version}.tgz").write_bytes(chart_archive("app", version))
        subprocess.run([str(helm(3)), "repo", "index", str(tmp_path)], check=True, timeout=30)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await FileResponse(tmp_path / Request(scope).url.path.lstrip("/"))(scope, receive, send)

        async with serving(app) as url:
            assert (await finder.find(url, "app")).versions == ("1.10.0", "1.9.0")

    @pytest.mark.parametrize(
        ("body", "versions"),
        [
            pytest.param(b"entries: {app: [{version: 1.10}, {version: 1.9.0}]}", ("1.10", "1.9.0"), id="no number"),
            pytest.param(b'{"entries": {"app": [{"version": "1.0.0"}]}}', ("1.0.0",), id="JSON"),
            pytest.param(b"entries: {app: [{name: app}, 7, {version: 1.0.0}]}", ("1.0.0",), id="strange entries"),
            pytest.param(b"apiVersion: v1\nentries:\n", (), id="no charts yet"),
            pytest.param(b"a: &a [x, x]\nb: &b [*a, *a]\nentries: {app: *b}", (), id="aliases"),
            pytest.param(b"a: &a {version: 1.0.0}\nentries: {app: [*a]}", ("1.0.0",), id="an alias for a chart"),
            pytest.param(b"entries: ~", (), id="null"),
            pytest.param(b'{"a": "\\ud83d\\ude00", "entries": {"app": [{"version": "1"}]}}', ("1",), id="surrogates"),
            pytest.param(b"? [a]\n: b\nentries:\n  ? {b: c}\n  : d\n  app: [{version: 1}]", ("1",), id="odd keys"),
            pytest.param(b"entries: {app: {version: 1}}\n--- 5\n", (), id="no list, and another document"),
            pytest.param(b"entries: {app: [{version: [1], deep: {version: 2}}]}", (), id="no text"),
        ],
    )
    async def test_what_an_index_may_look_like(self, finder: Finder, body: bytes, versions: tuple[str, ...]) -> None:
        async with serving(Response(body)) as url:
            found = await finder.find(url, "app")
        assert found.versions == versions

    @pytest.mark.parametrize(
        ("status", "body", "error", "message"),
        [
            (404, b"", Refused, "index.yaml is not there"),
            (403, b"", Refused, "answered 403"),
            (500, b"", Temporary, "answered 500"),
            (200, b"<html>login</html>", Temporary, "not the index of a chart repository"),
            (200, b"a: b: c", Temporary, "not the index of a chart repository"),
            (200, b"entries: [1]", Temporary, "not the index of a chart repository"),
            (200, b"[" * 5000, Temporary, "not the index of a chart repository"),
            (200, b"", Temporary, "not the index of a chart repository"),
            (200, b"a: &a x\nentries: {app: *a}" + b"\n" * 2**20, Temporary, "not the index of a chart repository"),
            (200, b"\xff\xfe\xfa", Temporary, "not the index of a chart repository"),
        ],
    )
    async def test_what_is_wrong_is_told(
        self, finder: Finder, status: int, body: bytes, error: type[ArgosyError], message: str
    ) -> None:
        async with serving(Response(body, status_code=status)) as url:
            with pytest.raises(error, match=message):
                await finder.find(url, "app")

    async def test_a_constraint_that_is_none_costs_no_request(
        self, finder: Finder, repository: ChartRepository
    ) -> None:
        with pytest.raises(Invalid, match=f"chart {repository.url}: 'new' is not a version constraint"):
            await finder.find(repository.url, "app", semverConstraint="new")
        assert repository.seen == []


def test_reading_a_large_index_makes_no_heap_of_objects() -> None:
    """Collecting half a gigabyte of them holds up the whole process for seconds."""
    chart = "  - description: {many: words}\n    urls: [https://example.com/app.tgz]\n    version: 1.0.%s\n"
    content = ("entries:\n  app:\n" + "".join(chart % number for number in range(20_000))).encode()
    tracemalloc.start()
    try:
        versions = versions_in(content)["app"]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert versions[0] == "1.0.0"
    assert len(versions) == 20_000
    assert peak < 2 * len(content)


HOSTILE = {
    "deep": b"entries: " + b"{a: " * 500_000,
    "deep with an alias": b"a: &x 1\nb: *x\nentries: " + b"[" * 400_000 + b"]" * 400_000,
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_an_index_that_costs_too_much_is_refused(body: bytes) -> None:
    """Read to the end, they take hours, or all of the stack, and with it the process."""
    with pytest.raises(ValueError, match="too deep, or too much"):
        versions_in(body)
    with pytest.raises(ValueError, match="too deep, or too much"):
        versions_in(b"entries: {app: [" + b"1," * 1000 + b"]}", most=1000)


def test_aliases_multiply_nothing() -> None:
    lines = ["z0: &z0 [a, a]", *(f"z{n}: &z{n} [*z{n - 1}, *z{n - 1}]" for n in range(1, 40))]
    versions = "v: &v [" + ", ".join("{version: 1.0.0}" for _ in range(5_000)) + "]"
    names = ", ".join(f"c{number}: *v" for number in range(20_000))
    content = "\n".join([*lines, versions, f"entries: {{app: [{{version: *z39}}], {names}}}"])
    found = versions_in(content.encode())
    assert (found["app"], found["c0"], found["c19999"]) == ((), ("1.0.0",) * 5_000, ("1.0.0",) * 5_000)


async def test_a_server_of_many_large_indexes_holds_up_no_other(http: Http, repository: ChartRepository) -> None:
    large = b"entries: {app: [" + b"{version: 1.0.0}," * 50_000 + b"]}"
    repository.add("app", "1.0.0")
    read: list[str] = []

    async def get(url: str) -> None:
        await indexes.get(Place(url))
        read.append(url)

    async with serving(Response(large)) as url:
        indexes = ChartIndexes(http)
        slow = [asyncio.create_task(get(f"{url}/{number}")) for number in range(8)]
        await asyncio.wait(slow, return_when=asyncio.FIRST_COMPLETED)
        await get(repository.url)
        assert len(read) <= 4
        await asyncio.gather(*slow)


async def test_choosing_among_very_many_versions_holds_up_nothing_else(http: Http) -> None:
    versions = tuple(f"{number % 97}.{number}.0" for number in range(30_000))

    class Large(ChartIndexes):
        async def get(self, place: Place) -> Versions:
            return {"app": versions}

    subscription = ChartSubscription.model_validate({"repoURL": "https://x", "name": "app", "semverConstraint": ">1"})
    start = time.thread_time()
    best_first(subscription, versions)
    at_once = time.thread_time() - start
    tags = TagIndexes(Oci(http, SystemClock()), b"key")
    found, longest = await longest_turn_of(chart.discover(subscription, Large(http), tags, None))
    assert found.versions[0].startswith("96.")
    assert longest < at_once / 2


class TestRegistry:
    async def test_versions_that_helm_pushed(self, finder: Finder, tmp_path: Path) -> None:
        async with docker_registry(tmp_path) as host:
            for version in ("1.0.0", "1.1.0+build.7"):
                push_chart(host, chart_archive("app", version), "app")
            assert (await finder.find(f"oci://{host}/charts/app")).versions == ("1.1.0+build.7", "1.0.0")
            with pytest.raises(Refused, match="404"):
                await finder.find(f"oci://{host}/charts/missing")

    async def test_a_private_registry_wants_the_login(self, finder: Finder, tmp_path: Path) -> None:
        async with docker_registry(tmp_path, "basic", {ROBOT.username: ROBOT.password}) as host:
            with pytest.raises(Refused, match="401"):
                await finder.find(f"oci://{host}/charts/app")
            with pytest.raises(Refused, match="404"):
                await finder.find(f"oci://{host}/charts/app", login=ROBOT)
