"""Kargo's quickstart: the same pipeline, with servers on loopback in place of GitHub and a public registry."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.story.world import World, world

from argosy.errors import Invalid

STAGE = """
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: {name: NAME, namespace: p}
spec:
  requestedFreight:
  - origin: {kind: Warehouse, name: kargo-demo}
    sources: SOURCES
  promotionTemplate:
    spec:
      steps:
      - task: {name: demo-promo-process}
        as: promo-process
"""
PIPELINE = """
apiVersion: kargo.akuity.io/v1alpha1
kind: Project
metadata: {name: p}
---
apiVersion: v1
kind: Secret
type: Opaque
metadata: {name: kargo-demo-repo, namespace: p, labels: {kargo.akuity.io/cred-type: git}}
stringData: {repoURL: GITOPS_REPO_URL, username: robot, password: s3cret-w0rd}
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Warehouse
metadata: {name: kargo-demo, namespace: p}
spec:
  interval: 1s
  subscriptions:
  - image: {repoURL: IMAGE, constraint: ^1.29.0, discoveryLimit: 5}
---
apiVersion: kargo.akuity.io/v1alpha1
kind: PromotionTask
metadata: {name: demo-promo-process, namespace: p}
spec:
  vars:
  - {name: gitopsRepo, value: GITOPS_REPO_URL}
  - {name: imageRepo, value: IMAGE}
  steps:
  - uses: git-clone
    config:
      repoURL: ${{ vars.gitopsRepo }}
      checkout:
      - {branch: main, path: ./src}
      - {branch: "stage/${{ ctx.stage }}", create: true, path: ./out}
  - uses: git-clear
    config: {path: ./out}
  - uses: kustomize-set-image
    as: update
    config:
      path: ./src/base
      images:
      - {image: "${{ vars.imageRepo }}", tag: "${{ imageFrom(vars.imageRepo).Tag }}"}
  - uses: kustomize-build
    config: {path: "./src/stages/${{ ctx.stage }}", outPath: ./out}
  - uses: git-commit
    as: commit
    config: {path: ./out, message: "${{ task.outputs.update.commitMessage }}"}
  - uses: git-push
    config: {path: ./out}
  - uses: argocd-update
    config:
      apps:
      - name: kargo-demo-${{ ctx.stage }}
        sources:
        - {repoURL: "${{ vars.gitopsRepo }}", desiredRevision: "${{ task.outputs.commit.commit }}"}
"""
STAGES = {"test": "{direct: true}", "uat": "{stages: [test]}", "prod": "{stages: [uat]}"}

BASE = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: kargo-demo}
spec:
  selector: {matchLabels: {app: kargo-demo}}
  template:
    metadata: {labels: {app: kargo-demo}}
    spec:
      containers:
      - name: kargo-demo
        image: IMAGE:placeholder
"""
OVERLAY = """\
resources: [../../base]
namespace: kargo-demo-STAGE
"""


@pytest.fixture
async def around(tmp_path: Path, kept: str) -> AsyncIterator[World]:
    async with world(tmp_path, store=kept) as made:
        yield made


async def test_the_quickstart_ends_in_a_branch_of_plain_yaml_for_every_stage(around: World) -> None:
    await around.push("nginx/nginx", "1.28.9", "1.29.0", "2.0.0")
    image = around.image("nginx/nginx")
    repository = around.git.create("kargo-demo")
    overlays = {f"stages/{stage}/kustomization.yaml": OVERLAY.replace("STAGE", stage) for stage in STAGES}
    base = {"base/deploy.yaml": BASE.replace("IMAGE", image), "base/kustomization.yaml": "resources: [deploy.yaml]\n"}
    first = repository.commit({**base, **overlays})
    stages = "".join(STAGE.replace("NAME", name).replace("SOURCES", sources) for name, sources in STAGES.items())
    url = around.git.url_of("kargo-demo")
    await around.pipeline.apply((PIPELINE + stages).replace("GITOPS_REPO_URL", url).replace("IMAGE", image))

    freight = await around.freight("kargo-demo", "1.29.0")
    for stage in STAGES:
        await around.promote(stage, freight)
        assert repository.files(f"stage/{stage}") == [f"kargo-demo-{stage}-deployment-kargo-demo.yaml"]
        rendered = repository.read(f"kargo-demo-{stage}-deployment-kargo-demo.yaml", f"stage/{stage}")
        assert f"image: {image}:1.29.0" in rendered
        assert f"namespace: kargo-demo-{stage}" in rendered
        subject, _, rest = repository.git("log", "-1", "--format=%B", f"stage/{stage}").partition("\n\n")
        assert (subject, rest) == ("Updated ./src/base to use new image", f"- {image}:1.29.0")
    assert repository.head() == first

    await around.push("nginx/nginx", "1.29.1")
    newer = await around.freight("kargo-demo", "1.29.1")
    planned = await around.diff("test", newer)
    await around.promote("test", newer)
    assert planned == repository.git("diff", "stage/test~", "stage/test")
    assert len(repository.log("stage/test")) == 3
    assert len(repository.log("stage/uat")) == 2
    with pytest.raises(Invalid, match="is not available to Stage 'prod'"):
        await around.pipeline.promote("prod", newer)
