"""Projects over HTTP, their configuration, and the server itself."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from argosy.store.base import Store

from .conftest import KARGO

Client = httpx2.AsyncClient


def project(name: str) -> dict[str, Any]:
    return {"apiVersion": KARGO, "kind": "Project", "metadata": {"name": name}}


@pytest.fixture
async def three(store: Store) -> dict[str, str]:
    """The UIDs of some Projects."""
    return {name: (await store.create(project(name))).uid for name in ("alpha", "beta", "gamma")}


def names(told: Any) -> list[str]:
    return [item["metadata"]["name"] for item in told["items"]]


async def test_projects_are_listed_as_kargo_pages_them(client: Client, three: dict[str, str]) -> None:
    whole = (await client.get("/v1beta1/projects")).json()
    assert (names(whole), whole["total"]) == (["alpha", "beta", "gamma"], 3)
    second = (await client.get("/v1beta1/projects", params={"pageSize": 2, "page": 1})).json()
    assert (names(second), second["total"]) == (["gamma"], 3)
    beyond = (await client.get("/v1beta1/projects", params={"pageSize": 2, "page": 9})).json()
    assert (names(beyond), beyond["total"]) == ([], 3)


async def test_projects_are_found_by_a_part_of_their_name_and_by_uid(client: Client, three: dict[str, str]) -> None:
    found = (await client.get("/v1beta1/projects", params={"filter": "MA"})).json()
    assert (names(found), found["total"]) == (["gamma"], 1)
    found = (await client.get("/v1beta1/projects", params={"uid": [three["alpha"], three["beta"]]})).json()
    assert names(found) == ["alpha", "beta"]
    assert names((await client.get("/v1beta1/projects", params={"mine": "true"})).json()) == []


async def test_pages_of_projects_are_full_whatever_is_left_out(client: Client, three: dict[str, str]) -> None:
    query = {"limit": "1", "filter": "a"}
    seen: list[str] = []
    more: dict[str, str] = {}
    while True:
        told = (await client.get("/v1beta1/projects", params={**query, **more})).json()
        seen += names(told)
        if "continue" not in told["metadata"]:
            break
        assert len(told["items"]) == 1
        more = {"continue": told["metadata"]["continue"]}
    assert seen == ["alpha", "beta", "gamma"]


async def test_a_project_is_read_and_deleted_with_its_configuration(client: Client, store: Store) -> None:
    await store.create(project("demo"))
    assert (await client.get("/v1beta1/projects/demo")).json()["metadata"]["name"] == "demo"
    config = "/v1beta1/projects/demo/config"
    assert (await client.get(config)).status_code == 404
    meta = {"name": "demo", "namespace": "demo"}
    await store.create({"apiVersion": KARGO, "kind": "ProjectConfig", "metadata": meta, "spec": {}})
    assert (await client.get(config)).json()["metadata"]["name"] == "demo"
    assert (await client.post(f"{config}/refresh")).status_code == 200
    assert (await client.get(config)).json()["metadata"]["annotations"]["kargo.akuity.io/refresh"]
    assert (await client.delete(config)).status_code == 204
    assert (await client.delete("/v1beta1/projects/demo")).status_code == 204


async def test_the_cluster_config_is_read_refreshed_and_deleted(client: Client, store: Store) -> None:
    path = "/v1beta1/system/cluster-config"
    assert (await client.get(path)).status_code == 404
    await store.create({"apiVersion": KARGO, "kind": "ClusterConfig", "metadata": {"name": "cluster"}, "spec": {}})
    assert (await client.post(f"{path}/refresh")).status_code == 200
    assert (await client.get(path)).json()["metadata"]["annotations"]["kargo.akuity.io/refresh"]
    assert (await client.delete(path)).status_code == 204


async def test_tasks_and_templates_are_listed_and_read(client: Client, store: Store) -> None:
    await store.create(project("demo"))
    task = {"spec": {"steps": [{"uses": "fail"}]}}
    template = {"spec": {"metrics": []}}
    within: dict[str, tuple[str, str, dict[str, Any]]] = {
        "PromotionTask": (KARGO, "projects/demo/promotion-tasks", task),
        "ClusterPromotionTask": (KARGO, "shared/cluster-promotion-tasks", task),
        "AnalysisTemplate": ("argoproj.io/v1alpha1", "projects/demo/analysis-templates", template),
        "ClusterAnalysisTemplate": ("argoproj.io/v1alpha1", "shared/cluster-analysis-templates", template),
        "AnalysisRun": ("argoproj.io/v1alpha1", "projects/demo/analysis-runs", template),
    }
    for kind, (version, path, body) in within.items():
        meta = {"name": "one"} if kind.startswith("Cluster") else {"name": "one", "namespace": "demo"}
        await store.create({"apiVersion": version, "kind": kind, "metadata": meta, **body})
        assert (await client.get(f"/v1beta1/{path}/one")).json()["kind"] == kind
        if kind != "AnalysisRun":
            assert names((await client.get(f"/v1beta1/{path}")).json()) == ["one"]
        if "Template" in kind:
            assert (await client.delete(f"/v1beta1/{path}/one")).status_code == 204
    logs = await client.get("/v1beta1/projects/demo/analysis-runs/one/logs")
    assert (logs.status_code, logs.json()["error"]) == (501, "AnalysisRun log streaming is not configured")


async def test_the_server_tells_of_itself(client: Client) -> None:
    assert (await client.get("/v1beta1/system/server-version")).json()["version"] == "0.1.0"
    config = (await client.get("/v1beta1/system/server-config")).json()
    assert config["sharedResourcesNamespace"] == "kargo-shared-resources"
    assert config["argocdShards"] == {}
    beats = (await client.get("/v1beta1/system/controller-heartbeats")).json()
    assert beats["heartbeats"][""]["status"] == "Alive"
    assert beats["defaultController"] == ""
