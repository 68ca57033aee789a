"""Promotions without Argo CD: plain objects and those of Flux on a real API server, waited for and watched over."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.cluster.test_argocd import connected
from tests.rules.pipeline_case import KARGO, resource, stage, warehouse

from argosy.checks.catalogue import checks_of
from argosy.clients.cluster import Cluster as Objects
from argosy.clients.cluster import Collection
from argosy.clients.kubernetes import MERGE
from argosy.clock import SystemClock
from argosy.errors import Denied, Failed, Invalid, Permanent
from argosy.resources.promotion import HealthCheckStep
from argosy.resources.stage import Health
from argosy.steps import flux_reconcile, flux_wait, kubernetes_wait
from argosy.steps.base import AnyStep, Done, HealthCheck, Wait
from argosy.testing.cluster import Cluster
from argosy.testing.context import FakeContext
from argosy.testing.flux import Flux
from argosy.testing.pipeline import running, settings_in

MAY = {"kargo.akuity.io/authorized-stage": "demo:test"}
DEPLOYMENT = Collection("apps/v1", "Deployment")


@dataclass
class Scene:
    """A namespace of the cluster, and a step that looks into it."""

    ctx: FakeContext
    objects: Objects
    namespace: str
    flux: Flux
    waited: list[str] = field(default_factory=list)

    async def send(self, method: str, path: str, document: Any) -> Any:
        headers = {"content-type": MERGE} if method == "PATCH" else {}
        return await self.objects.connection.send(method, path, content=orjson.dumps(document), headers=headers)

    async def deploy(self, image: str) -> None:
        """Create or change the Deployment `web`; nobody rolls it out."""
        labels, path = {"app": "web"}, f"/apis/apps/v1/namespaces/{self.namespace}/deployments"
        pods = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "web", "image": image}]}}
        spec = {"replicas": 2, "selector": {"matchLabels": labels}, "template": pods}
        meta = {"name": "web", "labels": labels}
        document = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta, "spec": spec}
        if await self.objects.select(Collection("apps/v1", "Deployment", self.namespace), "app=web"):
            await self.send("PATCH", f"{path}/web", document)
        else:
            await self.send("POST", path, document)

    async def roll_out(self, **status: Any) -> None:
        """What the Deployment's controller writes when all is well; `status` is different."""
        path = f"/apis/apps/v1/namespaces/{self.namespace}/deployments/web"
        found = await self.objects.connection.send("GET", path)
        counts = {"replicas": 2, "updatedReplicas": 2, "readyReplicas": 2, "availableReplicas": 2}
        told = {"observedGeneration": found["metadata"]["generation"], **counts, **status}
        await self.send("PATCH", f"{path}/status", {"status": told})

    async def run(self, step: AnyStep, config: Mapping[str, Any]) -> Done | Wait:
        return await self.ctx.run(step, config)

    async def until_done(self, step: AnyStep, config: Mapping[str, Any]) -> Done:
        async with asyncio.timeout(20):
            while isinstance(outcome := await self.run(step, config), Wait):
                self.waited.append(outcome.why)
                await asyncio.sleep(0.05)
        return outcome

    async def health(self, check: HealthCheck | None) -> Health:
        assert check is not None
        found = HealthCheckStep(uses=check.uses, config=dict(check.config))
        return await checks_of(None, self.objects).assess("demo", "test", (found,))


@pytest.fixture
async def scene(cluster: Cluster, tmp_path: Path) -> AsyncIterator[Scene]:
    objects, namespace = Objects(connected(cluster)), f"work-{secrets.token_hex(3)}"
    flux = Flux(Objects(connected(cluster)), SystemClock(), namespace, lambda source: "main@sha1:old")
    made = Scene(FakeContext(tmp_path, cluster=objects), objects, namespace, flux)
    await made.send("POST", "/api/v1/namespaces", {"metadata": {"name": namespace}})
    yield made
    await made.ctx.close()
    for each in (objects, flux.cluster):
        await each.close()


