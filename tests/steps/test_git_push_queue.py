"""Many promotions push to one branch at the same time: in turn, whatever login each has, and none starves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from argosy.clients.login import Login
from argosy.steps.git_clone import STEP as CLONE
from argosy.steps.git_commit import STEP as COMMIT
from argosy.steps.git_push import STEP as PUSH
from argosy.testing.context import FakeContext
from argosy.testing.git_repository import GitRepository
from argosy.testing.git_server import GitServer

MANY = 20
USERS = {"ada": "s3cret-of-ada", "tom": "s3cret-of-tom"}


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[GitServer]:
    async with GitServer(tmp_path / "served", users=USERS).serve() as running:
        yield running


@pytest.fixture
def fleet(server: GitServer) -> GitRepository:
    repository = server.create("fleet")
    repository.commit({"README": ""}, "First")
    return repository


def promotions(root: Path, server: GitServer) -> list[FakeContext]:
    """Contexts of one process, half of which log in as somebody else and spell the URL in their own way."""
    contexts: list[FakeContext] = []
    for number in range(MANY):
        name = ("ada", "tom")[number % 2]
        context = FakeContext(root / f"{number}", promotion=f"stage-{number}.01jx.abc1234")
        context.logins = {("git", url(server, spelling)): Login(name, USERS[name]) for spelling in (0, 2)}
        if contexts:
            context.mirrors, context.checkouts = contexts[0].mirrors, contexts[0].checkouts
        contexts.append(context)
    return contexts


def url(server: GitServer, number: int) -> str:
    return server.url_of("fleet") if number % 4 < 2 else server.url_of("fleet").removesuffix(".git") + ".git/"


async def prepare(contexts: list[FakeContext], server: GitServer) -> None:
    async def one(number: int, ctx: FakeContext) -> None:
        await ctx.run(CLONE, {"repoURL": url(server, number), "checkout": [{"path": "src"}]})
        ctx.write({f"src/stage-{number}": "v2"})
        await ctx.run(COMMIT, {"path": "src", "message": f"Stage {number}"})

    await asyncio.gather(*(one(number, ctx) for number, ctx in enumerate(contexts)))


async def push_all(contexts: list[FakeContext], **config: Any) -> None:
    async with asyncio.timeout(60):
        await asyncio.gather(*(ctx.run(PUSH, {"path": "src", **config}) for ctx in contexts))


async def test_each_needs_one_attempt_and_comes_in_its_turn(
    tmp_path: Path, server: GitServer, fleet: GitRepository
) -> None:
    contexts = promotions(tmp_path / "contexts", server)
    await prepare(contexts, server)
    assert len(contexts[0].mirrors.folders()) == 2
    await push_all(contexts, maxAttempts=1)
    assert fleet.log() == [*(f"Stage {number}" for number in reversed(range(MANY))), "First"]
    # What the mirror of the other login pushed, one may learn from the server's refusal of a first guess.
    assert max(len(ctx.intents) for ctx in contexts) <= 2


async def test_beside_somebody_else_who_pushes_all_the_time_every_one_gets_through(
    tmp_path: Path, server: GitServer, fleet: GitRepository
) -> None:
    """Another replica takes every third chance between fetch and push."""
    contexts = promotions(tmp_path / "contexts", server)
    await prepare(contexts, server)
    intents: list[Mapping[str, Any]] = []

    def meddle(intent: Mapping[str, Any]) -> None:
        intents.append(intent)
        if len(intents) % 3 == 0:
            fleet.commit({f"theirs-{len(intents)}": ""}, "Theirs")

    for ctx in contexts:
        ctx.on_intend = meddle
    await push_all(contexts)
    log = fleet.log()
    assert sorted(line for line in log if line.startswith("Stage")) == sorted(f"Stage {n}" for n in range(MANY))
    assert MANY + log.count("Theirs") <= len(intents) <= 2 * MANY + log.count("Theirs")
    assert max(len(ctx.intents) for ctx in contexts) <= 5


async def test_another_branch_of_the_same_repository_is_not_waited_for(
    tmp_path: Path, server: GitServer, fleet: GitRepository
) -> None:
    contexts = promotions(tmp_path / "contexts", server)[:2]
    await prepare(contexts, server)
    mirror = contexts[0].checkouts.open(contexts[0].tree.root / "src").mirror
    async with mirror.branch_lock("main"):
        await contexts[1].run(PUSH, {"path": "src", "targetBranch": "env/test"})
        waiting = asyncio.create_task(contexts[0].run(PUSH, {"path": "src"}))
        await contexts[1].run(PUSH, {"path": "src", "targetBranch": "env/prod"})
        assert not waiting.done()
    await waiting
    assert fleet.log() == ["Stage 0", "First"]
