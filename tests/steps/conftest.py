from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from argosy.clients.kustomize import Kustomize
from argosy.testing.context import FakeContext
from argosy.testing.git_repository import GitRepository
from argosy.testing.helm import helm
from argosy.testing.kubectl import PROGRAM


@pytest.fixture
async def ctx(tmp_path: Path) -> AsyncIterator[FakeContext]:
    context = FakeContext(tmp_path / "promotion", kustomize=Kustomize(str(PROGRAM), str(helm(3))))
    yield context
    await context.close()


@pytest.fixture
def repo(tmp_path: Path) -> GitRepository:
    repository = GitRepository.create(tmp_path / "repo.git")
    repository.commit({"app.yaml": "tag: v1\n", "other.txt": "1\n"}, "First")
    return repository
