"""The quickstart with an Argo CD elsewhere, of which only its API and a token are known."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
from tests.story.argocd_case import Around, revision_in, tell, tell_of_a_wait
from tests.story.world import world

from argosy.clock import SystemClock
from argosy.testing.argocd import ArgoCd
from argosy.testing.argocd_server import TOKEN, ArgoCdServer
from argosy.testing.argocd_shelf import MemoryShelf


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
