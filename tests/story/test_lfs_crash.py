"""The process is killed while contents of LFS files are fetched and put into a checkout."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest
from tests.story.crash import promoting, start

from argosy.testing.git_repository import GitRepository
from argosy.testing.lfs_server import oid_of, pointer_to

PIPELINE = promoting("""
- uses: git-clone
  config: {repoURL: APP, lfs: true, checkout: [{path: ./src}, {path: ./out, branch: env/dev, create: true}]}
- uses: copy
  config: {inPath: ./src, outPath: ./out}
- uses: git-commit
  config: {path: ./out, message: "Promote to ${{ ctx.stage }}"}
- uses: git-push
  config: {path: ./out}
""")
MODELS = {"a.bin": b"a" * 2000, "b.bin": b"b" * 3000}
PLACES = ["lfs.fetched=kill@2", "lfs.filling=kill@2", "push.pushed=kill@1"]


@pytest.fixture
def app(tmp_path: Path) -> GitRepository:
    repository = GitRepository.create(tmp_path / "app.git")
    pointers = {name: pointer_to(content) for name, content in MODELS.items()}
    repository.commit({".gitattributes": "*.bin filter=lfs -text\n", **pointers}, "First")
    for oid, content in ((oid_of(content), content) for content in MODELS.values()):
        place = repository.path / "lfs" / "objects" / oid[:2] / oid[2:4] / oid
        place.parent.mkdir(parents=True)
        place.write_bytes(content)
    (tmp_path / "system").mkdir()
    (tmp_path / "system" / "pipeline.yaml").write_text(PIPELINE.replace("APP", repository.url))
    return repository


@pytest.mark.parametrize("lose", [(), ("workspaces", "pool", "mirrors", "lfs")], ids=["disk kept", "disk lost"])
@pytest.mark.parametrize("place", PLACES)
def test_killed_at(app: GitRepository, tmp_path: Path, place: str, lose: tuple[str, ...]) -> None:
    killed = start(tmp_path / "system", place)
    assert killed.returncode == -signal.SIGKILL, killed.stdout + killed.stderr
    data = tmp_path / "system" / "data"
    for name in lose:
        shutil.rmtree(data / name, ignore_errors=True)
    finished = start(tmp_path / "system")
    assert finished.stdout.strip() == "Succeeded", finished.stdout + finished.stderr
    assert app.log("env/dev") == ["Promote to dev", "Initial commit"]
    for name, content in MODELS.items():
        assert app.read(name, "env/dev") + "\n" == pointer_to(content)
