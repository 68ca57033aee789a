"""The process is killed around the sync of an Application: there is one sync, and it is the one that was wanted."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.story.crash import promoting, start

from argosy.clock import SystemClock
from argosy.testing.argocd import ArgoCd, Manners, application
from argosy.testing.argocd_server import TOKEN, ArgoCdServer
from argosy.testing.argocd_shelf import MemoryShelf
from argosy.testing.git_repository import GitRepository

REPO = "https://git.example.com/deploy.git"
PIPELINE = promoting("""
- uses: argocd-update
  config:
    apps:
    - name: web
      sources:
      - {repoURL: "https://git.example.com/deploy.git", desiredRevision: v2, updateTargetRevision: true}
""")
PLACES = ["argocd.intended=kill", "argocd.asked=kill", "engine.ran=kill", "engine.recorded=kill"]


@dataclass
class Around:
    """What is outside of the process."""

    folder: Path
    argocd: ArgoCd

    async def run(self, failpoint: str = "") -> tuple[int, str]:
        ended = await asyncio.to_thread(start, self.folder, failpoint)
        return ended.returncode, ended.stdout.strip() or ended.stderr


@pytest.fixture
async def around(tmp_path: Path) -> AsyncIterator[Around]:
    folder = tmp_path / "system"
    folder.mkdir()
    repository = GitRepository.create(tmp_path / "app.git")
    repository.commit({"main.py": "print('hello')"}, "First")
    (folder / "pipeline.yaml").write_text(PIPELINE.replace("APP", repository.url))
    (folder / "token").write_text(TOKEN)
    shelf = MemoryShelf()
    shelf.put(application("web", {"repoURL": REPO}, annotations={"kargo.akuity.io/authorized-stage": "demo:dev"}))
    async with ArgoCdServer(shelf, lambda source: source.get("targetRevision") or "v1").serve() as server:
        settings = {"argocd": server.url, "argocd_token_file": str(folder / "token")}
        (folder / "settings.json").write_text(json.dumps(settings))
        async with ArgoCd(shelf, SystemClock(), server.revision, manners=Manners(sync=0.3)).running() as argocd:
            yield Around(folder, argocd)


@pytest.mark.parametrize("failpoint", PLACES)
async def test_killed_at(around: Around, failpoint: str) -> None:
    code, told = await around.run(failpoint)
    assert code == -signal.SIGKILL, told
    assert await around.run() == (0, "Succeeded")
    assert [operation["sync"]["revision"] for _, operation in around.argocd.begun] == ["v2"]
