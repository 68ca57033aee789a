"""A promotion with the real Git steps and a journal in memory, that dies where a test says and goes on later."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from argosy.clients.login import Login
from argosy.engine.log import Logs
from argosy.engine.run import Engine
from argosy.engine.turn import Facts
from argosy.engine.workspace import Workspaces
from argosy.resources.freight import Freight
from argosy.resources.promotion import Promotion, PromotionStatus
from argosy.resources.stage import Stage
from argosy.steps.base import Author
from argosy.steps.catalogue import STEPS
from argosy.testing.context import FakeContext, HastyClock

DISKS = ("kept", "workspace lost", "everything lost")


class Crash(BaseException):
    """The process dies here; nothing may catch it."""


@dataclass
class Logins:
    """The logins that count now, by URL."""

    by_url: dict[str, Login] = field(default_factory=dict)

    async def get(self, namespace: str, kind: str, url: str, /) -> Login | None:
        return self.by_url.get(url)


@dataclass
class Services:
    """What the engine is given: mirrors and checkouts of this process, credentials and Secrets of the world."""

    tools: FakeContext
    logins: Logins
    author: Author = field(default_factory=Author)
    ui_base_url: str = ""
    shared_namespace: str = "shared"
    foresee: None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.tools, name)

    async def read(self, kind: str, namespace: str, name: str) -> None:
        return None


@dataclass
class GitBench:
    """Runs one promotion.

    Attributes:
        folder: what is on disk.
        steps: the promotion's steps.
        crash_at: where to die, once: `before push:intended` is before the journal says that step `push` intends
            something, `after push:ended` after it says that it ended.
        passes: how often to pass that place before.
        on_crash: called at the death, to change the world.
        on_save: called with the name of each place before it is journalled.
    """

    folder: Path
    steps: list[dict[str, Any]]
    logins: Logins = field(default_factory=Logins)
    crash_at: str = ""
    passes: int = 0
    on_crash: Callable[[], None] = lambda: None
    on_save: Callable[[str], None] = lambda place: None
    status: PromotionStatus = field(default_factory=PromotionStatus)
    places: list[str] = field(default_factory=list)

    async def save(self, status: PromotionStatus) -> None:
        """The journal: survives what the process does not."""
        place = _place(self.status, status)
        self.on_save(place)
        self._die_at(f"before {place}")
        self.status = PromotionStatus.model_validate(copy.deepcopy(status.dump()))
        self.places.append(place)
        self._die_at(f"after {place}")

    def _die_at(self, place: str) -> None:
        if self.crash_at == place and self.passes:
            self.passes -= 1
        elif self.crash_at == place:
            self.crash_at = ""
            self.on_crash()
            raise Crash(place)

    async def run(self, *, disk: str = "kept") -> PromotionStatus:
        """To the end, over one death, after which the new process finds the disk so."""
        try:
            return await self._live()
        except Crash:
            self.lose(disk)
            return await self._live()

    def lose(self, disk: str) -> None:
        """Lose what a machine that died may have lost; the journal is elsewhere."""
        if disk != "kept":
            shutil.rmtree(self.folder / "workspaces", ignore_errors=True)
        if disk == "everything lost":
            shutil.rmtree(self.folder / "tools", ignore_errors=True)

    async def _live(self) -> PromotionStatus:
        """One process: nothing in memory is of the one before."""
        tools = FakeContext(self.folder / "tools", clock=HastyClock())
        await tools.checkouts.start()
        services: Any = Services(tools, self.logins)
        workspaces = Workspaces(self.folder / "workspaces")
        engine = Engine(STEPS, services, workspaces, Logs(self.folder / "logs", tools.clock), tools.clock)
        try:
            for _ in range(100):
                advance = await engine.advance(self._facts(), self)
                if advance.again_after is None:
                    return self.status
                await tools.clock.sleep(advance.again_after)
        finally:
            await tools.web.close()
        raise AssertionError("the promotion does not end")

    def _facts(self) -> Facts:
        origin = {"kind": "Warehouse", "name": "w"}
        meta = {"name": "dev.01.abc", "namespace": "demo", "uid": "u1"}
        spec = {"stage": "dev", "freight": "f1", "steps": self.steps}
        promotion = Promotion.model_validate({"metadata": meta, "spec": spec})
        requested = [{"origin": origin, "sources": {"direct": True}}]
        return Facts(
            promotion.model_copy(update={"status": self.status}),
            Stage.model_validate(
                {"metadata": {"name": "dev", "namespace": "demo"}, "spec": {"requestedFreight": requested}}
            ),
            Freight.model_validate({"metadata": {"name": "f1", "namespace": "demo"}, "alias": "a", "origin": origin}),
            {},
        )

    def outputs(self, alias: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = (self.status.state or {})[alias]
        return found

    def log(self) -> str:
        return ((self.folder / "logs").exists() and Logs(self.folder / "logs", HastyClock()).read("u1")[0]) or ""


def _place(before: PromotionStatus, after: PromotionStatus) -> str:
    """What a write of the journal says that the one before did not."""
    records = after.step_execution_metadata
    if not records:
        return "begun"
    last = records[-1]
    if after.phase != "Running":
        return "promotion:ended"
    if last.finished_at is not None:
        return f"{last.alias}:ended"
    intents = ((after.journal or {}).get("intents") or {}).get(last.alias)
    old = ((before.journal or {}).get("intents") or {}).get(last.alias)
    return f"{last.alias}:intended" if intents != old else f"{last.alias}:started"
