"""Repositories that vanish, registries in trouble, branches that move: told in the right place, nothing half done."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from argosy.clients.oci import Target
from argosy.rules.image_url import parse
from argosy.testing.git_repository import GitRepository
from argosy.testing.image_push import NewImage, connected, push_image
from argosy.testing.pipeline import PATIENCE, Pipeline, running, settings_in
from argosy.testing.registry import Fault, Registry

PROJECT = """
apiVersion: kargo.akuity.io/v1alpha1
kind: Project
metadata: {name: demo}
"""

WAREHOUSE = """
apiVersion: kargo.akuity.io/v1alpha1
kind: Warehouse
metadata: {name: app, namespace: demo}
spec:
  interval: 1s
  subscriptions: [SUBSCRIPTION]
"""

STAGE = """
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: {name: dev, namespace: demo}
spec:
  requestedFreight: [{origin: {kind: Warehouse, name: app}, sources: {direct: true}}]
  promotionTemplate:
    spec:
      steps: STEPS
"""


@pytest.fixture
async def pipeline(tmp_path: Path) -> AsyncIterator[Pipeline]:
    async with running(settings_in(tmp_path), "demo") as pipeline:
        await pipeline.apply(PROJECT)
        yield pipeline


def condition(resource: Mapping[str, Any], type: str) -> Mapping[str, Any]:
    found = (resource.get("status") or {}).get("conditions") or []
    return next((item for item in found if item["type"] == type), {})


def is_ready(resource: Mapping[str, Any]) -> bool:
    return condition(resource, "Ready").get("status") == "True"


def is_told(resource: Mapping[str, Any]) -> bool:
    return condition(resource, "Healthy").get("status") == "False"


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Fault(status=401, times=99), "401"),
        (Fault(status=403, times=99), "403"),
        (Fault(status=429, headers={"Retry-After": "1"}, times=99), "429"),
        (Fault(status=500, times=99), "500"),
        (Fault(status=200, body=b"<html>welcome</html>", times=99), "not"),
    ],
    ids=["401", "403", "429", "500", "nonsense"],
)
async def test_a_registry_in_trouble_is_told_on_the_warehouse(pipeline: Pipeline, fault: Fault, told: str) -> None:
    async with Registry().serve() as registry, connected() as oci:
        image = f"{registry.host}/app"
        await push_image(oci, Target(parse(image)), "1.0.0", NewImage())
        registry.faults.append(fault)
        await pipeline.apply(WAREHOUSE.replace("SUBSCRIPTION", f"{{image: {{repoURL: {image}}}}}"))
        troubled = await pipeline.until("Warehouse", "app", is_told)
        assert condition(troubled, "Healthy")["reason"] == "DiscoveryFailed"
        assert told in condition(troubled, "Healthy")["message"]
        events = await pipeline.list("Event", reason="DiscoveryFailed")
        assert len(events) == 1
        assert await pipeline.list("Freight") == []
        registry.faults.clear()
        annotations = {"kargo.akuity.io/refresh": "now"}
        await pipeline.system.store.patch(pipeline.key("Warehouse", "app"), {"metadata": {"annotations": annotations}})
        healed = await pipeline.until("Warehouse", "app", is_ready)
        assert healed["status"]["lastHandledRefresh"] == "now"
        assert len(await pipeline.list("Freight")) == 1


async def test_a_registry_that_wants_to_be_left_alone_is_not_asked_even_when_somebody_refreshes(
    pipeline: Pipeline,
) -> None:
    async with Registry().serve() as registry, connected() as oci:
        image = f"{registry.host}/app"
        await push_image(oci, Target(parse(image)), "1.0.0", NewImage())
        registry.requests.clear()
        registry.faults.append(Fault(status=429, headers={"Retry-After": "3000"}))
        await pipeline.apply(WAREHOUSE.replace("SUBSCRIPTION", f"{{image: {{repoURL: {image}}}}}"))
        await pipeline.until("Warehouse", "app", is_told)
        annotations = {"kargo.akuity.io/refresh": "now"}
        await pipeline.system.store.patch(pipeline.key("Warehouse", "app"), {"metadata": {"annotations": annotations}})
        told = await pipeline.until(
            "Warehouse", "app", lambda item: "asked to be left alone" in condition(item, "Healthy")["message"]
        )
        assert condition(told, "Ready")["status"] == "False"
        assert len(registry.requests) == 1


async def test_a_repository_that_vanishes_is_told_and_what_was_found_stays(pipeline: Pipeline, tmp_path: Path) -> None:
    repository = GitRepository.create(tmp_path / "app.git")
    repository.commit({"a": "1"})
    await pipeline.apply(WAREHOUSE.replace("SUBSCRIPTION", f"{{git: {{repoURL: {repository.url}}}}}"))
    found = await pipeline.until("Warehouse", "app", is_ready)
    shutil.move(repository.path, tmp_path / "elsewhere.git")
    gone = await pipeline.until("Warehouse", "app", is_told)
    assert "does not appear to be a git repository" in condition(gone, "Healthy")["message"]
    assert gone["status"]["lastFreightID"] == found["status"]["lastFreightID"]
    shutil.move(tmp_path / "elsewhere.git", repository.path)
    await pipeline.until("Warehouse", "app", is_ready)


async def test_any_order_of_applying_works_and_dangling_references_are_told(pipeline: Pipeline, tmp_path: Path) -> None:
    steps = "[{task: {name: nowhere}}]"
    await pipeline.apply(STAGE.replace("STEPS", steps))
    stage = await pipeline.until("Stage", "dev", lambda item: bool(condition(item, "Stalled")))
    assert "Warehouse 'app' does not exist" in condition(stage, "Stalled")["message"]
    assert "PromotionTask 'nowhere' does not exist" in condition(stage, "Stalled")["message"]
    repository = GitRepository.create(tmp_path / "app.git")
    repository.commit({"a": "1"})
    await pipeline.apply(WAREHOUSE.replace("SUBSCRIPTION", f"{{git: {{repoURL: {repository.url}}}}}"))
    await pipeline.until("Stage", "dev", lambda item: "app" not in condition(item, "Stalled").get("message", "app"))


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ("[{uses: no-such-step}]", "'no-such-step' is not known"),
        ("[{uses: git-clone, config: {repoURL: 'file:///nowhere.git', checkout: [{path: a}]}}]", "git repository"),
        ("[{uses: copy, config: {inPath: a, outPath: b, typo: c}}]", "typo"),
        ("[{uses: compose-output, config: {a: '${{ 0..99999999 }}'}}]", "1048576 elements"),
        ("[{uses: fail, config: {message: on purpose}}]", "on purpose"),
    ],
    ids=["unknown step", "no repository", "unknown setting", "an expression without end", "told to fail"],
)
async def test_a_promotion_that_cannot_go_on_says_why(
    pipeline: Pipeline, tmp_path: Path, steps: str, told: str
) -> None:
    repository = GitRepository.create(tmp_path / "app.git")
    repository.commit({"a": "1"})
    await pipeline.apply(WAREHOUSE.replace("SUBSCRIPTION", f"{{git: {{repoURL: {repository.url}}}}}"))
    await pipeline.apply(STAGE.replace("STEPS", steps))
    warehouse = await pipeline.until("Warehouse", "app", is_ready)
    status = await pipeline.finished(await pipeline.promote("dev", warehouse["status"]["lastFreightID"]))
    assert status["phase"] in ("Failed", "Errored")
    assert told in status["message"]
    stage = await pipeline.until("Stage", "dev", lambda item: "lastPromotion" in (item.get("status") or {}))
    assert told in condition(stage, "Ready")["message"]
    assert stage["status"]["freightSummary"] == "0/1 Fulfilled"
    assert list((tmp_path / "data" / "workspaces").iterdir()) == []


async def test_two_stages_that_push_to_one_branch_both_land(pipeline: Pipeline, tmp_path: Path) -> None:
    app, config = GitRepository.create(tmp_path / "app.git"), GitRepository.create(tmp_path / "config.git")
    app.commit({"a": "1"})
    config.commit({f"{name}.yaml": "v: 0\n" for name in ("one", "two", "three")}, "Start")
    await pipeline.apply(WAREHOUSE.replace("SUBSCRIPTION", f"{{git: {{repoURL: {app.url}}}}}"))
    steps = f"""
      - {{uses: git-clone, config: {{repoURL: "{config.url}", checkout: [{{branch: main, path: src}}]}}}}
      - {{uses: yaml-update, config: {{path: "src/${{{{ ctx.stage }}}}.yaml", updates: [{{key: v, value: 1}}]}}}}
      - {{uses: git-commit, config: {{path: src, message: "${{{{ ctx.stage }}}}"}}}}
      - {{uses: git-push, config: {{path: src}}}}
