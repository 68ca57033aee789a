"""A whole pipeline in a test: the real system on a throwaway folder, driven by manifests and awaited by condition."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from argosy.app.system import System, open_system
from argosy.clock import Clock, SystemClock
from argosy.errors import NotFound
from argosy.resources.manifest import read_manifests
from argosy.resources.meta import Json, Key
from argosy.settings import Settings
from argosy.steps.base import AnyStep
from argosy.store.actor import actor
from argosy.store.base import Query

PATIENCE = 60.0
"""Seconds that `until` waits before it gives up and says what it saw last."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Drives a running system as a user would."""

    system: System
    project: str

    async def apply(self, text: str) -> None:
        """Create every resource of some YAML, in its order. Raises Invalid with every fault at once."""
        for manifest in read_manifests(text, "pipeline.yaml"):
            await self.system.store.create(manifest.document)

    def key(self, kind: str, name: str) -> Key:
        return Key(kind, "" if kind == "Project" else self.project, name)

    async def get(self, kind: str, name: str) -> Mapping[str, Json]:
        """One resource of the project. Raises NotFound."""
        return (await self.system.store.get(self.key(kind, name))).data

    async def list(self, kind: str, **fields: str) -> list[Mapping[str, Json]]:
        """Resources of the project; `fields` select, with `__` for a dot."""
        wanted = {name.replace("__", "."): value for name, value in fields.items()}
        page = await self.system.store.list(Query(kind, self.project, fields=wanted))
        return [document.data for document in page.documents]

    async def until(self, kind: str, name: str, holds: Callable[[Mapping[str, Any]], bool]) -> Mapping[str, Any]:
        """Wait until a resource is as wanted; returns it. Raises AssertionError with its last state after a minute."""
        deadline = time.monotonic() + PATIENCE
        seen: Mapping[str, Json] = {}
        while time.monotonic() < deadline:
            with contextlib.suppress(NotFound):
                seen = await self.get(kind, name)
                if holds(seen):
                    return seen
            await asyncio.sleep(0.02)
        raise AssertionError(f"{kind} {name} did not become what was awaited; it is {seen}")

    async def promote(self, stage: str, freight: str) -> str:
        """Create a Promotion; returns its name."""
        created = await self.system.store.create(
            {
                "apiVersion": "kargo.akuity.io/v1alpha1",
                "kind": "Promotion",
                "metadata": {"generateName": "promo-", "namespace": self.project},
                "spec": {"stage": stage, "freight": freight},
            }
        )
        return created.key.name

    async def finished(self, promotion: str) -> Mapping[str, Any]:
        """Wait until a promotion has ended; returns its status."""
        ends = ("Succeeded", "Failed", "Errored", "Aborted")
        done = await self.until("Promotion", promotion, lambda item: (item.get("status") or {}).get("phase") in ends)
        status: Mapping[str, Any] = done["status"]
        return status


def settings_in(folder: Path, **changes: Any) -> Settings:
    """Settings that keep everything in `folder` and look often."""
    given = {"data": folder / "data", "key_file": folder / "keys" / "encryption.keys", "least_interval": 0.2, **changes}
    return Settings.model_validate({"config": folder / "config.yaml", **given})


@contextlib.asynccontextmanager
async def running(
    settings: Settings, project: str, *, clock: Clock | None = None, steps: Mapping[str, AnyStep] | None = None
) -> AsyncIterator[Pipeline]:
    """The system on `settings`, turning while the block runs."""
    async with open_system(settings, clock or SystemClock(), steps) as system:
        turning = asyncio.create_task(system.run())
        token = actor.set("admin")
        try:
            yield Pipeline(system, project)
        finally:
            actor.reset(token)
            turning.cancel()
            await asyncio.gather(turning, return_exceptions=True)
