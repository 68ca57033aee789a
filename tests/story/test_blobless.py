"""A large repository, of which a Warehouse and a Stage with blobless fetch little, killed or not."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest
from tests.story.crash import promoting, start

from argosy.testing.git_repository import GitRepository

PIPELINE = promoting("""
- uses: git-clone
  config:
    repoURL: APP
    blobless: true
    checkout: [{path: ./src, commit: "${{ commitFrom('APP').ID }}", sparse: [apps/web]}]
- uses: file-write
  config: {path: ./src/apps/web/stage, contents: "${{ ctx.stage }}"}
- uses: git-commit
  config: {path: ./src, message: "Promote to ${{ ctx.stage }}"}
- uses: git-push
  config: {path: ./src, targetBranch: env/dev}
""").replace("branch: main}", "branch: main, blobless: true, includePaths: [apps]}")


@pytest.fixture
def app(tmp_path: Path) -> GitRepository:
    repository = GitRepository.create(tmp_path / "app.git")
    repository.git("config", "uploadpack.allowFilter", "true")
    repository.commit({"apps/web/v": "1\n", "media/big": os.urandom(500_000)}, "First")
    (tmp_path / "system").mkdir()
    (tmp_path / "system" / "pipeline.yaml").write_text(PIPELINE.replace("APP", repository.url))
    return repository


@pytest.mark.parametrize("lose", [(), ("workspaces", "pool", "mirrors")], ids=["disk kept", "disk lost"])
def test_a_promotion_that_is_killed_before_it_pushes(app: GitRepository, tmp_path: Path, lose: tuple[str, ...]) -> None:
    killed = start(tmp_path / "system", "push.intended=kill@1")
    assert killed.returncode == -signal.SIGKILL, killed.stdout + killed.stderr
    data = tmp_path / "system" / "data"
    for name in lose:
        shutil.rmtree(data / name)
    finished = start(tmp_path / "system")
    assert finished.stdout.strip() == "Succeeded", finished.stdout + finished.stderr
    assert app.log("env/dev") == ["Promote to dev", "First"]
    assert app.git("diff", "--name-only", "main", "env/dev") == "apps/web/stage"
    (mirror,) = (data / "mirrors").iterdir()
    assert mirror.suffix == ".blobless"
    assert sum(path.stat().st_size for path in mirror.rglob("*") if path.is_file()) < 100_000
