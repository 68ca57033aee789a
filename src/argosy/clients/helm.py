"""The `helm` program, 3 or 4: confined, without plug-ins or configuration, with no credentials but those given.

Rendering reads the tree that it is given and reaches no network. Fetching dependencies changes the tree, and connects
to port 443 and to the ports of the repositories that the chart names.
"""

from __future__ import annotations

import asyncio
import re
import socket
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import orjson

from argosy.clients import renderer
from argosy.clients.confinement import Confinement
from argosy.clients.login import Login, PlainHttp
from argosy.clients.renderer import Bounds, Rendered
from argosy.clients.web import is_link_local
from argosy.errors import Permanent
from argosy.rules.chart_value import Assignment, divided

_OLDEST = 3
_DOCKER_HUB = ("docker.io", "registry-1.docker.io", "index.docker.io", "https://index.docker.io/v1/")
_INDEX_FAULT = re.compile(r"Unable to get an update from .*? chart repository \((.*?)\):\s*(.*)")
_MISSING = re.compile(r"found in Chart\.yaml, but missing in charts/")


@dataclass(frozen=True, slots=True)
class Release:
    """What to render.

    Attributes:
        chart: folder or archive.
        values: files of values, as the user names them, with their content; later ones count more.
        assignments: values that count more than those of files.
        folders_by_release: whether files lie in folders named by the release rather than by the chart.
    """

    name: str
    namespace: str
    chart: Path
    values: Sequence[tuple[str, bytes]] = ()
    assignments: Sequence[Assignment] = ()
    crds: bool = False
    hooks: bool = True
    tests: bool = True
    kube_version: str = ""
    api_versions: Sequence[str] = ()
    folders_by_release: bool = False


@dataclass(frozen=True, slots=True)
class Repository:
    """A chart repository that a chart names, `http://`, `https://` or `oci://`.

    Attributes:
        login: who we are there.
        plain: whether a registry speaks plain HTTP.
        token_port: where its tokens come from, when that is another port; 0 for nowhere else.
    """

    url: str
    login: Login | None = None
    plain: bool = False
    token_port: int = 0

    @property
    def host(self) -> str:
        """Host and port."""
        return urlsplit(self.url).netloc.rpartition("@")[2]

    @property
    def secrets(self) -> Iterator[str]:
        """The passwords that must show nowhere: of the login, and of the URL if it has one."""
        yield from filter(None, (self.login.password if self.login else "", urlsplit(self.url).password))

    @property
    def port(self) -> int:
        parts = urlsplit(self.url)
        return parts.port or (80 if self.plain or parts.scheme == "http" else 443)


