"""git-clone with lfs of a repository over SSH: its host says where the contents are, and what to log in with."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from argosy.clients.git_error import AuthenticationRefused
from argosy.clients.login import Login
from argosy.errors import Permanent
from argosy.steps.git_clone import STEP as CLONE
from argosy.testing.context import FakeContext
from argosy.testing.lfs_server import LfsServer, pointer_to
from argosy.testing.ssh_server import SshServer

MODEL = b"\0weights" * 1000
ATTRIBUTES = "*.bin filter=lfs diff=lfs merge=lfs -text\n"
BASIC = "Basic " + b64encode(b"ada:granted-for-minutes").decode()


@pytest.fixture
async def ssh(tmp_path: Path) -> AsyncIterator[SshServer]:
    async with SshServer(tmp_path / "ssh").serve() as running:
        repository = running.create("app")
        repository.commit({".gitattributes": ATTRIBUTES, "model.bin": pointer_to(MODEL)}, "First")
        yield running


@pytest.fixture
async def lfs(tmp_path: Path) -> AsyncIterator[LfsServer]:
    async with LfsServer(tmp_path / "lfs", users={"ada": "granted-for-minutes"}).serve() as running:
        running.create("app")
        running.keep("app", MODEL)
        yield running


async def clone(ctx: FakeContext, ssh: SshServer) -> None:
    ctx.logins = {("git", ssh.url_of("app")): Login(ssh_key=ssh.user(), known_hosts=ssh.known_hosts)}
    await ctx.run(CLONE, {"repoURL": ssh.url_of("app"), "lfs": True, "checkout": [{"path": "src"}]})


async def test_the_host_names_the_server_and_a_login(ctx: FakeContext, ssh: SshServer, lfs: LfsServer) -> None:
    ssh.name_lfs_server(
        json.dumps({"href": f"{lfs.url}/app.git/info/lfs", "header": {"Authorization": BASIC}, "expires_in": 600})
    )
    await clone(ctx, ssh)
    assert ctx.tree.read("src/model.bin") == MODEL
    assert ssh.commands[-1] == f"git-lfs-authenticate {ssh.root}/app.git download"


async def test_a_login_that_the_server_refuses_is_told(ctx: FakeContext, ssh: SshServer, lfs: LfsServer) -> None:
    ssh.name_lfs_server(json.dumps({"href": f"{lfs.url}/app.git/info/lfs", "header": {"Authorization": "Basic eDp5"}}))
    with pytest.raises(AuthenticationRefused) as told:
        await clone(ctx, ssh)
    assert "eDp5" not in str(told.value)


@pytest.mark.parametrize("answer", ["", "Welcome!", "[]", '{"href": 5}'])
async def test_an_answer_that_is_none_is_told(ctx: FakeContext, ssh: SshServer, answer: str) -> None:
    ssh.name_lfs_server(answer)
    with pytest.raises(Permanent, match="no answer to it"):
        await clone(ctx, ssh)


async def test_a_host_without_lfs_is_told_with_its_own_words(ctx: FakeContext, ssh: SshServer) -> None:
    with pytest.raises(Permanent, match="names no LFS server: only git is served here"):
        await clone(ctx, ssh)


async def test_a_login_is_not_sent_anywhere_without_tls(ctx: FakeContext, ssh: SshServer) -> None:
    ssh.name_lfs_server(json.dumps({"href": "http://lfs.example.com/app", "header": {"Authorization": BASIC}}))
    with pytest.raises(Permanent, match=r"http://lfs\.example\.com"):
        await clone(ctx, ssh)
