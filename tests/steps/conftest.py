from __future__ import annotations

from pathlib import Path

import pytest

from argosy.testing.context import FakeContext
from argosy.testing.git_repository import GitRepository


@pytest.fixture
def ctx(tmp_path: Path) -> FakeContext:
    return FakeContext(tmp_path / "promotion")


@pytest.fixture
def repo(tmp_path: Path) -> GitRepository:
    repository = GitRepository.create(tmp_path / "repo.git")
    repository.commit({"app.yaml": "tag: v1\n", "other.txt": "1\n"}, "First")
    return repository
