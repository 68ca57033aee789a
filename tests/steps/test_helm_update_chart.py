"""Dependencies are fetched by the real helm, versions 3 and 4, from a repository that asks for a password and from a
real registry."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from argosy.clients.helm import Helm
from argosy.clients.login import Login, PlainHttp
from argosy.errors import Failed, Permanent, Temporary
from argosy.rules.chart_dependency import dependencies
from argosy.steps.base import Done
from argosy.steps.helm_update_chart import STEP
from argosy.testing.context import FakeContext
from argosy.testing.docker_registry import docker_registry
from argosy.testing.helm import MAJORS, ChartRepository, chart_archive, chart_files, helm, push_chart
from argosy.testing.web_server import Answer, WebServer

MIB = 1 << 20
ME = Login("me", "s3cret")


@pytest.fixture(params=MAJORS, autouse=True)
def major(ctx: FakeContext, request: pytest.FixtureRequest) -> int:
    version: int = request.param
    ctx.helm = Helm(str(helm(version)), PlainHttp.LOOPBACK)
    return version


@pytest.fixture
async def repository(ctx: FakeContext) -> AsyncIterator[ChartRepository]:
    """A repository with charts `db` 1.0.0 and 2.0.0 and `web` 1.0.0, that a chart `app` depends on."""
    made = ChartRepository(user="me", password="s3cret")
    for name, version in (("db", "1.0.0"), ("db", "2.0.0"), ("web", "1.0.0")):
        made.add(name, version)
    async with made.serve():
        ctx.logins = {("helm", made.url): ME}
        put_chart(ctx, made.url)
        yield made


def put_chart(ctx: FakeContext, url: str, database: str = "1.0.0") -> None:
    listed = [f"- name: db # ours\n  version: {database}\n  repository: '{url}'\n"]
    listed.append(f"- name: web\n  version: ^1.0.0\n  repository: '{url}'\n")
    ctx.write({"app/Chart.yaml": chart_files("app", "0.1.0")["Chart.yaml"] + "dependencies:\n" + "".join(listed)})


def archives(ctx: FakeContext) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (ctx.tree.root / "app/charts").iterdir()}


def locked(ctx: FakeContext) -> dict[str, str]:
    return {each.name: each.version for each in dependencies(ctx.tree.read("app/Chart.lock"), "Chart.lock")}


def to(url: str, version: str, name: str = "db") -> dict[str, Any]:
    return {"path": "app", "charts": [{"repository": url, "name": name, "version": version}]}


async def test_versions_change_and_charts_are_fetched(ctx: FakeContext, repository: ChartRepository) -> None:
    before = ctx.read("app/Chart.yaml")
    outcome = await ctx.run(STEP, {**to(repository.url, "2.0.0"), "path": "./app"})
    message = "Updated chart dependencies for ./app\n\n- db: 2.0.0\n- web: 1.0.0"
    assert outcome == Done({"commitMessage": message})
    assert ctx.read("app/Chart.yaml") == before.replace("version: 1.0.0\n", "version: 2.0.0\n")
    assert locked(ctx) == {"db": "2.0.0", "web": "1.0.0"}
    assert archives(ctx) == {
        "db-2.0.0.tgz": repository.charts["db", "2.0.0"],
        "web-1.0.0.tgz": repository.charts["web", "1.0.0"],
    }


async def test_without_charts_the_newest_versions_of_the_ranges_are_fetched(
    ctx: FakeContext, repository: ChartRepository
) -> None:
    await ctx.run(STEP, {"path": "app"})
    lock = ctx.read("app/Chart.lock")
    ctx.pins.clear()
    assert await ctx.run(STEP, {"path": "app"}) == Done()
    assert ctx.read("app/Chart.lock") == lock
    ctx.pins.clear()
    repository.add("web", "1.1.0")
    outcome = await ctx.run(STEP, {"path": "app"})
    assert outcome == Done({"commitMessage": "Updated chart dependencies for app\n\n- web: 1.0.0 -> 1.1.0"})
    assert sorted(archives(ctx)) == ["db-1.0.0.tgz", "web-1.1.0.tgz"]


async def test_after_a_crash_the_same_versions_are_fetched(ctx: FakeContext, repository: ChartRepository) -> None:
    config = to(repository.url, "2.0.0")
    first = await ctx.run(STEP, config)
    lock, fetched = ctx.read("app/Chart.lock"), archives(ctx)
    lose_workspace(ctx, repository)
    repository.add("web", "1.1.0")
    assert await ctx.run(STEP, config) == first
    assert (ctx.read("app/Chart.lock"), archives(ctx)) == (lock, fetched)
    lose_workspace(ctx, repository)
    repository.charts["web", "1.0.0"] = chart_archive("web", "1.0.0", templates__more="a: 1\n")
    with pytest.raises(Failed, match="what app depends on has changed since"):
        await ctx.run(STEP, config)


def lose_workspace(ctx: FakeContext, repository: ChartRepository) -> None:
    ctx.tree.delete("app")
    put_chart(ctx, repository.url)


async def test_a_chart_in_the_same_tree_is_packed(ctx: FakeContext) -> None:
    ctx.write({f"library/{path}": content for path, content in chart_files("library", "3.0.0").items()})
    depends = "dependencies: [{name: library, version: 3.x, repository: 'file://../library'}]\n"
    ctx.write({"app/Chart.yaml": chart_files("app", "0.1.0")["Chart.yaml"] + depends})
    outcome = await ctx.run(STEP, {"path": "app"})
    assert outcome == Done({"commitMessage": "Updated chart dependencies for app\n\n- library: 3.0.0"})
    with tarfile.open(fileobj=io.BytesIO(archives(ctx)["library-3.0.0.tgz"])) as packed:
        assert "library/templates/config.yaml" in packed.getnames()
    assert await ctx.run(STEP, {"path": "app"}) == Done()


@pytest.mark.parametrize("auth", ["none", "basic", "token"])
async def test_charts_come_from_registries(ctx: FakeContext, tmp_path: Path, auth: Any) -> None:
    folder = tmp_path / "registry"
    folder.mkdir()
    async with docker_registry(folder) as registry:
        for version in ("1.0.0", "1.1.0"):
            push_chart(registry, chart_archive("db", version), "db")
    async with docker_registry(folder, auth, {"me": "s3cret"}) as registry:
        url = f"oci://{registry}/charts"
        if auth == "basic":
            ctx.logins = {("helm", f"{url}/db"): ME}
        depends = f"dependencies: [{{name: db, version: 1.0.0, repository: '{url}'}}]\n"
        ctx.write({"app/Chart.yaml": chart_files("app", "0.1.0")["Chart.yaml"] + depends})
        outcome = await ctx.run(STEP, to(url, "1.1.0"))
    assert outcome == Done({"commitMessage": "Updated chart dependencies for app\n\n- db: 1.1.0"})
    assert archives(ctx) == {"db-1.1.0.tgz": chart_archive("db", "1.1.0")}


async def test_a_chart_without_dependencies_stays_as_it_is(ctx: FakeContext) -> None:
    ctx.write({"app/Chart.yaml": "apiVersion: v2\nname: app\nversion: 1.0.0\n"})
    assert await ctx.run(STEP, {"path": "app"}) == Done(message="the chart depends on nothing")


async def test_a_login_never_shows(ctx: FakeContext, repository: ChartRepository) -> None:
    ctx.logins = {("helm", repository.url): Login("me", "wr0ng-pass")}
    with pytest.raises(Permanent, match="401") as told:
        await ctx.run(STEP, {"path": "app"})
    assert "wr0ng-pass" not in str(told.value)
    assert all("wr0ng" not in line for line in ctx.lines)


async def test_a_login_goes_over_plain_http_only_where_that_is_allowed(
    ctx: FakeContext, repository: ChartRepository
) -> None:
    ctx.helm = replace(ctx.helm, plain_http=PlainHttp.NEVER)
    with pytest.raises(Permanent, match="credentials were not sent"):
        await ctx.run(STEP, {"path": "app"})
    assert repository.seen == []


async def test_a_login_goes_to_its_own_repository_only(ctx: FakeContext, repository: ChartRepository) -> None:
    other = ChartRepository()
    other.add("web", "1.0.0")
    async with other.serve():
        chart = ctx.read("app/Chart.yaml")
        head, _, tail = chart.rpartition(repository.url)
        ctx.write({"app/Chart.yaml": head + other.url + tail})
        await ctx.run(STEP, {"path": "app"})
    assert {login for _, login in other.seen} == {""}
    assert "" not in {login for _, login in repository.seen}


@pytest.mark.parametrize(
    ("url", "says"),
    [
        pytest.param("file:///etc", "lies at file:///etc, outside of the promotion", id="an absolute path"),
        pytest.param("file://../../outside", "outside of the promotion", id="a path that leads out"),
        pytest.param("file://../link", "outside of the promotion", id="a link that leads out"),
        pytest.param("file://../evil", "evil/secret is a link that leads out", id="a link in the chart"),
        pytest.param("http://169.254.169.254/charts", "link-local address", id="what clouds keep"),
        pytest.param("oci://169.254.169.254/charts", "link-local address", id="the same as a registry"),
        pytest.param("http://[::ffff:169.254.169.254]/charts", "link-local address", id="the same written otherwise"),
        pytest.param("HTTP://169.254.169.254/charts", "not a usable URL", id="the same in capitals"),
        pytest.param("oci://[bad/charts", "not a usable URL", id="half an address"),
        pytest.param("https://me:secret@host:99999/charts", "repository 'host:99999/charts' of db", id="a port"),
        pytest.param("oci://host:99999", "not a usable URL", id="a port of a registry"),
        pytest.param("https:///charts", "not a usable URL", id="no host"),
        pytest.param("ftp://127.0.0.1/charts", "helm failed", id="another protocol"),
        pytest.param("@alias", "helm failed", id="an alias"),
    ],
)
async def test_dependencies_that_lie_elsewhere_are_refused(ctx: FakeContext, url: str, says: str) -> None:
    (ctx.root / "outside").mkdir()
    (ctx.root / "outside/Chart.yaml").write_text("apiVersion: v2\nname: db\nversion: 1.0.0\n")
    (ctx.tree.root / "link").symlink_to(ctx.root / "outside")
    ctx.write({"evil/Chart.yaml": "apiVersion: v2\nname: db\nversion: 1.0.0\n"})
    (ctx.tree.root / "evil/secret").symlink_to(ctx.root / "outside/Chart.yaml")
    put_chart(ctx, url)
    with pytest.raises(Permanent, match=says):
        await ctx.run(STEP, {"path": "app"})
    assert not (ctx.tree.root / "app/charts").exists()


@pytest.mark.parametrize("content", [b"credentials of the machine", gzip.compress(bytes(MIB)), b"\x1f\x8b"])
async def test_what_is_no_chart_is_told_and_does_not_stay(
    ctx: FakeContext, repository: ChartRepository, content: bytes
) -> None:
    repository.charts["db", "1.0.0"] = content
    with pytest.raises(Permanent, match=r"what the repositories have as db 1\.0\.0 is no chart"):
        await ctx.run(STEP, {"path": "app"})
    assert archives(ctx).keys() == {"web-1.0.0.tgz"}
    assert ctx.pins == {}


@pytest.mark.parametrize(
    ("config", "says"),
    [
        pytest.param({"version": "9.9.9"}, "9.9.9", id="a version that is not there"),
        pytest.param({"name": "other"}, r"no dependency other from .* It has db from", id="another name"),
        pytest.param({"repository": "https://charts.example.com"}, "no dependency db from", id="another repository"),
    ],
)
async def test_helm_update_chart_refuses(
    ctx: FakeContext, repository: ChartRepository, config: dict[str, Any], says: str
) -> None:
    chart = {"repository": repository.url, "name": "db", "version": "2.0.0", **config}
    with pytest.raises(Permanent, match=says):
        await ctx.run(STEP, {"path": "app", "charts": [chart]})


async def test_a_server_that_is_out_of_reach_is_asked_again_later(ctx: FakeContext) -> None:
    put_chart(ctx, "http://127.0.0.1:1/charts")
    with pytest.raises(Temporary, match="connection refused"):
        await ctx.run(STEP, {"path": "app"})


async def test_a_server_that_has_a_bad_moment_is_asked_again_later(ctx: FakeContext) -> None:
    async with WebServer({"/charts/index.yaml": [Answer(503)]}).serve() as server:
        put_chart(ctx, f"{server.url}/charts")
        with pytest.raises(Temporary, match=r"/charts: .*503 Service Unavailable"):
            await ctx.run(STEP, {"path": "app"})


@pytest.mark.parametrize(("path", "says"), [("none", "no file none/Chart.yaml"), (".git", "leads into .git")])
async def test_a_chart_must_be_there(ctx: FakeContext, path: str, says: str) -> None:
    with pytest.raises(Permanent, match=says):
        await ctx.run(STEP, {"path": path})


@pytest.mark.parametrize(
    "config",
    [
        pytest.param({}, id="no path"),
        pytest.param({"path": "app", "charts": []}, id="an empty list"),
        pytest.param({"path": "app", "charts": [{"name": "db", "version": "1"}]}, id="no repository"),
        pytest.param({"path": "app", "charts": [{"repository": "r", "name": "db", "version": ""}]}, id="no version"),
    ],
)
async def test_the_configuration_is_checked(ctx: FakeContext, config: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        await ctx.run(STEP, config)
