from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from argosy.testing.context import FakeContext
from argosy.testing.git_repository import GitRepository


@pytest.fixture
async def ctx(tmp_path: Path) -> AsyncIterator[FakeContext]:
    context = FakeContext(tmp_path / "promotion")
    yield context
    await context.close()


@pytest.fixture
def repo(tmp_path: Path) -> GitRepository:
    repository = GitRepository.create(tmp_path / "repo.git")
    repository.commit({"app.yaml": "tag: v1\n", "other.txt": "1\n"}, "First")
    return repository
