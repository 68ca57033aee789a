"""The contract of a promotion step: its configuration, its effect, its outcome, and what it may see of the world.

A step is one module with a frozen `Config` model, an async function `run(config, ctx)`, and a `STEP` that names both
and declares the effect. The engine decides from the effect alone what a restart or a dry run does:

| effect | meaning | resumed after a crash with the workspace lost |
|---|---|---|
| pure | only computes outputs | outputs come from the journal |
| workspace | changes only the working directory | run again from what it pinned |
| external | changes the world | recorded: from the journal; only intended: the step looks, then adopts or acts |
| wait | polls until something is true | polls again |
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from argosy.resources.artifact import FreightOrigin
from argosy.resources.freight import FreightReference
from argosy.resources.meta import Json
from argosy.resources.warehouse import Warehouse

if TYPE_CHECKING:
    from argosy.clients.argocd import Applications
    from argosy.clients.cluster import Cluster
    from argosy.clients.files import Tree
    from argosy.clients.helm import Helm
    from argosy.clients.kustomize import Kustomize
    from argosy.clients.login import Login
    from argosy.clients.oci import Oci
    from argosy.clients.web import Web
    from argosy.credentials.git_user import GitUser
    from argosy.credentials.secret import CredentialFor
    from argosy.sources.checkout import Checkouts
    from argosy.sources.mirrors import Mirrors


class Effect(StrEnum):
    """What running a step changes; see the table above."""

    PURE = "pure"
    WORKSPACE = "workspace"
    EXTERNAL = "external"
    WAIT = "wait"


class Config(BaseModel):
    """A step's configuration: camelCase as users write it; its docstrings are the step's reference page."""

    model_config = ConfigDict(
        frozen=True,
        alias_generator=to_camel,
        validate_by_alias=True,
        validate_by_name=True,
        extra="forbid",
        use_attribute_docstrings=True,
    )


@dataclass(frozen=True, slots=True)
class MetadataUpdate:
    """Values to merge into `status.metadata` of a Stage or a Freight of the promotion's project."""

    kind: str
    name: str
    values: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """A check that a Stage keeps running after this promotion: `uses` names it, `config` is its input."""

    uses: str
    config: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Done:
    """The step is finished.

    Attributes:
        outputs: what later steps may read.
        skipped: there was nothing to do.
        message: why, for people.
        metadata: to be merged into Stages and Freight.
        health_check: to be kept running by the Stage.
        warning: what people should notice though the promotion goes on; becomes an Event of the Promotion.
    """

    outputs: Mapping[str, Json] = field(default_factory=dict)
    skipped: bool = False
    message: str = ""
    metadata: tuple[MetadataUpdate, ...] = ()
    health_check: HealthCheck | None = None
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Wait:
    """Not finished yet: look again after `again_after` seconds, or as soon as one of the subjects `wakes` changes.

    Subjects are named by the clients that follow them, such as `clients.argocd.subject`.
    """

    why: str
    again_after: float
    wakes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """Something that would happen to the world outside of the promotion.

    Attributes:
        verb: what would be done, as people say it: `push`, `make branch`, `request`, `set metadata` ...
        target: to what: a branch and its repository, a URL, a resource.
        diff: how what is there would change, as a unified diff; empty where that is not known.
        details: what else there is to say, for people and machines alike, such as the body of a request.
    """

    verb: str
    target: str
    diff: str = ""
    details: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a step would do, found out without doing it.

    Attributes:
        changes: what would happen to the world; none when all is as it should be.
        outputs: those that are known beforehand.
        unknown: the names of the outputs that only the deed itself gives.
        skipped: there would be nothing to do.
        message: why, for people.
        waits: what would be waited for; empty for nothing.
    """

    changes: tuple[Change, ...] = ()
    outputs: Mapping[str, Json] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    skipped: bool = False
    message: str = ""
    waits: str = ""


Outcome = Done | Wait
"""How a run ends; otherwise it raises `Failed`, `Permanent` or `Temporary` (anything else is a fault of ours)."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who signs commits when the step names nobody."""

    name: str = "Kargo"
    email: str = "no-reply@kargo.io"


