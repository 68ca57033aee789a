"""One real API server for all tests of a worker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from argosy.testing.cluster import Cluster, running_cluster


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Runs until the worker's last test. Tests keep apart by namespaces of their own."""
    with running_cluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running