def web(scene: Scene, *images: str, **more: Any) -> dict[str, Any]:
    chosen = {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": scene.namespace, "name": "web"}
    return {"resources": [{**chosen, "images": list(images), **more}]}


async def test_a_deployment_is_waited_for_until_the_promoted_image_is_rolled_out(scene: Scene) -> None:
    assert "there is no Deployment 'web'" in str(await scene.run(kubernetes_wait.STEP, web(scene)))
    await scene.deploy("web:1")
    await scene.roll_out()
    assert isinstance(await scene.run(kubernetes_wait.STEP, web(scene)), Done)
    config = web(scene, "web:2")
    assert "has not the image web:2 yet" in str(await scene.run(kubernetes_wait.STEP, config))
    await scene.deploy("web:2")
    assert "its controller has not looked since" in str(await scene.run(kubernetes_wait.STEP, config))
    await scene.roll_out(updatedReplicas=1)
    assert "has updated 1 of 2 replicas" in str(await scene.run(kubernetes_wait.STEP, config))
    await scene.roll_out()
    done = await scene.run(kubernetes_wait.STEP, config)
    assert isinstance(done, Done)
    identity = {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": scene.namespace, "name": "web"}
    assert done.outputs == {"resources": [identity]}

    assert (await scene.health(done.health_check)).status == "Healthy"
    await scene.roll_out(availableReplicas=1)
    assert (await scene.health(done.health_check)).status == "Progressing"
    await scene.deploy("web:1")
    await scene.roll_out()
    assert (await scene.health(done.health_check)).status == "Unhealthy"
    await scene.objects.connection.send("DELETE", f"/apis/apps/v1/namespaces/{scene.namespace}/deployments/web")
    found = await scene.health(done.health_check)
    assert (found.status, "there is no Deployment 'web'" in found.issues[0]) == ("Unhealthy", True)


async def test_a_rollout_that_makes_no_progress_ends_the_wait_for_its_image(scene: Scene) -> None:
    await scene.deploy("web:2")
    condition = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "late"}
    await scene.roll_out(conditions=[condition])
    assert isinstance(await scene.run(kubernetes_wait.STEP, web(scene)), Wait), "it may be that of the release before"
    with pytest.raises(Permanent, match="made no progress in time: late"):
        await scene.run(kubernetes_wait.STEP, web(scene, "web:2"))


async def test_objects_are_chosen_by_label_and_told_when_their_kind_is_unknown(scene: Scene) -> None:
    chosen = {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": scene.namespace}
    config = {"resources": [{**chosen, "selector": {"matchLabels": {"app": "web"}}}], "watch": False}
    assert "there is no Deployment" in str(await scene.run(kubernetes_wait.STEP, config))
    await scene.deploy("web:1")
    await scene.roll_out()
    done = await scene.run(kubernetes_wait.STEP, config)
    assert isinstance(done, Done)
    assert done.health_check is None
    for wrong, words in (
        ({"kind": "Deploymnt"}, "Did you mean 'Deployment'"),
        ({"namespace": ""}, "Name the object's"),
        ({"apiVersion": "apps/v9"}, "whether its definition is installed"),
        ({"apiVersion": "../api/v1/namespaces/x/pods/y/proxy"}, "Write one such as apps/v1"),
    ):
        with pytest.raises(Invalid) as told:
            await scene.run(kubernetes_wait.STEP, {"resources": [{**chosen, "name": "web", **wrong}]})
        assert words in told.value.advice


async def test_without_a_cluster_the_steps_are_skipped_with_a_warning(scene: Scene) -> None:
    scene.ctx.cluster = None
    for step, config in (
        (kubernetes_wait.STEP, web(scene)),
        (flux_wait.STEP, {"resources": [{"name": "shop"}]}),
        (flux_reconcile.STEP, {"resources": [{"name": "shop"}]}),
    ):
        done = await scene.run(step, config)
        assert isinstance(done, Done)
        assert (done.skipped, "no cluster is configured (--cluster)" in done.warning) == (True, True)
        assert (await scene.ctx.preview(step, config)).skipped


async def flux_scene(scene: Scene, **meta: Any) -> None:
    await scene.flux.define()
    await scene.flux.put("GitRepository", "deploy", {"url": "https://git.example.com/deploy.git"})
    spec = {"sourceRef": {"kind": "GitRepository", "name": "deploy"}, "path": "."}
    await scene.flux.put("Kustomization", "shop", spec, **meta)


def shop(scene: Scene, revision: str = "new", **more: Any) -> dict[str, Any]:
    return {"resources": [{"name": "shop", "namespace": scene.namespace, "desiredRevision": revision, **more}]}


async def test_flux_fetches_and_deploys_at_once_what_was_promoted(scene: Scene) -> None:
    await flux_scene(scene, annotations=MAY)
    async with scene.flux.running():
        await scene.until_done(flux_wait.STEP, shop(scene, "old"))
        assert "at main@sha1:old, not at new" in str(await scene.run(flux_wait.STEP, shop(scene)))
        scene.flux.revision = lambda source: "main@sha1:new"
        scene.flux.deploys = 0.3
        plan = await scene.ctx.preview(flux_reconcile.STEP, shop(scene))
        assert [(change.verb, change.target.split()[0]) for change in plan.changes] == [
            ("reconcile", "GitRepository"),
            ("reconcile", "Kustomization"),
        ]
        scene.waited.clear()
        done = await scene.until_done(flux_reconcile.STEP, shop(scene))
        assert "is fetching" in scene.waited[0]
        assert scene.flux.deployed == [("shop", "main@sha1:old"), ("shop", "main@sha1:new")]
        await scene.until_done(flux_reconcile.STEP, shop(scene))
        assert len(scene.flux.deployed) == 2, "asked again after a crash, Flux does nothing twice"
    assert (await scene.health(done.health_check)).status == "Healthy"
    path = f"/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/{scene.namespace}/kustomizations/shop/status"
    await scene.send("PATCH", path, {"status": {"lastAppliedRevision": "main@sha1:other"}})
    assert (await scene.health(done.health_check)).status == "Unhealthy"


async def test_a_deployment_that_flux_gave_up_ends_the_step(scene: Scene) -> None:
    await flux_scene(scene, annotations=MAY)
    async with scene.flux.running():
        scene.flux.revision, scene.flux.ready = (lambda source: "main@sha1:new"), False
        with pytest.raises(Permanent, match="is not ready: health check failed"):
            await scene.until_done(flux_reconcile.STEP, shop(scene))


async def test_flux_is_asked_only_for_what_names_the_stage(scene: Scene) -> None:
    await flux_scene(scene)
    with pytest.raises(Denied, match="does not permit changes by Stage 'test'"):
        await scene.run(flux_reconcile.STEP, shop(scene))
    path = f"/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/{scene.namespace}/kustomizations/shop"
    await scene.send("PATCH", path, {"metadata": {"annotations": MAY}, "spec": {"suspend": True}})
    with pytest.raises(Failed, match="is suspended"):
        await scene.run(flux_reconcile.STEP, shop(scene))


async def test_a_promotion_and_its_stage_follow_the_cluster(
    scene: Scene, cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(cluster.kubeconfig()))
    await scene.deploy("web:2")
    steps = ({"uses": "kubernetes-wait", "config": web(scene, "web:2")},)
    async with running(settings_in(tmp_path, cluster="kubernetes://test"), "p") as pipeline:
        for manifest in (
            {"apiVersion": KARGO, "kind": "Project", "metadata": {"name": "p"}},
            warehouse(freightCreationPolicy="Manual"),
            stage(steps=steps),
            {**resource("Freight", "f"), "origin": {"kind": "Warehouse", "name": "w"}, "images": [IMAGE]},
        ):
            await pipeline.system.store.create(manifest)
        (freight,) = await pipeline.list("Freight")
        name = await pipeline.promote("dev", freight["metadata"]["name"])
        await pipeline.until("Promotion", name, lambda item: "was not looked at" in str(item.get("status")))
        began = time.monotonic()
        await scene.roll_out()
        assert (await pipeline.finished(name))["phase"] == "Succeeded"
        await pipeline.until("Stage", "dev", _is("Healthy"))
        await scene.roll_out(availableReplicas=0)
        await pipeline.until("Stage", "dev", _is("Progressing"))
        assert time.monotonic() - began < 5, "told, not polled for"


IMAGE = {"repoURL": "registry.example/app", "tag": "1", "digest": "sha256:1"}


def _is(state: str) -> Any:
    return lambda item: ((item.get("status") or {}).get("health") or {}).get("status") == state
