"""The LFS server that tests use, against the real git-lfs: what that accepts is what servers say."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from argosy.testing.git_repository import GitRepository
from argosy.testing.lfs_server import LfsServer, oid_of, pointer_to

CONTENT = b"\0weights\n" * 1000


class Client:
    """The programs git and git-lfs, as somebody at a desk has them."""

    def __init__(self, home: Path) -> None:
        self.home = home
        home.mkdir()

    async def git(self, *args: str, folder: Path | None = None) -> str:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            **{f"GIT_{who}_{what}": "a@b" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
        }
        process = await asyncio.create_subprocess_exec(
            "git", *args, cwd=folder or self.home, env=environment, stdout=-1, stderr=asyncio.subprocess.STDOUT
        )
        output, _ = await process.communicate()
        assert process.returncode == 0, output.decode()
        return output.decode()


@pytest.fixture
async def client(tmp_path: Path) -> Client:
    made = Client(tmp_path / "home")
    await made.git("lfs", "install")
    return made


@pytest.mark.parametrize("users", [{}, {"ada": "secret"}], ids=["anonymous", "login"])
async def test_git_lfs_pushes_to_it_and_clones_from_it(client: Client, tmp_path: Path, users: dict[str, str]) -> None:
    async with LfsServer(tmp_path / "served", users).serve() as server:
        repository: GitRepository = server.create("app")
        url = server.url_of("app").replace("://", "://ada:secret@" if users else "://")
        await client.git("clone", "--quiet", url, "mine")
        mine = client.home / "mine"
        await client.git("lfs", "track", "*.bin", folder=mine)
        (mine / "model.bin").write_bytes(CONTENT)
        await client.git("add", "--all", folder=mine)
        await client.git("commit", "--quiet", "--message=Model", folder=mine)
        await client.git("push", "--quiet", "origin", "HEAD:main", folder=mine)
        assert repository.read("model.bin") + "\n" == pointer_to(CONTENT)
        assert server.objects == {"app": {oid_of(CONTENT): CONTENT}}
        assert server.count("POST /app.git/info/lfs/verify") == 1
        await client.git("clone", "--quiet", url, "theirs")
        assert (client.home / "theirs" / "model.bin").read_bytes() == CONTENT
        assert [batch["operation"] for batch in server.batches] == ["upload", "download"]


async def test_git_lfs_reads_its_errors(client: Client, tmp_path: Path) -> None:
    async with LfsServer(tmp_path / "served").serve() as server:
        server.create("app").commit({".gitattributes": "*.bin filter=lfs\n", "model.bin": pointer_to(CONTENT)})
        with pytest.raises(AssertionError, match="Object does not exist"):
            await client.git("clone", server.url_of("app"), "mine")
        server.keep("app", CONTENT)
        server.served[oid_of(CONTENT)] = b"another content"
        with pytest.raises(AssertionError, match=r"expected OID|smudge"):
            await client.git("clone", server.url_of("app"), "other")
