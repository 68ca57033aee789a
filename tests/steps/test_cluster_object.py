"""Steps for objects of a cluster where its API server is away for a moment, and where Flux has nothing to fetch."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest

from argosy.clients.cluster import Cluster
from argosy.clients.kubernetes_connection import Connection, Server
from argosy.errors import Failed
from argosy.rules.flux import REQUEST
from argosy.rules.patch import merge
from argosy.steps import flux_reconcile, flux_wait, kubernetes_wait
from argosy.steps.base import AnyStep, Done, Wait
from argosy.testing.context import FakeContext

RELEASE = "/apis/helm.toolkit.fluxcd.io/v2/namespaces/shop/helmreleases/web"
CHARTS = "/apis/source.toolkit.fluxcd.io/v1/namespaces/shop/helmrepositories/charts"
DEPLOYMENT = "/apis/apps/v1/namespaces/shop/deployments/web"
KINDS = {
    "/apis/helm.toolkit.fluxcd.io/v2": ("HelmRelease", "helmreleases"),
    "/apis/source.toolkit.fluxcd.io/v1": ("HelmRepository", "helmrepositories"),
    "/apis/apps/v1": ("Deployment", "deployments"),
}
READY = {"conditions": [{"type": "Ready", "status": "True"}]}
STEPS: list[tuple[AnyStep, dict[str, Any]]] = [
    (kubernetes_wait.STEP, {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "shop", "name": "web"}),
    (flux_wait.STEP, {"kind": "HelmRelease", "namespace": "shop", "name": "web"}),
    (flux_reconcile.STEP, {"kind": "HelmRelease", "namespace": "shop", "name": "web"}),
]


class Api:
    """An API server with a few objects, by their paths; `away` is what it answers instead."""

    def __init__(self) -> None:
        self.away: httpx2.Response | None = None
        source = {"sourceRef": {"kind": "HelmRepository", "name": "charts"}}
        may = {"annotations": {"kargo.akuity.io/authorized-stage": "demo:test"}}
        counts = {"replicas": 1, "updatedReplicas": 1, "readyReplicas": 1, "availableReplicas": 1}
        self.objects: dict[str, dict[str, Any]] = {
            RELEASE: made("HelmRelease", "web", {"chart": {"spec": source}}, READY, may),
            CHARTS: made("HelmRepository", "charts", {"type": "oci"}, {}, {}),
            DEPLOYMENT: {
                **made("Deployment", "web", {}, {"observedGeneration": 1, **counts}, {}),
                "apiVersion": "apps/v1",
            },
        }

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        if self.away is not None:
            return self.away
        if path in KINDS:
            kind, plural = KINDS[path]
            return httpx2.Response(200, json={"resources": [{"kind": kind, "name": plural, "namespaced": True}]})
        if request.method == "PATCH":
            self.objects[path] = merge(self.objects[path], orjson.loads(request.content))  # type: ignore[assignment]
        return httpx2.Response(200, json=self.objects[path])


def made(kind: str, name: str, spec: Any, status: Any, meta: Mapping[str, Any]) -> dict[str, Any]:
    head = {"name": name, "namespace": "shop", "generation": 1, **meta}
    return {"apiVersion": "v1", "kind": kind, "metadata": head, "spec": spec, "status": status}


@pytest.fixture
def api() -> Api:
    return Api()


@pytest.fixture
async def ctx(api: Api, tmp_path: Path) -> AsyncIterator[FakeContext]:
    connection = Connection(Server("https://cluster.example.com"), transport=httpx2.MockTransport(api.answer))
    cluster = Cluster(connection)
    made = FakeContext(tmp_path, cluster=cluster)
    yield made
    await made.close()
    await cluster.close()


@pytest.mark.parametrize(("step", "one"), STEPS)
async def test_a_server_that_is_away_for_a_moment_is_waited_for(
    api: Api, ctx: FakeContext, step: AnyStep, one: Mapping[str, Any]
) -> None:
    api.away = httpx2.Response(503, headers={"retry-after": "3"})
    outcome = await ctx.run(step, {"resources": [one]})
    assert isinstance(outcome, Wait)
    assert (outcome.again_after, bool(outcome.wakes)) == (3, True)
    api.away = None
    api.objects[RELEASE]["status"] = {**READY, "lastHandledReconcileAt": "demo/test.01jx.abc1234/step-1"}
    assert isinstance(await ctx.run(step, {"resources": [one]}), Done)


async def test_a_repository_of_charts_that_only_says_where_they_are_is_not_waited_for(
    api: Api, ctx: FakeContext
) -> None:
    outcome = await ctx.run(flux_reconcile.STEP, {"resources": [STEPS[2][1]]})
    assert "HelmRelease 'web' in namespace 'shop' is being reconciled" in str(outcome)
    assert REQUEST in api.objects[RELEASE]["metadata"]["annotations"]
    assert "annotations" not in api.objects[CHARTS]["metadata"]


async def test_a_suspended_source_fails_the_step_as_a_suspended_object_does(api: Api, ctx: FakeContext) -> None:
    api.objects[CHARTS]["spec"] = {"suspend": True}
    with pytest.raises(Failed, match="HelmRepository 'charts' in namespace 'shop' is suspended"):
        await ctx.run(flux_reconcile.STEP, {"resources": [STEPS[2][1]]})
