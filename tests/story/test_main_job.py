"""The main job: a pushed image ends in a commit for every stage, with real Git over HTTP and a real registry."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from argosy.clients.login import Login
from argosy.clients.oci import Oci, Target
from argosy.rules.image_url import parse
from argosy.testing.docker_registry import docker_registry
from argosy.testing.git_repository import GitRepository
from argosy.testing.git_server import GitServer
from argosy.testing.image_push import NewImage, connected, push_image
from argosy.testing.pipeline import Pipeline, running, settings_in

USERS = {"robot": "s3cret-w0rd"}

PIPELINE = """
apiVersion: kargo.akuity.io/v1alpha1
kind: Project
metadata: {name: demo}
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: {name: prod, namespace: demo}
spec:
  requestedFreight:
  - origin: {kind: Warehouse, name: app}
    sources: {stages: [staging]}
  promotionTemplate:
    spec:
      vars: [{name: repo, value: REPO_URL}, {name: image, value: IMAGE}]
      steps: [{task: {name: bump}, as: bump}]
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: {name: staging, namespace: demo}
spec:
  requestedFreight:
  - origin: {kind: Warehouse, name: app}
    sources: {stages: [dev], requiredSoakTime: 1s}
  promotionTemplate:
    spec:
      vars: [{name: repo, value: REPO_URL}, {name: image, value: IMAGE}]
      steps: [{task: {name: bump}, as: bump}]
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: {name: dev, namespace: demo}
spec:
  requestedFreight:
  - origin: {kind: Warehouse, name: app}
    sources: {direct: true}
  promotionTemplate:
    spec:
      vars: [{name: repo, value: REPO_URL}, {name: image, value: IMAGE}]
      steps: [{task: {name: bump}, as: bump}]
---
apiVersion: kargo.akuity.io/v1alpha1
kind: PromotionTask
metadata: {name: bump, namespace: demo}
spec:
  vars: [{name: repo}, {name: image}]
  steps:
  - uses: git-clone
    config:
      repoURL: ${{ vars.repo }}
      checkout: [{branch: main, path: ./src}]
  - uses: yaml-update
    as: update
    config:
      path: ./src/${{ ctx.stage }}/values.yaml
      updates:
      - key: image.tag
        value: ${{ quote(imageFrom(vars.image).Tag) }}
  - uses: git-commit
    as: commit
    config:
      path: ./src
      message: "${{ ctx.stage }}: ${{ imageFrom(vars.image).Tag }}"
  - uses: git-push
    as: push
    config: {path: ./src}
  - uses: compose-output
    config:
      commit: ${{ task.outputs.push.commit }}
---
apiVersion: kargo.akuity.io/v1alpha1
kind: ProjectConfig
metadata: {name: demo, namespace: demo}
spec:
  promotionPolicies:
  - stageSelector: {name: "glob:{dev,staging}"}
    autoPromotionEnabled: true
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Warehouse
metadata: {name: app, namespace: demo}
spec:
  interval: 1s
  subscriptions:
  - image:
      repoURL: IMAGE
      constraint: ^1.0.0
---
apiVersion: v1
kind: Secret
metadata: {name: git, namespace: demo, labels: {kargo.akuity.io/cred-type: git}}
stringData: {repoURL: REPO_URL, username: robot, password: s3cret-w0rd}
---
apiVersion: v1
kind: Secret
metadata: {name: registry, namespace: demo, labels: {kargo.akuity.io/cred-type: image}}
stringData: {repoURL: "^127\\\\.0\\\\.0\\\\.1:.*", repoURLIsRegex: "true", username: robot, password: s3cret-w0rd}
"""

VALUES = """\
# what runs in {stage}
image:
  name: app
  tag: "0.0.0"   # set by promotion
replicas: 2
"""


@dataclass
class Surroundings:
    """A registry, a Git server, and the system between them."""

    pipeline: Pipeline
    repository: GitRepository
    oci: Oci
    target: Target
    folder: Path

    async def push(self, tag: str) -> None:
        await push_image(self.oci, self.target, tag, NewImage(content=tag))

    async def arrived(self, stage: str, freight: str) -> None:
        await self.pipeline.until("Stage", stage, lambda item: _summary(item) == freight and _ready(item))

    async def freight(self, tag: str) -> str:
        """The name of the Freight that carries a tag, once it is there."""

        def holds(warehouse: Any) -> bool:
            images = ((warehouse.get("status") or {}).get("discoveredArtifacts") or {}).get("images") or [{}]
            return [item["tag"] for item in images[0].get("references") or []][:1] == [tag]

        warehouse = await self.pipeline.until("Warehouse", "app", holds)
        return str(warehouse["status"]["lastFreightID"])


def _summary(stage: Any) -> str:
    return str((stage.get("status") or {}).get("freightSummary", ""))


def _ready(stage: Any) -> bool:
    return any(item["type"] == "Ready" and item["status"] == "True" for item in stage["status"]["conditions"])


@pytest.fixture(params=["basic", "token"])
async def around(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Surroundings]:
    for name in ("git", "registry"):
        (tmp_path / name).mkdir()
    server = GitServer(tmp_path / "git", users=USERS)
    repository = server.create("config")
    repository.commit({f"{stage}/values.yaml": VALUES.format(stage=stage) for stage in ("dev", "staging", "prod")})
    async with (
        server.serve(),
        docker_registry(tmp_path / "registry", request.param, USERS) as registry,
        connected() as oci,
        running(settings_in(tmp_path), "demo") as pipeline,
    ):
        image = f"{registry}/acme/app"
        target = Target(parse(image), Login("robot", USERS["robot"]))
        surroundings = Surroundings(pipeline, repository, oci, target, tmp_path)
        await surroundings.push("1.0.0")
        await surroundings.push("2.0.0")
        await pipeline.apply(PIPELINE.replace("REPO_URL", server.url_of("config")).replace("IMAGE", image))
        yield surroundings


async def test_from_a_pushed_image_to_a_commit_for_every_stage(around: Surroundings) -> None:
    pipeline = around.pipeline
    first = await around.freight("1.0.0")
    await around.arrived("dev", first)
    await around.arrived("staging", first)
    assert around.repository.log() == ["staging: 1.0.0", "dev: 1.0.0", "Change"]

    await around.push("1.1.0")
    second = await around.freight("1.1.0")
    await around.arrived("dev", second)
    await around.arrived("staging", second)
    assert _summary(await pipeline.get("Stage", "prod")) == "0/1 Fulfilled"

    status = await pipeline.finished(await pipeline.promote("prod", second))
    assert status["phase"] == "Succeeded"
    await around.arrived("prod", second)
    assert around.repository.read("prod/values.yaml") == VALUES.format(stage="prod").replace("0.0.0", "1.1.0").rstrip(
        "\n"
    )
    assert around.repository.log()[:3] == ["prod: 1.1.0", "staging: 1.1.0", "dev: 1.1.0"]
    assert status["state"]["bump"]["commit"] == around.repository.head()
    await pipeline.until(
        "Freight", second, lambda item: set(item["status"].get("verifiedIn", {})) == {"dev", "staging", "prod"}
    )


async def test_no_secret_is_written_where_it_can_be_read(around: Surroundings) -> None:
    await around.arrived("staging", await around.freight("1.0.0"))
    for path in (around.folder / "data").rglob("*"):
        if path.is_file():
            assert USERS["robot"].encode() not in path.read_bytes(), path
    for kind in ("Promotion", "Event", "Stage", "Freight", "Warehouse"):
        assert USERS["robot"] not in str(await around.pipeline.list(kind))
