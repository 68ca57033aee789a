"""The process is killed at every boundary of every step, and inside the push: one commit, no more, no less."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from argosy.testing.git_repository import GitRepository

PIPELINE = """
apiVersion: kargo.akuity.io/v1alpha1
kind: Project
metadata: {name: demo}
---
apiVersion: kargo.akuity.io/v1alpha1
kind: ProjectConfig
metadata: {name: demo, namespace: demo}
spec:
  promotionPolicies: [{stageSelector: {name: dev}, autoPromotionEnabled: true}]
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Warehouse
metadata: {name: app, namespace: demo}
spec:
  interval: 1h
  subscriptions: [{git: {repoURL: APP, branch: main}}]
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: {name: dev, namespace: demo}
spec:
  requestedFreight: [{origin: {kind: Warehouse, name: app}, sources: {direct: true}}]
  promotionTemplate:
    spec:
      steps:
      - uses: git-clone
        config: {repoURL: CONFIG, checkout: [{branch: main, path: ./src}]}
      - uses: yaml-update
        config:
          path: ./src/values.yaml
          updates: [{key: commit, value: "${{ quote(commitFrom('APP').ID) }}"}]
      - uses: git-commit
        as: commit
        config: {path: ./src, message: "Promote to ${{ ctx.stage }}"}
      - uses: git-push
        as: push
        config: {path: ./src}
      - uses: compose-output
        config: {pushed: "${{ outputs.push.commit }}"}
"""

BOUNDARIES = [
    f"{place}={{}}@{step}" for step in range(1, 6) for place in ("engine.started", "engine.ran", "engine.recorded")
]
INSIDE = ["engine.intended={}@1", "push.intended={}@1", "push.pushed={}@1"]


def start(folder: Path, failpoints: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.story.program", str(folder)]
    environment = {**os.environ, "ARGOSY_FAILPOINTS": failpoints}
    root = Path(__file__).parents[2]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def config(tmp_path: Path) -> GitRepository:
    app, config = GitRepository.create(tmp_path / "app.git"), GitRepository.create(tmp_path / "config.git")
    app.commit({"main.py": "print('hello')"}, "First")
    config.commit({"values.yaml": "# of dev\ncommit: none\n"}, "Start")
    text = PIPELINE.replace("APP", app.url).replace("CONFIG", config.url)
    (tmp_path / "system").mkdir()
    (tmp_path / "system" / "pipeline.yaml").write_text(text)
    return config


@pytest.mark.parametrize("lose_workspace", [False, True], ids=["workspace kept", "workspace lost"])
@pytest.mark.parametrize("failpoint", [*BOUNDARIES, *INSIDE])
def test_killed_at(config: GitRepository, tmp_path: Path, failpoint: str, lose_workspace: bool) -> None:
    folder = tmp_path / "system"
    killed = start(folder, failpoint.format("kill"))
    assert killed.returncode == -signal.SIGKILL, killed.stdout + killed.stderr
    if lose_workspace:
        for name in ("workspaces", "pool", "mirrors"):
            shutil.rmtree(folder / "data" / name, ignore_errors=True)
    finished = start(folder)
    assert finished.stdout.strip() == "Succeeded", finished.stdout + finished.stderr
    assert config.log() == ["Promote to dev", "Start"]
    assert config.read("values.yaml").startswith("# of dev\ncommit: ")


def test_undisturbed_and_killed_runs_make_the_same_commit(config: GitRepository, tmp_path: Path) -> None:
    """Content, author and message; only the times, which are those of the promotion, differ from one to another."""
    assert start(tmp_path / "system").stdout.strip() == "Succeeded"
    fields = config.git("log", "-1", "--format=%an <%ae>|%cn <%ce>|%s").strip()
    assert fields == "Kargo <no-reply@kargo.io>|Kargo <no-reply@kargo.io>|Promote to dev"
