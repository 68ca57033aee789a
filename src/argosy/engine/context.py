"""What one run of one step sees of the world: the engine's side of `steps.base.Context`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from argosy.clients.argocd import Applications
from argosy.clients.cluster import Cluster
from argosy.clients.files import Tree
from argosy.clients.helm import Helm
from argosy.clients.kustomize import Kustomize
from argosy.clients.login import Login
from argosy.clients.oci import Oci
from argosy.clients.web import Web
from argosy.credentials.git_user import GitUser, git_user
from argosy.credentials.secret import CredentialFor
from argosy.engine.functions.resource import Logins, Read
from argosy.engine.log import Logs
from argosy.engine.redaction import Redactor
from argosy.errors import Permanent
from argosy.resources.artifact import FreightOrigin
from argosy.resources.freight import FreightReference
from argosy.resources.meta import Json
from argosy.resources.names import Annotation
from argosy.resources.promotion import Promotion
from argosy.resources.stage import Stage
from argosy.resources.warehouse import Warehouse
from argosy.sources.checkout import Checkouts
from argosy.sources.mirrors import Mirrors
from argosy.steps.base import Author, Change, MetadataUpdate


@dataclass(frozen=True, slots=True)
class Services:
    """What steps may use of the outside world, the same for all promotions.

    `write_metadata` merges values into `status.metadata` of a resource in a namespace; it raises NotFound. `set_alias`
    takes namespace and name of Freight, its new alias, and whether only to look if that can be; it gives the alias
    before. `read` gives the document of a kind, a namespace and a name, None when there is none. `foresee` is there in
    a plan: it takes what would be done.
    """

    mirrors: Mirrors
    checkouts: Checkouts
    web: Web
    oci: Oci
    logins: Logins
    write_metadata: Callable[[str, MetadataUpdate], Awaitable[None]]
    set_alias: Callable[[str, str, str, bool], Awaitable[str]]
    read: Read
    shared_namespace: str = ""
    author: Author = field(default_factory=Author)
    ui_base_url: str = ""
    foresee: Callable[[str, Change], None] | None = None
    helm: Helm = field(default_factory=Helm)
    kustomize: Kustomize = field(default_factory=Kustomize)
    argocd: Applications | None = None
    cluster: Cluster | None = None


@dataclass(slots=True)
class StepContext:
    """Implements `steps.base.Context` for one run of one step."""

    services: Services
    logs: Logs
    record: Promotion
    target: Stage
    alias: str
    started_at: datetime
    tree: Tree
    freight: tuple[FreightReference, ...]
    origins: tuple[FreightOrigin, ...]
    warehouses: Mapping[str, Warehouse]
    pins: dict[str, Json]
    intent: Mapping[str, Json] | None
    save_intent: Callable[[Mapping[str, Json]], Awaitable[None]]
    redactor: Redactor
    quiet: bool = field(default=False)

    @property
    def project(self) -> str:
        return self.record.namespace

    @property
    def stage(self) -> str:
        return self.target.name

    @property
    def promotion(self) -> str:
        return self.record.name

    @property
    def actor(self) -> str:
        return self.record.metadata.annotations.get(Annotation.CREATE_ACTOR, "")

    @property
    def ui_base_url(self) -> str:
        return self.services.ui_base_url

    @property
    def outputs(self) -> Mapping[str, Mapping[str, Json]]:
        state: Mapping[str, Mapping[str, Json]] = self.record.status.state or {}
        return state

    async def committer(self) -> GitUser:
        fallback = GitUser(self.services.author.name, self.services.author.email)
        user = await git_user(self.services.read, fallback)
        self.redactor.hide([user.signing_key])
        return user

    @property
    def mirrors(self) -> Mirrors:
        return self.services.mirrors

    @property
    def checkouts(self) -> Checkouts:
        return self.services.checkouts

    @property
    def web(self) -> Web:
        return self.services.web

    @property
    def helm(self) -> Helm:
        return self.services.helm

    @property
    def kustomize(self) -> Kustomize:
        return self.services.kustomize

    @property
    def oci(self) -> Oci:
        return self.services.oci

    @property
    def argocd(self) -> Applications | None:
        return self.services.argocd

    @property
    def cluster(self) -> Cluster | None:
        return self.services.cluster

    def log(self, line: str) -> None:
        if not self.quiet:
            self.logs.write(self.record.metadata.uid, self.alias, self.redactor.clean(line))

    async def login(self, type: CredentialFor, url: str) -> Login | None:
        return await self.services.logins.get(self.project, type, url)

    async def pin(self, name: str, read: Callable[[], Awaitable[Json]]) -> Json:
        if name not in self.pins:
            self.pins[name] = await read()
        return self.pins[name]

    async def intend(self, intent: Mapping[str, Json]) -> None:
        await self.save_intent(intent)
        self.intent = intent

    @property
    def previewing(self) -> bool:
        return self.services.foresee is not None

    def foresee(self, change: Change) -> None:
        if self.services.foresee is None:
            raise Permanent(f"only a plan foresees: {change.verb} {change.target}")
        self.services.foresee(self.alias, change)

    async def set_alias(self, freight: str, alias: str) -> str:
        return await self.services.set_alias(self.project, freight, alias, self.previewing)