"""
    for name in ("one", "two", "three"):
        await pipeline.apply(STAGE.replace("STEPS", steps).replace("name: dev", f"name: {name}"))
    freight = (await pipeline.until("Warehouse", "app", is_ready))["status"]["lastFreightID"]
    promotions = [await pipeline.promote(name, freight) for name in ("one", "two", "three")]
    assert [(await pipeline.finished(name))["phase"] for name in promotions] == ["Succeeded"] * 3
    assert sorted(config.log()) == ["Start", "one", "three", "two"]
    assert [config.read(f"{name}.yaml") for name in ("one", "two", "three")] == ["v: 1"] * 3


async def test_a_pending_and_a_running_promotion_can_be_aborted(pipeline: Pipeline, tmp_path: Path) -> None:
    app = GitRepository.create(tmp_path / "app.git")
    app.commit({"a": "1"})
    await pipeline.apply(WAREHOUSE.replace("SUBSCRIPTION", f"{{git: {{repoURL: {app.url}}}}}"))
    # A step that errs and is tried again for long: a running promotion that does not end by itself.
    retry = "{errorThreshold: 100}"
    step = "{uses: git-clone, retry: RETRY, config: {repoURL: 'http://127.0.0.1:9/x.git', checkout: [{path: a}]}}"
    await pipeline.apply(STAGE.replace("STEPS", f"[{step.replace('RETRY', retry)}]"))
    freight = (await pipeline.until("Warehouse", "app", is_ready))["status"]["lastFreightID"]
    first, second = [await pipeline.promote("dev", freight) for _ in range(2)]
    await pipeline.until("Promotion", first, lambda item: (item.get("status") or {}).get("phase") == "Running")
    await pipeline.until("Promotion", second, lambda item: (item.get("status") or {}).get("phase") == "Pending")
    for name in (second, first):
        mark = {"metadata": {"annotations": {"kargo.akuity.io/abort": "terminate"}}}
        await pipeline.system.store.patch(pipeline.key("Promotion", name), mark)
        status = await pipeline.finished(name)
        assert status["phase"] == "Aborted"
        assert status["message"] == "Promotion terminated by admin"
    await pipeline.until("Stage", "dev", lambda item: _last(item) == second)
    told: set[str] = set()
    async with asyncio.timeout(PATIENCE):  # an event is written after the status that it tells of
        while told != {first, second}:
            events = await pipeline.list("Event", reason="PromotionAborted")
            told = {str(item["involvedObject"]["name"]) for item in events}
            await asyncio.sleep(0)
    assert len(events) == 2


def _last(stage: Any) -> str:
    return str((stage["status"].get("lastPromotion") or {}).get("name", ""))
