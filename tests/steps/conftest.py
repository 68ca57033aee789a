from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from argosy.clients.helm import Helm
from argosy.clients.kustomize import Kustomize
from argosy.clients.login import PlainHttp
from argosy.testing.context import FakeContext
from argosy.testing.git_repository import GitRepository
from argosy.testing.helm import helm_or_advice
from argosy.testing.kubectl import PROGRAM


@pytest.fixture
async def ctx(tmp_path: Path) -> AsyncIterator[FakeContext]:
    program = helm_or_advice(3)
    tools = Helm(program, PlainHttp.LOOPBACK), Kustomize(str(PROGRAM), program)
    context = FakeContext(tmp_path / "promotion", helm=tools[0], kustomize=tools[1])
    yield context
    await context.close()


@pytest.fixture
def repo(tmp_path: Path) -> GitRepository:
    repository = GitRepository.create(tmp_path / "repo.git")
    repository.commit({"app.yaml": "tag: v1\n", "other.txt": "1\n"}, "First")
    return repository
