"""Proxies and certificates, for every kind of repository: hosts whose names only a proxy knows, with an authority of
their own."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from argosy.clients.git import Git, Remote
from argosy.clients.git import Policy as GitPolicy
from argosy.clients.helm import Helm, Repository
from argosy.clients.http import Http, Policy
from argosy.clients.oci import Access, Oci, Target
from argosy.clock import SystemClock
from argosy.errors import Permanent, Temporary
from argosy.resources.warehouse import ChartSubscription
from argosy.rules import image_url
from argosy.sources import chart
from argosy.sources.chart_index import ChartIndexes
from argosy.sources.mirrors import Mirrors
from argosy.sources.tag_index import TagIndexes
from argosy.testing.git_repository import GitRepository
from argosy.testing.git_server import GitServer
from argosy.testing.helm import MAJORS, ChartRepository, chart_files, helm
from argosy.testing.image_push import NewImage, connected, push_image
from argosy.testing.proxy import Proxy
from argosy.testing.registry import Registry
from argosy.testing.tls import Identity, make_identity, tls_front

GIT, IMAGES, CHARTS = "git.example.test", "registry.example.test", "charts.example.test"
VARIABLES = ("http_proxy", "https_proxy", "no_proxy", "all_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO")


@dataclass
class Servers:
    """Three servers of one commit, image or chart each, their ports with and without TLS, and the proxy to them."""

    identity: Identity
    proxy: Proxy
    plain: dict[str, int] = field(default_factory=dict)
    secure: dict[str, int] = field(default_factory=dict)


@pytest.fixture
async def servers(tmp_path: Path) -> AsyncIterator[Servers]:
    async with AsyncExitStack() as stack:
        git = await stack.enter_async_context(GitServer(tmp_path / "served").serve())
        git.create("app").commit({"a": "1"})
        registry = await stack.enter_async_context(Registry().serve())
        async with connected() as oci:
            await push_image(oci, Target(image_url.parse(f"{registry.host}/app")), "1.0.0", NewImage())
        charts = await stack.enter_async_context(ChartRepository().serve())
        charts.add("app", "1.0.0")
        identity = make_identity(tmp_path, GIT, IMAGES, CHARTS)
        made = Servers(identity, await stack.enter_async_context(Proxy().serve()))
        for host, url in ((GIT, git.url), (IMAGES, registry.url), (CHARTS, charts.url)):
            made.plain[host] = int(url.split("/")[2].rpartition(":")[2])
            made.secure[host] = await stack.enter_async_context(tls_front(url, identity))
        made.proxy.routes = made.secure
        yield made


class Eyes:
    """Looks through one set of caches, with what the environment says when it is made."""

    def __init__(self, folder: Path) -> None:
        clock = SystemClock()
        self.http = Http(clock, Policy(connect=5.0, read=5.0, attempts=2, backoff=0.001))
        self.tags = TagIndexes(Oci(self.http, clock, Access(plain_http=frozenset({IMAGES}))), b"key")
        self.secure_tags = TagIndexes(Oci(self.http, clock), b"key")
        self.charts = ChartIndexes(self.http)
        self.mirrors = Mirrors(folder / "mirrors", Git(GitPolicy(remote_seconds=20)), clock, b"key")

    async def git(self, scheme: str, host: str, verify: bool) -> int:
        remote = Remote.of(f"{scheme}://{host or GIT}/app.git", verify_tls=verify)
        return len((await (await self.mirrors.open(remote)).refresh()).branches)

    async def image(self, scheme: str, host: str, verify: bool) -> int:
        tags = self.tags if scheme == "http" else self.secure_tags
        target = Target(image_url.parse(f"{host or IMAGES}/app"), verify=verify)
        return len(await tags.of(target).tags())

    async def chart(self, scheme: str, host: str, verify: bool) -> int:
        return await self._chart(f"{scheme}://{host or CHARTS}/charts", "app", verify)

    async def oci_chart(self, scheme: str, host: str, verify: bool) -> int:
        return await self._chart(f"oci://{host or IMAGES}/app", "", verify, self.tags if scheme == "http" else None)

    async def _chart(self, url: str, name: str, verify: bool, tags: TagIndexes | None = None) -> int:
        given = {"repoURL": url, "name": name, "insecureSkipTLSVerify": not verify}
        subscription = ChartSubscription.model_validate(given)
        return len((await chart.discover(subscription, self.charts, tags or self.secure_tags, None)).versions)


Look = Callable[[Eyes, str, str, bool], Awaitable[int]]
KINDS: Mapping[str, tuple[str, Look]] = {
    "git": (GIT, Eyes.git),
    "image": (IMAGES, Eyes.image),
    "chart": (CHARTS, Eyes.chart),
    "chart in a registry": (IMAGES, Eyes.oci_chart),
}
every_kind = pytest.mark.parametrize(("host", "look"), KINDS.values(), ids=KINDS)
Open = Callable[..., Eyes]


@pytest.fixture
async def open_eyes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Open]:
    """Opens eyes in an environment that says only what is given."""
    opened: list[Eyes] = []

    def open_in(**environment: object) -> Eyes:
        for name in VARIABLES:
            monkeypatch.delenv(name, raising=False)
            monkeypatch.delenv(name.upper(), raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(name, str(value))
        opened.append(Eyes(tmp_path / str(len(opened))))
        return opened[-1]

    yield open_in
    for eyes in opened:
        await eyes.mirrors.close()
        await eyes.http.close()


@every_kind
async def test_a_proxy_leads_to_servers_of_a_custom_authority(
    servers: Servers, open_eyes: Open, host: str, look: Look
) -> None:
    eyes = open_eyes(HTTPS_PROXY=servers.proxy.url, SSL_CERT_FILE=servers.identity.certificate)
    assert await look(eyes, "https", "", True) == 1
    assert set(servers.proxy.asked) == {f"CONNECT {host}:443"}


@every_kind
async def test_a_folder_of_authorities(
    servers: Servers, open_eyes: Open, tmp_path: Path, host: str, look: Look
) -> None:
    folder = tmp_path / "authorities"
    folder.mkdir()
    argv = ["openssl", "x509", "-hash", "-noout", "-in", str(servers.identity.certificate)]
    digest = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=30).stdout.strip()
    (folder / f"{digest}.0").write_bytes(servers.identity.certificate.read_bytes())
    assert await look(open_eyes(https_proxy=servers.proxy.url, SSL_CERT_DIR=folder), "https", "", True) == 1


@every_kind
async def test_an_unknown_authority_is_refused_unless_the_subscription_waives_that_for_itself(
    servers: Servers, open_eyes: Open, host: str, look: Look
) -> None:
    eyes = open_eyes(HTTPS_PROXY=servers.proxy.url)
    assert await look(eyes, "https", "", False) == 1
    with pytest.raises(Permanent) as caught:
        await look(eyes, "https", "", True)
    assert "certificate" in caught.value.message
    assert "SSL_CERT_FILE" in caught.value.advice
    assert "insecureSkipTLSVerify" in caught.value.advice
    assert await look(eyes, "https", "", False) == 1


@every_kind
async def test_a_certificate_of_another_host_is_refused(
    servers: Servers, open_eyes: Open, host: str, look: Look
) -> None:
    other = "other.example.test"
    servers.proxy.routes = {other: servers.secure[host]}
    eyes = open_eyes(HTTPS_PROXY=servers.proxy.url, SSL_CERT_FILE=servers.identity.certificate)
    with pytest.raises(Permanent, match="certificate"):
        await look(eyes, "https", other, True)
    assert await look(eyes, "https", other, False) == 1


@every_kind
@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
async def test_a_proxy_for_plain_http(servers: Servers, open_eyes: Open, host: str, look: Look, variable: str) -> None:
    servers.proxy.routes = servers.plain
    assert await look(open_eyes(**{variable: servers.proxy.url}), "http", "", True) == 1
    assert servers.proxy.asked


@every_kind
@pytest.mark.parametrize("exempt", ["HOST", ".example.test", "example.test", "*"])
async def test_no_proxy_is_asked_for_hosts_that_are_exempt(
    servers: Servers, open_eyes: Open, host: str, look: Look, exempt: str
) -> None:
    eyes = open_eyes(HTTPS_PROXY=servers.proxy.url, NO_PROXY=f"elsewhere.test, {exempt}".replace("HOST", host))
    with pytest.raises(Temporary):  # only the proxy knows where the host is
        await look(eyes, "https", "", True)
    assert servers.proxy.asked == []


@every_kind
async def test_what_is_on_this_machine_needs_no_proxy(servers: Servers, open_eyes: Open, host: str, look: Look) -> None:
    eyes = open_eyes(HTTPS_PROXY=servers.proxy.url, HTTP_PROXY=servers.proxy.url, ALL_PROXY=servers.proxy.url)
    assert await look(eyes, "http", f"127.0.0.1:{servers.plain[host]}", True) == 1
    assert servers.proxy.asked == []


@every_kind
async def test_a_proxy_that_wants_a_login(servers: Servers, open_eyes: Open, host: str, look: Look) -> None:
    servers.proxy.login = "robot:hunter2"
    trusted = {"SSL_CERT_FILE": servers.identity.certificate}
    good = servers.proxy.url.replace("//", "//robot:hunter2@")
    assert await look(open_eyes(HTTPS_PROXY=good, **trusted), "https", "", True) == 1
    with pytest.raises(Temporary, match="407") as caught:
        await look(open_eyes(HTTPS_PROXY=good.replace("hunter2", "wrong-word"), **trusted), "https", "", True)
    assert "wrong-word" not in str(caught.value)


@pytest.mark.parametrize(
    "environment",
    [{"SSL_CERT_FILE": "/nonexistent/ca.pem"}, {"HTTPS_PROXY": "socks9://x"}, {"HTTPS_PROXY": "http://[::"}],
    ids=lambda given: "".join(given.values()),
)
@pytest.mark.parametrize("look", [Eyes.image, Eyes.chart])
async def test_an_environment_of_no_use_is_told(open_eyes: Open, look: Look, environment: dict[str, str]) -> None:
    with pytest.raises(Permanent, match="nothing can be sent") as caught:
        await look(open_eyes(**environment), "https", "", True)
    assert "SSL_CERT_FILE" in caught.value.advice


@every_kind
@pytest.mark.parametrize("most", [0, 5, 40, 120, 150])
async def test_a_connection_that_breaks_costs_another_try_and_nothing_is_taken_from_half_an_answer(
    servers: Servers, open_eyes: Open, host: str, look: Look, most: int
) -> None:
    servers.proxy.routes = servers.plain
    eyes = open_eyes(HTTP_PROXY=servers.proxy.url)
    servers.proxy.breaks = [most] * 4
    with pytest.raises(Temporary):
        await look(eyes, "http", "", True)
    servers.proxy.breaks = [] if look is Eyes.git else [most]
    assert await look(eyes, "http", "", True) == 1


@pytest.mark.parametrize("most", [20, 60, 120, 300, 500, 650])
async def test_what_a_git_server_has_is_not_taken_for_gone_when_its_answer_breaks_off(
    servers: Servers, open_eyes: Open, most: int
) -> None:
    servers.proxy.routes = servers.plain
    eyes = open_eyes(HTTP_PROXY=servers.proxy.url)
    assert await eyes.git("http", "", True) == 1
    servers.proxy.breaks = [most] * 4
    with pytest.raises(Temporary):
        await eyes.git("http", "", True)
    servers.proxy.breaks = []
    mirror = await eyes.mirrors.open(Remote.of(f"http://{GIT}/app.git"))
    assert await mirror.resolve(branch="main")


async def test_a_repository_without_commits_is_empty(servers: Servers, open_eyes: Open, tmp_path: Path) -> None:
    GitRepository.create(tmp_path / "served" / "empty.git")
    servers.proxy.routes = servers.plain
    mirror = await open_eyes(HTTP_PROXY=servers.proxy.url).mirrors.open(Remote.of(f"http://{GIT}/empty.git"))
    assert (await mirror.refresh()).branches == {}


@pytest.mark.parametrize("major", MAJORS)
@pytest.mark.parametrize("known", [True, False], ids=["known authority", "unknown authority"])
async def test_helm_itself_fetches_through_the_proxy_with_the_same_authorities(
    servers: Servers, open_eyes: Open, tmp_path: Path, major: int, known: bool
) -> None:
    trusted = {"SSL_CERT_FILE": servers.identity.certificate} if known else {}
    open_eyes(HTTPS_PROXY=servers.proxy.url, **trusted)
    tree = tmp_path / "tree"
    (tree / "app").mkdir(parents=True)
    url = f"https://{CHARTS}/charts"
    depends = f"dependencies:\n- {{name: app, version: 1.0.0, repository: '{url}'}}\n"
    (tree / "app" / "Chart.yaml").write_text(chart_files("umbrella", "0.1.0")["Chart.yaml"] + depends)
    fetching = Helm(str(helm(major))).fetch(tree / "app", tree, [Repository(url)], update=True)
    if known:
        await fetching
        assert (tree / "app" / "charts" / "app-1.0.0.tgz").exists()
    else:
        with pytest.raises(Permanent, match="certificate"):
            await fetching
    assert set(servers.proxy.asked) == {f"CONNECT {CHARTS}:443"}
