"""The quickstart with an Argo CD whose Applications are resources of a cluster."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
from tests.cluster.test_argocd import connected
from tests.story.argocd_case import Around, revision_in, tell, tell_of_a_wait, tell_of_no_commit
from tests.story.world import world

from argosy.clock import SystemClock
from argosy.testing.argocd import ArgoCd
from argosy.testing.argocd_cluster import ClusterShelf
from argosy.testing.cluster import Cluster


@pytest.fixture
async def around(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Around]:
    monkeypatch.setenv("KUBECONFIG", str(cluster.kubeconfig()))
    shelf = ClusterShelf(connected(cluster))
    await shelf.define()
    await shelf.clear("argocd")
    async with world(tmp_path, argocd="kubernetes://test") as made:
        repository = made.git.create("kargo-demo")
        argocd = ArgoCd(shelf, SystemClock(), partial(revision_in, repository), {"argocd"})
        async with argocd.running():
            yield Around(made, argocd, repository)
    await shelf.close()


async def test_freight_goes_on_when_its_application_is_healthy_at_its_commit(around: Around) -> None:
    await tell(around)


async def test_a_stage_may_wait_for_syncs_that_others_start(around: Around) -> None:
    await tell_of_a_wait(around)


async def test_a_promotion_may_change_an_application_and_no_git(around: Around) -> None:
    await tell_of_no_commit(around)
