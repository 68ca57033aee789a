"""Kargo's quickstart as its guide has it: every promotion ends with the sync of an Argo CD Application.

The same story is told on both ways to Argo CD, which runs beside, looks at the same Git repository, and takes its time.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.rules.pipeline_case import resource
from tests.story.test_quickstart import BASE, OVERLAY, PIPELINE, STAGE, STAGES
from tests.story.world import World, auto

from argosy.rules.argocd import Application, promotion_of
from argosy.testing.argocd import ArgoCd, application
from argosy.testing.argocd_shelf import MemoryShelf
from argosy.testing.git_repository import GitRepository

TURN = 5.0
"""Seconds from an Application turning Healthy to the Promotion of the next Stage: at most, on a busy machine; somebody
who polls would take minutes. Benches measure it."""


@dataclass
class Around:
    """The world of a quickstart, and the Argo CD beside it."""

    world: World
    argocd: ArgoCd
    repository: GitRepository

    @property
    def url(self) -> str:
        return self.world.git.url_of("kargo-demo")

    async def app(self, stage: str) -> Application:
        return Application(await self.argocd.shelf.get("argocd", f"kargo-demo-{stage}"))

    async def begin(self) -> None:
        """Repository, Applications and pipeline."""
        await self.world.push("nginx/nginx", "1.29.0")
        image = self.world.image("nginx/nginx")
        overlays = {f"stages/{name}/kustomization.yaml": OVERLAY.replace("STAGE", name) for name in STAGES}
        base = {"base/deploy.yaml": BASE.replace("IMAGE", image), "base/kustomization.yaml": "resources: [deploy.yaml]"}
        self.repository.commit({**base, **overlays})
        for name in STAGES:
            await self.put(self._application(name))
        stages = "".join(STAGE.replace("NAME", name).replace("SOURCES", sources) for name, sources in STAGES.items())
        text = (PIPELINE + stages).replace("GITOPS_REPO_URL", self.url).replace("IMAGE", image)
        await self.world.pipeline.apply(text)
        await self.world.pipeline.system.store.create(auto(*STAGES))

    async def put(self, app: dict[str, Any]) -> None:
        shelf: Any = self.argocd.shelf
        created = shelf.put(app)
        if not isinstance(shelf, MemoryShelf):
            await created

    def _application(self, stage: str) -> dict[str, Any]:
        source = {"repoURL": self.url.removesuffix(".git"), "targetRevision": f"stage/{stage}", "path": "."}
        may = {"kargo.akuity.io/authorized-stage": f"p:{stage}"}
        return application(f"kargo-demo-{stage}", source, annotations=may)

    async def stage(self, name: str, state: str) -> Mapping[str, Any]:
        """Wait until the health of a Stage is this."""
        return await self.world.pipeline.until(
            "Stage", name, lambda item: ((item.get("status") or {}).get("health") or {}).get("status") == state
        )

    async def promotions(self, stage: str) -> list[Mapping[str, Any]]:
        return await self.world.pipeline.list("Promotion", spec__stage=stage)

    async def settle(self, stage: str, health: str) -> None:
        """Let the health of a Stage's Application become another, as a Deployment does after a while."""
        self.argocd.manners.health = health
        status = {"status": {"health": {"status": health}}}
        await self.argocd.shelf.patch("argocd", f"kargo-demo-{stage}", status)


def revision_in(repository: GitRepository, source: Mapping[str, Any]) -> str:
    """The commit of a source's branch; the branch of no stage before the first promotion is main."""
    branch = str(source.get("targetRevision", "main"))
    known = repository.git("for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}").strip()
    return known or repository.head()


