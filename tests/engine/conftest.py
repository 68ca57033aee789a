"""A promotion with steps of our own, a journal in memory, and a world that counts what was done to it."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pydantic import ConfigDict

from argosy.engine.log import Logs
from argosy.engine.run import Engine
from argosy.engine.turn import Advance, Facts
from argosy.engine.workspace import Workspaces
from argosy.errors import Failed, NotFound, Permanent, Temporary, Unavailable
from argosy.resources.freight import Freight
from argosy.resources.promotion import Promotion, PromotionStatus
from argosy.resources.stage import Stage
from argosy.resources.warehouse import Warehouse
from argosy.steps.base import AnyStep, Author, Config, Context, Done, Effect, HealthCheck, MetadataUpdate, Step, Wait
from argosy.testing.clock import FakeClock

SUBSCRIPTIONS: list[dict[str, Any]] = [
    {"image": {"repoURL": "example.com/app"}},
    {"git": {"repoURL": "https://example.com/r.git"}},
    {"chart": {"repoURL": "oci://example.com/chart"}},
    {"chart": {"repoURL": "https://example.com/charts", "name": "redis"}},
]


class Crash(BaseException):
    """The process dies here; nothing may catch it."""


@dataclass
class World:
    """What is outside: pushes made, what the outside says when asked, and metadata written."""

    version: int = 1
    pushed: list[str] = field(default_factory=list)
    polls: int = 0
    metadata: list[tuple[str, str, str, dict[str, Any]]] = field(default_factory=list)
    crash_at: str = ""
    runs: list[str] = field(default_factory=list)
    documents: dict[tuple[str, str, str], dict[str, Any]] = field(default_factory=dict)

    def at(self, place: str) -> None:
        if self.crash_at == place:
            self.crash_at = ""
            raise Crash(place)


class Open(Config):
    model_config = ConfigDict(extra="allow")

    @property
    def all(self) -> dict[str, Any]:
        return self.model_extra or {}


class Strict(Config):
    message: str = ""


def steps_of(world: World) -> Mapping[str, AnyStep]:
    """Small steps of every effect, acting on `world`."""
    return {**acting_steps(world), **judging_steps(world)}


def acting_steps(world: World) -> Mapping[str, AnyStep]:
    """Steps that change the working directory or the world."""

    async def read(config: Open, ctx: Context) -> Done:
        async def look() -> int:
            return world.version

        version = await ctx.pin("version", look)
        world.at("read.middle")
        ctx.tree.write("file", f"v{version}".encode())
        world.runs.append(ctx.alias)
        return Done(outputs={"version": version})

    async def append(config: Open, ctx: Context) -> Done:
        before = ctx.tree.read("file")
        ctx.tree.write("file", before + b"+" + str(config.all.get("text", "")).encode())
        world.at("append.middle")
        return Done(outputs={"text": ctx.tree.read("file").decode()})

    async def push(config: Open, ctx: Context) -> Done:
        content = ctx.tree.read("file").decode()
        if ctx.intent is not None and ctx.intent["content"] in world.pushed:
            return Done(outputs={"pushed": ctx.intent["content"], "adopted": True})
        world.at("push.before-intent")
        await ctx.intend({"content": content})
        world.at("push.before-act")
        world.pushed.append(content)
        world.at("push.after-act")
        return Done(outputs={"pushed": content}, health_check=HealthCheck("alive", {"for": content}))

    async def metadata(config: Open, ctx: Context) -> Done:
        return Done(metadata=(MetadataUpdate("Stage", ctx.stage, config.all),))

    return {
        "read": Step("read", Effect.WORKSPACE, Open, read),
        "append": Step("append", Effect.WORKSPACE, Open, append),
        "push": Step("push", Effect.EXTERNAL, Open, push),
        "metadata": Step("metadata", Effect.EXTERNAL, Open, metadata),
    }


def judging_steps(world: World) -> Mapping[str, AnyStep]:
    """Steps that compute, wait or fail."""

    async def compute(config: Open, ctx: Context) -> Done:
        return Done(outputs=config.all, warning=str(config.all.get("warning", "")))

    async def fail(config: Open, ctx: Context) -> Done:
        error = {"failed": Failed, "permanent": Permanent, "temporary": Temporary}[config.all.get("how", "failed")]
        raise error(config.all.get("message", "told to fail"))

    async def wait(config: Open, ctx: Context) -> Done | Wait:
        world.polls += 1
        return (
            Done()
            if world.polls >= config.all.get("polls", 3)
            else Wait("not yet", again_after=config.all.get("every", 30))
        )

    async def broken(config: Open, ctx: Context) -> Done:
        raise ZeroDivisionError("a bug")

    return {
        "strict": Step("strict", Effect.PURE, Strict, fail),
        "compute": Step("compute", Effect.PURE, Open, compute, propagates=True),
        "fail": Step("fail", Effect.PURE, Open, fail),
        "wait": Step("wait", Effect.WAIT, Open, wait),
        "broken": Step("broken", Effect.PURE, Open, broken),
    }


class NoCheckouts:
    """Checkouts of a world without Git."""

    def find(self, below: Path) -> list[Any]:
        return []


@dataclass
class Services:
    world: World
    checkouts: NoCheckouts = field(default_factory=NoCheckouts)
    author: Author = field(default_factory=Author)
    ui_base_url: str = "https://argosy.example"
    mirrors: Any = None
    logins: Any = None
    shared_namespace: str = "shared"

    async def read(self, kind: str, namespace: str, name: str) -> dict[str, Any] | None:
        return self.world.documents.get((kind, namespace, name))

    async def write_metadata(self, namespace: str, update: MetadataUpdate) -> None:
        if update.values.get("refuse"):
            raise NotFound("no such Stage")
        self.world.metadata.append((namespace, update.kind, update.name, dict(update.values)))


@dataclass
class Bench:
    """Runs one promotion, over as many deaths of the process as a test likes."""

    folder: Path
    spec: dict[str, Any]
    world: World = field(default_factory=World)
    clock: FakeClock = field(default_factory=FakeClock)
    status: PromotionStatus = field(default_factory=PromotionStatus)
    saves: int = 0
    crash_on_save: int = 0
    away_on_save: int = 0
    stage: dict[str, Any] = field(default_factory=dict)
    subscriptions: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    steps: Mapping[str, AnyStep] | None = None

    async def save(self, status: PromotionStatus) -> None:
        """The journal: survives what the process does not."""
        self.saves += 1
        if self.saves == self.crash_on_save:
            raise Crash(f"before save {self.saves}")
        if self.saves == self.away_on_save:
            raise Unavailable("the store is away")
        self.status = PromotionStatus.model_validate(copy.deepcopy(status.dump()))
        if -self.saves == self.crash_on_save:
            raise Crash(f"after save {self.saves}")
        if -self.saves == self.away_on_save:
            raise Unavailable("the store went away while it answered")

    def facts(self) -> Facts:
        meta = {
            "name": "dev.01.abc",
            "namespace": "demo",
            "uid": "u1",
            "annotations": {"kargo.akuity.io/create-actor": "admin"},
        }
        promotion = Promotion.model_validate({"metadata": meta, "spec": {"stage": "dev", "freight": "f1", **self.spec}})
        origin = {"kind": "Warehouse", "name": "w"}
        images = [{"repoURL": "example.com/app", "tag": "1.2.3", "digest": "sha256:1"}]
        commits = [{"repoURL": "https://example.com/r.git", "id": "c0ffee", "branch": "main"}]
        charts = [
            {"repoURL": "oci://example.com/chart", "version": "4.5.6"},
            {"repoURL": "https://example.com/charts", "name": "redis", "version": "7.8.9"},
        ]
        freight = {"metadata": {"name": "f1", "namespace": "demo"}, "alias": "brave-crab", "origin": origin}
        artifacts = {"images": images, "commits": commits, "charts": charts}
        subscriptions = {"w": SUBSCRIPTIONS, **self.subscriptions}
        return Facts(
            promotion.model_copy(update={"status": self.status}),
            Stage.model_validate(
                {
                    "metadata": {"name": "dev", "namespace": "demo"},
                    "spec": {"requestedFreight": [{"origin": origin, "sources": {"direct": True}}]},
                    **self.stage,
                }
            ),
            Freight.model_validate({**freight, **artifacts}),
            {
                name: Warehouse.model_validate({"metadata": {"name": name}, "spec": {"subscriptions": listed}})
                for name, listed in subscriptions.items()
            },
        )

    def engine(self) -> Engine:
        services: Any = Services(self.world)
        workspaces = Workspaces(self.folder / "workspaces")
        steps = self.steps or steps_of(self.world)
        return Engine(steps, services, workspaces, Logs(self.folder / "logs", self.clock), self.clock)

    async def step(self) -> Advance:
        return await self.engine().advance(self.facts(), self)

    async def run(self, most: int = 100) -> PromotionStatus:
        """Advance to the end, time moving on as asked."""
        for _ in range(most):
            advance = await self.step()
            if advance.again_after is None:
                return self.status
            await self.clock.advance(advance.again_after)
        raise AssertionError("the promotion does not end")

    async def run_over_crashes(self, *, lose_workspace: bool) -> PromotionStatus:
        """Run to the end; each crash is a new process, which finds the disk as it was or without the workspace."""
        for _ in range(20):
            try:
                return await self.run()
            except Crash:
                if lose_workspace:
                    shutil.rmtree(self.folder / "workspaces", ignore_errors=True)
        raise AssertionError("the promotion never ends")

    def statuses(self) -> dict[str, str]:
        return {record.alias: record.status for record in self.status.step_execution_metadata}

    def log(self) -> str:
        return Logs(self.folder / "logs", self.clock).read("u1")[0]


@pytest.fixture
def bench(tmp_path: Path) -> Any:
    """Makes a Bench for some steps."""

    def make(*steps: dict[str, Any], **spec: Any) -> Bench:
        return Bench(tmp_path, {"steps": list(steps), **spec})

    return make
