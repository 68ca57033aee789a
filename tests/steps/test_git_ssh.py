"""A promotion over SSH, against a real sshd: cloned, committed, pushed, adopted after a crash."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from argosy.clients.git_error import AuthenticationRefused
from argosy.clients.login import Login
from argosy.steps.base import Done
from argosy.steps.git_clone import STEP as CLONE
from argosy.steps.git_commit import STEP as COMMIT
from argosy.steps.git_push import STEP as PUSH
from argosy.testing.context import FakeContext
from argosy.testing.git_repository import GitRepository
from argosy.testing.ssh_server import SshServer


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[SshServer]:
    async with SshServer(tmp_path / "served").serve() as running:
        yield running


@pytest.fixture
def app(server: SshServer) -> GitRepository:
    repository = server.create("app")
    repository.commit({"app.yaml": "tag: v1\n"}, "First")
    return repository


def logins(server: SshServer, name: str = "user") -> dict[tuple[str, str], Login]:
    key = server.user(name)
    return {("git", server.url_of("app")): Login(ssh_key=key, known_hosts=server.known_hosts)}


async def promote(ctx: FakeContext, server: SshServer, **checkout: Any) -> str:
    await ctx.run(CLONE, {"repoURL": server.url_of("app"), "checkout": [{"path": "src", **checkout}]})
    ctx.write({"src/app.yaml": "tag: v2\n"})
    await ctx.run(COMMIT, {"path": "src", "message": "Promote"})
    outcome = await ctx.run(PUSH, {"path": "src"})
    assert isinstance(outcome, Done)
    return str(outcome.outputs["commit"])


async def test_a_promotion_reads_and_writes_over_ssh(ctx: FakeContext, server: SshServer, app: GitRepository) -> None:
    ctx.logins = logins(server)
    assert await promote(ctx, server, branch="env/test", create=True) == app.head("env/test")
    assert app.log("env/test") == ["Promote", "Initial commit"]
    assert {command.split()[0] for command in server.commands} == {"git-upload-pack", "git-receive-pack"}


async def test_a_key_that_was_changed_meanwhile_is_the_one_that_counts(
    ctx: FakeContext, server: SshServer, app: GitRepository
) -> None:
    ctx.logins = logins(server)
    await ctx.run(CLONE, {"repoURL": server.url_of("app"), "checkout": [{"path": "src"}]})
    ctx.write({"src/app.yaml": "tag: v2\n"})
    await ctx.run(COMMIT, {"path": "src", "message": "Promote"})
    server.refuse_everybody()
    with pytest.raises(AuthenticationRefused):
        await ctx.run(PUSH, {"path": "src"})
    ctx.logins = logins(server, "new")
    await ctx.run(PUSH, {"path": "src"})
    assert app.log() == ["Promote", "First"]


async def test_after_a_crash_what_was_pushed_is_adopted(
    ctx: FakeContext, server: SshServer, app: GitRepository, tmp_path: Path
) -> None:
    ctx.logins = logins(server)
    pushed = await promote(ctx, server)
    again = FakeContext(tmp_path / "again", pins=ctx.pins, intent=ctx.intent, logins=ctx.logins)
    assert await promote(again, server) == pushed
    assert app.log() == ["Promote", "First"]
    assert again.intents == []
