"""Charts from private repositories become Freight, and what is wrong is told in the Warehouse."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from argosy.testing.docker_registry import docker_registry
from argosy.testing.helm import ChartRepository, chart_archive, push_chart
from argosy.testing.pipeline import Pipeline, running, settings_in

MANIFESTS = """
apiVersion: kargo.akuity.io/v1alpha1
kind: Project
metadata: {name: demo}
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Warehouse
metadata: {name: charts, namespace: demo}
spec:
  interval: 1s
  subscriptions:
  - name: classic
    chart: {repoURL: CLASSIC, name: app, semverConstraint: ^1}
  - chart: {repoURL: "oci://REGISTRY/charts/base"}
"""
SECRET = """
apiVersion: v1
kind: Secret
metadata: {name: charts, namespace: demo, labels: {kargo.akuity.io/cred-type: helm}}
stringData: {repoURL: CLASSIC, username: robot, password: hunter2-secret}
"""


@pytest.fixture
async def pipeline(tmp_path: Path) -> AsyncIterator[Pipeline]:
    async with running(settings_in(tmp_path), "demo") as system:
        yield system


async def test_charts_from_a_private_repository_and_a_registry_become_freight(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    private = ChartRepository(user="robot", password="hunter2-secret")
    for version in ("1.0.0", "1.1.0", "2.0.0"):
        private.add("app", version)
    async with private.serve(), docker_registry(tmp_path) as registry:
        push_chart(registry, chart_archive("base", "0.3.0"), "base")
        await pipeline.apply(MANIFESTS.replace("CLASSIC", private.url).replace("REGISTRY", registry))
        told = await pipeline.until("Warehouse", "charts", lambda item: "401" in str(item.get("status")))
        assert "kargo.akuity.io/cred-type: helm" in str(told["status"]["conditions"])

        await pipeline.apply(SECRET.replace("CLASSIC", private.url))
        seen = await pipeline.until("Warehouse", "charts", lambda item: item["status"].get("lastFreightID"))
        freight = await pipeline.get("Freight", seen["status"]["lastFreightID"])
        assert freight["charts"] == [
            {"repoURL": private.url, "name": "app", "version": "1.1.0", "subscriptionName": "classic"},
            {"repoURL": f"oci://{registry}/charts/base", "version": "0.3.0"},
        ]

        private.add("app", "1.2.0")
        await pipeline.until(
            "Warehouse", "charts", lambda item: item["status"]["lastFreightID"] != freight["metadata"]["name"]
        )
