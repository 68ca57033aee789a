"""The quickstart with an Argo CD elsewhere, of which only its API and a token are known; and as people run Kargo today,
with resources and Applications in one cluster."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
from tests.cluster.content_case import empty
from tests.cluster.test_argocd import connected
from tests.story.argocd_case import Around, revision_in, tell, tell_of_a_wait, tell_of_no_commit
from tests.story.world import world

from argosy.clock import SystemClock
from argosy.testing.argocd import ArgoCd
from argosy.testing.argocd_cluster import ClusterShelf
from argosy.testing.argocd_server import TOKEN, ArgoCdServer
from argosy.testing.argocd_shelf import MemoryShelf
from argosy.testing.cluster import Cluster


@pytest.fixture
async def around(tmp_path: Path) -> AsyncIterator[Around]:
    (tmp_path / "argocd-token").write_text(TOKEN)
    server = ArgoCdServer(MemoryShelf(), lambda source: "")
    async with server.serve() as elsewhere:
        settings = {"argocd": elsewhere.url, "argocd_token_file": str(tmp_path / "argocd-token")}
        async with world(tmp_path, **settings) as made:
            repository = made.git.create("kargo-demo")
            server.revision = partial(revision_in, repository)
            async with ArgoCd(server.shelf, SystemClock(), server.revision).running() as argocd:
                yield Around(made, argocd, repository)


async def test_freight_goes_on_when_its_application_is_healthy_at_its_commit(around: Around) -> None:
    await tell(around)


async def test_a_stage_may_wait_for_syncs_that_others_start(around: Around) -> None:
    await tell_of_a_wait(around)


async def test_a_promotion_may_change_an_application_and_no_git(around: Around) -> None:
    await tell_of_no_commit(around)


@pytest.fixture
async def native(story_cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Around]:
    """Everything is a resource of one cluster."""
    await asyncio.to_thread(empty_now, story_cluster)
    monkeypatch.setenv("KUBECONFIG", str(story_cluster.kubeconfig()))
    shelf = ClusterShelf(connected(story_cluster))
    await shelf.define()
    await shelf.clear("argocd")
    async with world(tmp_path, store="kubernetes://test", argocd="kubernetes://test") as made:
        repository = made.git.create("kargo-demo")
        argocd = ArgoCd(shelf, SystemClock(), partial(revision_in, repository), {"argocd"})
        async with argocd.running():
            yield Around(made, argocd, repository)
    await shelf.close()


def empty_now(cluster: Cluster) -> None:
    asyncio.run(empty(cluster))


@pytest.mark.xdist_group("story-cluster")
async def test_a_pipeline_of_kargo_with_its_applications_runs_on_the_same_cluster(native: Around) -> None:
    await tell(native)