class Context(Protocol):
    """What a step may see and do besides its configuration."""

    @property
    def project(self) -> str: ...
    @property
    def stage(self) -> str: ...
    @property
    def promotion(self) -> str: ...
    @property
    def actor(self) -> str:
        """Who created the Promotion, as its annotation says; empty when nobody is known."""
        ...

    @property
    def alias(self) -> str: ...
    @property
    def ui_base_url(self) -> str: ...

    @property
    def started_at(self) -> datetime:
        """When this step first began; the same after a restart, so commits made twice get the same ID."""
        ...

    @property
    def outputs(self) -> Mapping[str, Mapping[str, Json]]:
        """Outputs of the steps before, by alias."""
        ...

    @property
    def freight(self) -> tuple[FreightReference, ...]:
        """All Freight of the promotion: the one being promoted and what is inherited from other origins."""
        ...

    @property
    def origins(self) -> tuple[FreightOrigin, ...]:
        """The origins the Stage requests, in its order."""
        ...

    @property
    def warehouses(self) -> Mapping[str, Warehouse]:
        """The Warehouses of these origins that there are, by name."""
        ...

    async def committer(self) -> GitUser:
        """Who commits where no step names anybody. Raises Permanent when the ClusterConfig names a missing key."""
        ...

    @property
    def tree(self) -> Tree:
        """The working directory; no path leaves it."""
        ...

    @property
    def mirrors(self) -> Mirrors: ...
    @property
    def checkouts(self) -> Checkouts: ...
    @property
    def web(self) -> Web: ...
    @property
    def helm(self) -> Helm: ...
    @property
    def kustomize(self) -> Kustomize: ...
    @property
    def oci(self) -> Oci: ...
    @property
    def argocd(self) -> Applications | None:
        """The Applications of the Argo CD that the operator named; None when none is."""
        ...

    @property
    def cluster(self) -> Cluster | None:
        """The cluster that workloads run in, as the operator named it; None when none is."""
        ...

    def log(self, line: str) -> None:
        """Write a line to the promotion's log. Secrets never belong in it."""
        ...

    async def login(self, type: CredentialFor, url: str) -> Login | None:
        """Credentials of the project for a repository: `type` is git, image or helm."""
        ...

    async def pin(self, name: str, read: Callable[[], Awaitable[Json]]) -> Json:
        """What `read` gave the first time this promotion ran the step: later runs see the same world."""
        ...

    @property
    def intent(self) -> Mapping[str, Json] | None:
        """What an interrupted run of this step was about to do to the world; None when nothing was intended."""
        ...

    async def intend(self, intent: Mapping[str, Json]) -> None:
        """Record durably what is about to be done to the world; returns once it is safe on disk."""
        ...

    @property
    def previewing(self) -> bool:
        """Whether this is a plan: nothing outside may be changed, and `foresee` takes what would be."""
        ...

    def foresee(self, change: Change) -> None:
        """Tell what a step that may change only its workspace would do to the world besides, as part of a plan."""
        ...

    async def set_alias(self, freight: str, alias: str) -> str:
        """Give Freight of the project another alias; returns the one before. A plan only looks whether that can be.

        Raises NotFound; Invalid: it is taken.
        """
        ...


C = TypeVar("C", bound=Config)


@dataclass(frozen=True, slots=True)
class Step(Generic[C]):
    """A kind of step.

    Attributes:
        name: what users write after `uses:`.
        effect: what running it changes.
        config: the model of its configuration.
        run: does the work. Raises Failed, Permanent or Temporary.
        error_threshold: how many errors end it unless `retry.errorThreshold` says otherwise.
        timeout: seconds after which a step that waits or retries ends; 0 is never.
        outputs: the names of all outputs it may have.
        fresh: those of them that are made anew each time, so that a plan cannot know them.
        preview: what a plan shows of a step that changes the world or waits; it changes nothing but the workspace.
        names_outputs: whether it has the outputs besides that its configuration names, as `outputs[].name`.
        restore: brings the workspace to where a finished step that changed the world left it, from its outputs, when
            the workspace is made again; it changes nothing else.
        propagates: whether its outputs are what its configuration names, and inside a task become outputs of the task
            (`compose-output`).
    """

    name: str
    effect: Effect
    config: type[C]
    run: Callable[[C, Context], Awaitable[Outcome]]
    error_threshold: int = 1
    timeout: float = 0
    outputs: tuple[str, ...] = ()
    fresh: tuple[str, ...] = ()
    preview: Callable[[C, Context], Awaitable[Preview]] | None = None
    names_outputs: bool = False
    restore: Callable[[C, Context, Mapping[str, Json]], Awaitable[None]] | None = None
    propagates: bool = False


AnyStep = Step[Any]
