"""What the stories of patterns share: a Git server, a registry, and the system that promotes between them."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

from tests.rules.pipeline_case import KARGO, Raw, resource

from argosy.api.plan import Plans
from argosy.clients.oci import Oci, Target
from argosy.clock import Clock
from argosy.resources.meta import Key
from argosy.rules.image_url import parse
from argosy.testing.docker_registry import docker_registry
from argosy.testing.git_server import GitServer
from argosy.testing.helm import helm
from argosy.testing.image_push import NewImage, connected, push_image
from argosy.testing.kubectl import PROGRAM
from argosy.testing.pipeline import Pipeline, running, settings_in


@dataclass
class World:
    """Drives Project `p` from pushed images and commits to what is in Git afterwards."""

    pipeline: Pipeline
    git: GitServer
    registry: str
    oci: Oci

    def image(self, name: str) -> str:
        """The URL of an image repository."""
        return f"{self.registry}/{name}"

    async def push(self, name: str, *tags: str) -> None:
        """Push images under some tags."""
        for tag in tags:
            await push_image(self.oci, Target(parse(self.image(name))), tag, NewImage(content=tag))

    async def create(self, *manifests: Raw) -> None:
        """Create the Project, and then what is in it."""
        for manifest in ({"apiVersion": KARGO, "kind": "Project", "metadata": {"name": "p"}}, *manifests):
            await self.pipeline.system.store.create(manifest)

    async def freight(self, warehouse: str, *versions: str) -> str:
        """The name of the newest Freight of a Warehouse, once it holds exactly these tags and commits."""
        wanted, seen = sorted(versions), ""
        while True:
            seen = _newest(await self.pipeline.until("Warehouse", warehouse, partial(_is_newer, seen)))
            freight = await self.pipeline.get("Freight", seen)
            if sorted(_versions(freight)) == wanted:
                return seen

    async def diff(self, stage: str, freight: str) -> str:
        """What a plan says that promoting would push."""
        plans = Plans(self.pipeline.system.store, self.pipeline.system.planner)
        plan = await plans.plan(Key("Stage", "p", stage), {"freight": freight})
        (push,) = [step for step in cast(list[Any], plan["steps"]) if step["uses"] == "git-push"]
        return str(push["changes"][0]["diff"])

    async def promote(self, stage: str, freight: str) -> Mapping[str, Any]:
        """Promote by hand; returns the status of the Promotion, which has Succeeded, once the Stage knows of it."""
        status = await self.pipeline.finished(await self.pipeline.promote(stage, freight))
        assert status["phase"] == "Succeeded", status.get("message")
        await self.arrived(stage, freight)
        return status

    async def arrived(self, stage: str, freight: str) -> None:
        """Wait until Freight has been verified in a Stage."""
        await self.pipeline.until(
            "Freight", freight, lambda item: stage in (item.get("status") or {}).get("verifiedIn", {})
        )


@contextlib.asynccontextmanager
async def world(folder: Path, *, clock: Clock | None = None, **changes: Any) -> AsyncIterator[World]:
    """A world in an empty folder; `changes` are settings."""
    for name in ("git", "registry"):
        (folder / name).mkdir()
    settings = settings_in(folder, kustomize=str(PROGRAM), helm=str(helm(3)), **changes)
    async with (
        GitServer(folder / "git").serve() as git,
        docker_registry(folder / "registry") as registry,
        connected() as oci,
        running(settings, "p", clock=clock) as pipeline,
    ):
        yield World(pipeline, git, registry, oci)


def auto(*stages: str) -> Raw:
    """The policies under which Freight goes to some Stages by itself."""
    policies = [{"stageSelector": {"name": stage}, "autoPromotionEnabled": True} for stage in stages]
    return resource("ProjectConfig", "p", spec={"promotionPolicies": policies})


def _is_newer(seen: str, warehouse: Mapping[str, Any]) -> bool:
    return _newest(warehouse) not in ("", seen)


def _newest(warehouse: Mapping[str, Any]) -> str:
    return str((warehouse.get("status") or {}).get("lastFreightID", ""))


def _versions(freight: Mapping[str, Any]) -> list[str]:
    images = [str(image["tag"]) for image in freight.get("images", ())]
    return [*images, *(str(commit["id"]) for commit in freight.get("commits", ()))]
