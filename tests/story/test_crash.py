"""The process is killed at every boundary of every step, and inside the push: one commit, no more, no less."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest
from tests.story.crash import promoting, start

from argosy.testing.git_repository import GitRepository

PIPELINE = promoting("""
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
""")

BOUNDARIES = [
    f"{place}={{}}@{step}" for step in range(1, 6) for place in ("engine.started", "engine.ran", "engine.recorded")
]
INSIDE = ["engine.intended={}@1", "push.intended={}@1", "push.pushed={}@1"]
DEATHS = [
    *(pytest.param(place, number % 2 == 1) for number, place in enumerate(BOUNDARIES)),
    *(pytest.param(place, lost) for place in INSIDE for lost in (False, True)),
]
"""Where to be killed, and whether what is on disk is lost: all of both is in `tests/engine`, without real processes."""


@pytest.fixture
def config(tmp_path: Path) -> GitRepository:
    app, config = GitRepository.create(tmp_path / "app.git"), GitRepository.create(tmp_path / "config.git")
    app.commit({"main.py": "print('hello')"}, "First")
    config.commit({"values.yaml": "# of dev\ncommit: none\n"}, "Start")
    text = PIPELINE.replace("APP", app.url).replace("CONFIG", config.url)
    (tmp_path / "system").mkdir()
    (tmp_path / "system" / "pipeline.yaml").write_text(text)
    return config


@pytest.mark.parametrize(("failpoint", "lose_workspace"), DEATHS)
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
