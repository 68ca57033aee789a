"""A context for running one step alone, without an engine: real files, real git, a fake clock, a journal in memory."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from argosy.clients.argocd import Applications
from argosy.clients.cluster import Cluster
from argosy.clients.files import Tree
from argosy.clients.git import Git, Policy
from argosy.clients.helm import Helm
from argosy.clients.http import Http
from argosy.clients.kustomize import Kustomize
from argosy.clients.login import Login, PlainHttp
from argosy.clients.oci import Oci
from argosy.clients.web import Web
from argosy.clock import Clock
from argosy.credentials.git_user import GitUser
from argosy.errors import Invalid, NotFound
from argosy.resources.artifact import FreightOrigin
from argosy.resources.freight import FreightReference
from argosy.resources.meta import Json
from argosy.resources.warehouse import Warehouse
from argosy.sources.checkout import Checkouts
from argosy.sources.mirrors import Mirrors
from argosy.steps.base import AnyStep, Author, Change, Outcome, Preview
from argosy.testing.clock import FakeClock


class HastyClock(FakeClock):
    """A clock on which sleeping takes no time, and moves it on."""

    async def sleep(self, seconds: float) -> None:
        self._elapsed += max(seconds, 0.0)


@dataclass
class FakeContext:
    """Implements `argosy.steps.base.Context`. Change its fields to set the scene; read `lines` and `intents` after.

    Attributes:
        root: an empty folder; the working directory is `work` in it, mirrors and warm checkouts lie beside.
        logins: credentials by kind and URL.
        pins: what the step saw of the world the first time; keep it to run the step again as after a crash.
        intent: what an interrupted run was about to do.
        intents: everything the step recorded, in order.
        lines: what the step logged.
        previewing: whether the step runs in a plan.
        foreseen: what it told to be going to do to the world, in a plan.
        aliases: aliases of Freight by name; those that are set are kept here.
        on_intend: called after each intent was recorded, for instance to raise as a crash would.
    """

    root: Path
    project: str = "demo"
    stage: str = "test"
    promotion: str = "test.01jx.abc1234"
    actor: str = ""
    alias: str = "step-1"
    ui_base_url: str = ""
    started_at: datetime = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    outputs: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    freight: tuple[FreightReference, ...] = ()
    origins: tuple[FreightOrigin, ...] = ()
    warehouses: Mapping[str, Warehouse] = field(default_factory=dict)
    author: Author | GitUser = field(default_factory=Author)
    clock: Clock = field(default_factory=HastyClock)
    logins: Mapping[tuple[str, str], Login] = field(default_factory=dict)
    pins: dict[str, Json] = field(default_factory=dict)
    intent: Mapping[str, Json] | None = None
    intents: list[Mapping[str, Json]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    on_intend: Callable[[Mapping[str, Json]], None] = lambda intent: None
    previewing: bool = False
    foreseen: list[Change] = field(default_factory=list)
    aliases: dict[str, str] = field(default_factory=dict)
    tree: Tree = field(init=False)
    mirrors: Mirrors = field(init=False)
    checkouts: Checkouts = field(init=False)
    helm: Helm = field(default_factory=Helm)
    kustomize: Kustomize = field(default_factory=Kustomize)
    web: Web = field(default_factory=Web)
    argocd: Applications | None = None
    cluster: Cluster | None = None
    oci: Oci = field(init=False)
    http: Http = field(init=False)

    def __post_init__(self) -> None:
        self.tree = Tree(self.root / "work")
        self.tree.root.mkdir(parents=True, exist_ok=True)
        self.http = Http(self.clock)
        self.oci = Oci(self.http, self.clock)
        git = Git(Policy(allow_file=True, plain_http=PlainHttp.LOOPBACK))
        self.mirrors = Mirrors(self.root / "mirrors", git, self.clock, b"test")
        self.checkouts = Checkouts(self.root / "checkouts", self.mirrors, self.clock)

    async def close(self) -> None:
        """Close every connection."""
        await self.web.close()
        await self.http.close()

    async def run(self, step: AnyStep, config: Mapping[str, Json]) -> Outcome:
        """Check the configuration as written by a user, and run the step. Raises ValidationError or what it raises."""
        return await step.run(step.config.model_validate(config), self)

    def write(self, files: Mapping[str, str]) -> None:
        """Put files into the working directory."""
        for path, content in files.items():
            self.tree.write(path, content.encode())

    def read(self, path: str) -> str:
        """The content of a file of the working directory."""
        return self.tree.read(path).decode()

    def log(self, line: str) -> None:
        self.lines.append(line)

    async def committer(self) -> GitUser:
        return self.author if isinstance(self.author, GitUser) else GitUser(self.author.name, self.author.email)

    async def login(self, type: str, url: str) -> Login | None:
        return self.logins.get((type, url))

    async def pin(self, name: str, read: Callable[[], Awaitable[Json]]) -> Json:
        if name not in self.pins:
            self.pins[name] = await read()
        return self.pins[name]

    def foresee(self, change: Change) -> None:
        self.foreseen.append(change)

    async def set_alias(self, freight: str, alias: str) -> str:
        if freight not in self.aliases:
            raise NotFound(f"there is no Freight {freight!r}")
        if alias in {other for name, other in self.aliases.items() if name != freight}:
            raise Invalid(f"the alias {alias!r} is taken")
        before = self.aliases[freight]
        if not self.previewing:
            self.aliases[freight] = alias
        return before

    async def preview(self, step: AnyStep, config: Mapping[str, Json]) -> Preview:
        """Check the configuration, and ask the step what it would do. Raises as `run`."""
        assert step.preview is not None
        self.previewing = True
        return await step.preview(step.config.model_validate(config), self)

    async def intend(self, intent: Mapping[str, Json]) -> None:
        self.intent = intent
        self.intents.append(intent)
        self.on_intend(intent)