async def tell(around: Around) -> None:
    """The whole story."""
    around.argocd.manners.health = "Progressing"
    around.argocd.manners.sync = 0.1
    await around.begin()
    freight = await around.world.freight("kargo-demo", "1.29.0")

    told = await around.stage("test", "Progressing")
    app = await around.app("test")
    assert app.result == (around.repository.head("stage/test"),)
    (promotion,) = await around.promotions("test")
    assert promotion["status"]["phase"] == "Succeeded"
    assert promotion_of((app.operation or {})["operation"]) == promotion["metadata"]["name"]
    assert told["status"]["health"]["output"][0]["applicationStatuses"][0]["Name"] == "kargo-demo-test"
    assert await around.promotions("uat") == [], "what is not healthy goes no further"
    assert len([name for name, _ in around.argocd.begun if name == "kargo-demo-test"]) == 1

    assert around.argocd.looks <= 10, "Argo CD is not made to look in circles"

    began = time.monotonic()
    await around.settle("test", "Healthy")
    async with asyncio.timeout(30):
        while not await around.promotions("uat"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert time.monotonic() - began < TURN
    await around.world.arrived("prod", freight)
    for stage in STAGES:
        assert (await around.app(stage)).result == (around.repository.head(f"stage/{stage}"),)
        assert ((await around.stage(stage, "Healthy"))["metadata"]["name"]) == stage

    await around.settle("prod", "Degraded")
    await around.stage("prod", "Unhealthy")
    await around.settle("prod", "Healthy")
    await around.stage("prod", "Healthy")
    assert [name for name, _ in around.argocd.begun] == [f"kargo-demo-{stage}" for stage in STAGES]


async def tell_of_a_wait(around: Around) -> None:
    """A Stage that leaves the sync to Argo CD, and waits for it."""
    around.argocd.manners.health = "Progressing"
    around.argocd.manners.refresh = 0.1
    await around.begin()
    freight = await around.world.freight("kargo-demo", "1.29.0")
    stage = resource("Stage", "waits", spec=_WAITS)
    await around.put(application("theirs", {"repoURL": around.url, "targetRevision": "main", "path": "."}))
    await around.world.pipeline.system.store.create(stage)
    name = await around.world.pipeline.promote("waits", freight)
    await around.world.pipeline.until(
        "Promotion",
        name,
        lambda item: "is Progressing, not Healthy" in str(item.get("status")),
    )
    began = time.monotonic()
    around.argocd.manners.health = "Healthy"
    await around.argocd.shelf.patch("argocd", "theirs", {"status": {"health": {"status": "Healthy"}}})
    status = await around.world.pipeline.finished(name)
    assert time.monotonic() - began < TURN
    assert (status["phase"], status["state"]["step-1"]["healthStatus"]) == ("Succeeded", {"argocd/theirs": "Healthy"})


async def tell_of_no_commit(around: Around) -> None:
    """A Stage that changes its Application, and no Git."""
    await around.begin()
    image = around.world.image("nginx/nginx")
    freight = await around.world.freight("kargo-demo", "1.29.0")
    may = {"kargo.akuity.io/authorized-stage": "p:live"}
    await around.put(application("live", {"repoURL": around.url, "path": "base"}, annotations=may))
    images = [{"repoURL": image, "tag": f"${{{{ imageFrom({image!r}).Tag }}}}"}]
    source = {"repoURL": around.url, "kustomize": {"images": images}}
    step = {"uses": "argocd-update", "config": {"apps": [{"name": "live", "sources": [source]}]}}
    spec = {**_WAITS, "promotionTemplate": {"spec": {"steps": [step]}}}
    await around.world.pipeline.system.store.create(resource("Stage", "live", spec=spec))
    status = await around.world.promote("live", freight)
    assert status["state"]["step-1"] == {"apps": [{"name": "live", "namespace": "argocd"}]}
    app = Application(await around.argocd.shelf.get("argocd", "live"))
    assert app.sources == ({"repoURL": around.url, "path": "base", "kustomize": {"images": [f"{image}:1.29.0"]}},)
    assert [operation["sync"] for name, operation in around.argocd.begun if name == "live"]


_WAITS = {
    "requestedFreight": [{"origin": {"kind": "Warehouse", "name": "kargo-demo"}, "sources": {"direct": True}}],
    "promotionTemplate": {"spec": {"steps": [{"uses": "argocd-wait", "config": {"apps": [{"name": "theirs"}]}}]}},
}