@dataclass(frozen=True)
class Helm:
    """Renders charts and fetches what they depend on.

    Args:
        program: name on the PATH or path of helm.
        plain_http: where logins may be sent over plain HTTP.
        bounds: what one run may take.
        turns: how many may run at once.
    """

    program: str = "helm"
    plain_http: PlainHttp = PlainHttp.NEVER
    bounds: Bounds = field(default_factory=Bounds)
    turns: asyncio.Semaphore = field(default_factory=renderer.turns, repr=False, compare=False)

    def command(self) -> str:
        """The file of the program. Raises Permanent when there is none."""
        found = renderer.which(self.program)
        if found is None:
            raise Permanent(
                f"{self.program} was not found",
                advice="Install helm 3 or 4 where Argosy runs, on the PATH or named by ARGOSY_HELM.",
            )
        return str(found)

    async def render(self, release: Release, within: Path) -> bytes:
        """All manifests in one text, each after a line of `---` and a comment that tells its template.

        Raises:
            Permanent: the chart is wrong, takes too much, needs dependencies, or there is no helm.
            Temporary: it takes too long.
        """
        with renderer.home() as home:
            return (await self._template(release, within, home)).output

    async def render_files(self, release: Release, within: Path) -> dict[str, bytes]:
        """The manifests as files, by paths of the form `CHART/templates/FILE`. Raises as `render`."""
        with renderer.home() as home:
            out = home / "out"
            await self._template(release, within, home, f"--output-dir={out}")
            return await asyncio.to_thread(self._read, out)

    async def fetch(self, chart: Path, within: Path, repositories: Iterable[Repository], *, update: bool) -> None:
        """Put what a chart depends on into its folder `charts`, and the versions into `Chart.lock`.

        Args:
            within: the tree that holds the chart and others that it depends on.
            update: whether to choose versions anew, rather than to take those of `Chart.lock` when it is there.

        Raises:
            Permanent: a version or a repository is not there, or refuses the login.
            Temporary: a server is out of reach, or it takes too long.
        """
        known = list(repositories)
        for repository in known:
            await self._check(repository)
        registries = [each for each in known if each.url.startswith("oci://")]
        flags = ["--plain-http"] if registries and all(each.plain for each in registries) else []
        ports = {443, *(each.port for each in known), *(each.token_port for each in known if each.token_port)}
        with renderer.home() as home:
            variables = _variables(home)
            _private(Path(variables["HELM_REPOSITORY_CONFIG"]), _repositories(known))
            _private(Path(variables["HELM_REGISTRY_CONFIG"]), _auths(registries))
            names = renderer.names(within, home)
            names |= {secret: "***" for each in known for secret in each.secrets}
            argv = [self.command(), "dependency", "update" if update else "build", *flags, "--", str(chart)]
            run = renderer.Run("helm", home, within, names, variables, self.turns, _INDEX_FAULT)
            await run(argv, Confinement([], [within, home], ports, self.bounds.memory), self.bounds)

    async def _template(self, release: Release, within: Path, home: Path, *flags: str) -> Rendered:
        names = renderer.names(within, home)
        files = []
        for index, (name, content) in enumerate(release.values):
            file = home / f"values-{index}.yaml"
            _private(file, content)
            names = {str(file): name} | names
            files.append(f"--values={file}")
        texts, others = divided(release.assignments)
        if texts:
            file = home / "set.yaml"
            _private(file, orjson.dumps(texts))
            files.append(f"--values={file}")
        argv = [
            self.command(),
            "template",
            *_flags(release),
            *files,
            *_assigned(others),
            *flags,
            "--",
            release.name,
            str(release.chart),
        ]
        run = renderer.Run("helm", home, within, names, _variables(home), self.turns)
        try:
            return await run(argv, Confinement([within], [home], (), self.bounds.memory), self.bounds)
        except Permanent as error:
            if _MISSING.search(error.message):
                raise Permanent(error.message, advice="Set buildDependencies: true to have them fetched.") from error
            raise

    def _read(self, folder: Path) -> dict[str, bytes]:
        found = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
        if sum(path.stat().st_size for path in found) > self.bounds.output:
            raise Permanent(f"helm wrote more than {self.bounds.output} bytes")
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}

    async def _check(self, repository: Repository) -> None:
        """Raises Permanent where a login or a connection may not go."""
        parts = urlsplit(repository.url)
        host = parts.hostname or ""
        if repository.login is not None:
            scheme = "http" if repository.plain else parts.scheme
            self.plain_http.check(scheme, host, where=f"{parts.scheme}://{repository.host}{parts.path}")
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, repository.port, type=socket.SOCK_STREAM)
        except OSError:
            return  # helm tells that there is no such host
        for *_, address in found:
            if is_link_local(str(address[0])):
                raise Permanent(
                    f"the chart repository {host} leads to the link-local address {address[0]}",
                    advice="Such addresses are refused, for clouds keep the credentials of machines there.",
                )


def _flags(release: Release) -> Iterator[str]:
    yield f"--namespace={release.namespace}"
    if release.crds:
        yield "--include-crds"
    if not release.hooks:
        yield "--no-hooks"
    if not release.tests:
        yield "--skip-tests"
    if release.folders_by_release:
        yield "--release-name"
    if release.kube_version:
        yield f"--kube-version={release.kube_version}"
    for version in release.api_versions:
        yield f"--api-versions={_listed(version)}"


def _assigned(assignments: Iterable[Assignment]) -> Iterator[str]:
    for each in assignments:
        yield f"--set{'-literal' if each.literal else ''}={each.key}={each.value}"


def _listed(text: str) -> str:
    """A text as the only item of a flag that takes lists."""
    return '"' + text.replace('"', '""') + '"'


def _variables(home: Path) -> Mapping[str, str]:
    return {
        "HELM_CACHE_HOME": str(home / "cache"),
        "HELM_CONFIG_HOME": str(home / "config"),
        "HELM_DATA_HOME": str(home / "data"),
        "HELM_PLUGINS": str(home / "plugins"),
        "HELM_REGISTRY_CONFIG": str(home / "registry.json"),
        "HELM_REPOSITORY_CACHE": str(home / "cache"),
        "HELM_REPOSITORY_CONFIG": str(home / "repositories.json"),
    }


def _private(file: Path, content: bytes) -> None:
    file.touch(mode=0o600)
    file.write_bytes(content)


def _repositories(known: Iterable[Repository]) -> bytes:
    entries = []
    for index, each in enumerate(each for each in known if not each.url.startswith("oci://")):
        login = each.login or Login()
        entries.append({"name": f"r{index}", "url": each.url, "username": login.username, "password": login.password})
    return orjson.dumps({"apiVersion": "v1", "generated": "2001-01-01T00:00:00Z", "repositories": entries})


def _auths(registries: Iterable[Repository]) -> bytes:
    auths: dict[str, dict[str, str]] = {}
    for each in registries:
        if each.login is None:
            continue
        auth = {"auth": b64encode(f"{each.login.username}:{each.login.password}".encode()).decode()}
        for host in _DOCKER_HUB if each.host in _DOCKER_HUB else (each.host,):
            auths.setdefault(host, auth)
    return orjson.dumps({"auths": auths})
