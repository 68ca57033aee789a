"""Where the stories keep their resources: in a database, and those of users' pipelines in a cluster as well."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from tests.cluster.content_case import empty, install

from argosy.testing.cluster import Cluster, running_cluster


@pytest.fixture(scope="session")
def story_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A real API server with our definitions."""
    with running_cluster(tmp_path_factory.mktemp("cluster")) as cluster:
        asyncio.run(install(cluster))
        yield cluster


@pytest.fixture(params=["sqlite", pytest.param("kubernetes", marks=pytest.mark.xdist_group("story-cluster"))])
def kept(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of the store; empty for the database in the data folder."""
    if request.param == "sqlite":
        return ""
    cluster: Cluster = request.getfixturevalue("story_cluster")
    asyncio.run(empty(cluster))
    monkeypatch.setenv("KUBECONFIG", str(cluster.kubeconfig()))
    return "kubernetes://test"
