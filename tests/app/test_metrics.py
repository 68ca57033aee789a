"""Metrics: what rooms tell becomes series, bounded in number, and a whole pipeline leaves its traces in them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest

from argosy.api.health import Health, store_check
from argosy.app.metrics import MOST_HOSTS, SERIES, Metrics
from argosy.app.status import Served, serve_status
from argosy.app.system import open_system
from argosy.clock import SystemClock
from argosy.errors import Unavailable
from argosy.resources.manifest import read_manifests
from argosy.resources.meta import Key
from argosy.runtime.controller import Controller
from argosy.store.actor import actor
from argosy.testing.clock import FakeClock
from argosy.testing.git_repository import GitRepository
from argosy.testing.pipeline import Pipeline, settings_in
from argosy.testing.web_server import Answer, WebServer

PIPELINE = """
apiVersion: kargo.akuity.io/v1alpha1
kind: Project
metadata: {name: p}
---
apiVersion: kargo.akuity.io/v1alpha1
kind: ProjectConfig
metadata: {name: p, namespace: p}
spec: {promotionPolicies: [{stageSelector: {name: dev}, autoPromotionEnabled: true}]}
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Warehouse
metadata: {name: app, namespace: p}
spec: {interval: 1h, subscriptions: [{git: {repoURL: GIT, branch: main}}]}
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: {name: dev, namespace: p}
spec:
  requestedFreight: [{origin: {kind: Warehouse, name: app}, sources: {direct: true}}]
  promotionTemplate: {spec: {steps: [{uses: http, as: ask, config: {url: "WEB/well"}}]}}
"""


def values(text: str, name: str) -> dict[str, float]:
    """The series of a metric: labels to value."""
    found = re.findall(rf"^{name}(?:{{(.*)}})? (\S+)$", text, re.MULTILINE)
    return {labels: float(value) for labels, value in found}


def test_what_is_told_is_counted_timed_and_its_errors_are_counted() -> None:
    metrics = Metrics()
    metrics.took("reconcile", 0.02, controller="stage", result="success")
    metrics.took("reconcile", 0.02, controller="stage", result="requeue_after")
    metrics.took("reconcile", 2.0, controller="stage", result="error")
    text = metrics.text().decode()
    counted = values(text, "controller_runtime_reconcile_total")
    assert counted['controller="stage",result="success"'] == 1
    assert counted['controller="stage",result="error"'] == 1
    assert values(text, "controller_runtime_reconcile_errors_total") == {'controller="stage"': 1}
    assert values(text, "controller_runtime_reconcile_time_seconds_count") == {'controller="stage"': 3}
    assert values(text, "controller_runtime_reconcile_time_seconds_sum") == {'controller="stage"': pytest.approx(2.04)}


def test_two_servers_measure_apart_and_what_nobody_knows_harms_nothing() -> None:
    one, other = Metrics(), Metrics()
    one.took("git_command", 1.0, command="fetch", result="success")
    one.took("nonsense", 1.0, label="x")
    assert "fetch" in one.text().decode()
    assert "fetch" not in other.text().decode()


def test_hosts_are_bounded() -> None:
    metrics = Metrics()
    for number in range(MOST_HOSTS + 50):
        metrics.took("http_request", 0.1, host=f"host-{number}.example", code="200")
    counted = values(metrics.text().decode(), "argosy_http_requests_total")
    assert len(counted) == MOST_HOSTS + 1
    assert counted['code="200",host="other"'] == 50


def test_a_process_a_version_and_the_state_of_controllers_are_told_when_they_are_read() -> None:
    async def reconcile(key: Key) -> None: ...

    metrics, leads = Metrics(), False
    controller = Controller("Stage", None, FakeClock(), reconcile, workers=3)  # type: ignore[arg-type]
    metrics.watch([controller], lambda: leads)
    controller.queue.add(Key("Stage", "p", "a"))
    text = metrics.text().decode()
    assert values(text, "workqueue_depth") == {'name="stage"': 1}
    assert values(text, "workqueue_adds_total") == {'name="stage"': 1}
    assert values(text, "controller_runtime_max_concurrent_reconciles") == {'controller="stage"': 3}
    assert values(text, "leader_election_master_status") == {'name="argosy"': 0}
    leads = True
    assert values(metrics.text().decode(), "leader_election_master_status") == {'name="argosy"': 1}
    assert values(text, "process_resident_memory_bytes")[""] > 1e6
    assert len(values(text, "argosy_build_info")) == 1


def test_every_series_has_a_help_and_a_name_of_the_usual_form() -> None:
    for series in SERIES.values():
        assert series.help
        assert series.name.endswith("_seconds")
        assert not series.counted or series.counted[0].endswith("_total")


@asynccontextmanager
async def turning(folder: Path, metrics: Metrics) -> AsyncIterator[Pipeline]:
    async with open_system(settings_in(folder), SystemClock(), meter=metrics) as system:
        metrics.watch(system.controllers, lambda: True)
        work = asyncio.create_task(system.run())
        token = actor.set("admin")
        try:
            yield Pipeline(system, "p")
        finally:
            actor.reset(token)
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)


async def test_a_pipeline_leaves_its_traces(tmp_path: Path) -> None:
    repository, metrics = GitRepository.create(tmp_path / "app.git"), Metrics()
    repository.commit({"a": "1"})
    async with (
        WebServer({"/well": [Answer(200, b"{}")]}).serve() as web,
        turning(tmp_path, metrics) as pipeline,
    ):
        for manifest in read_manifests(PIPELINE.replace("GIT", repository.url).replace("WEB", web.url), "x.yaml"):
            await pipeline.system.store.create(manifest.document)
        await pipeline.until("Stage", "dev", lambda stage: bool((stage.get("status") or {}).get("lastPromotion")))
        text = metrics.text().decode()
    assert values(text, "argosy_promotion_duration_seconds_count") == {'phase="Succeeded"': 1}
    assert values(text, "argosy_discovery_duration_seconds_count")['source="git"'] >= 1
    assert values(text, "argosy_discovery_errors_total") in ({}, {'source="git"': 0})
    assert values(text, "argosy_git_command_duration_seconds_count")['command="fetch",result="success"'] >= 1
    assert values(text, "argosy_http_requests_total") == {'code="200",host="127.0.0.1"': 1}
    assert values(text, "argosy_store_writes_total")['kind="Freight",result="success",verb="create"'] == 1
    assert values(text, "controller_runtime_reconcile_total")['controller="promotion",result="success"'] >= 1


async def test_probes_and_metrics_are_served_over_plain_http(tmp_path: Path) -> None:
    class Broken:
        async def version(self) -> int:
            raise Unavailable("the disk is full")

    health, metrics = Health({"store": store_check(Broken())}), Metrics()  # type: ignore[arg-type]
    async with WebServer().serve() as free:
        pass
    address = free.url.removeprefix("http://")
    async with serve_status(address, Served(health, metrics)), httpx2.AsyncClient(base_url=free.url) as client:
        assert (await client.get("/livez")).text == "ok"
        assert (await client.get("/readyz")).status_code == 503
        answer = await client.get("/metrics")
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        assert "process_cpu_seconds_total" in answer.text
    async with serve_status("", Served(health, metrics)):
        pass


def test_every_metric_is_explained() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "metrics.md").read_text("utf-8")
    names = {series.name for series in SERIES.values()}
    names |= {series.counted[0] for series in SERIES.values() if series.counted}
    names |= {series.errors for series in SERIES.values() if series.errors}
    assert not {name for name in names if f"`{name}`" not in page}
