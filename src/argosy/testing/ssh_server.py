"""An SSH server for Git: the real `sshd` on loopback, with its own keys, that runs nothing but git's own programs."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from argosy.testing.git_repository import GitRepository
from argosy.testing.port import free_port

_CONFIG = """
ListenAddress 127.0.0.1:{port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized
AuthenticationMethods publickey
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
PidFile none
ForceCommand {folder}/only-git
AcceptEnv GIT_PROTOCOL
MaxStartups 200
LogLevel VERBOSE
"""
_ONLY_GIT = """#!/bin/sh
echo "$SSH_ORIGINAL_COMMAND" >> {folder}/commands
case "$SSH_ORIGINAL_COMMAND" in
  "git-upload-pack '/"*"'"|"git-receive-pack '/"*"'") exec {git} shell -c "$SSH_ORIGINAL_COMMAND" ;;
  "git-lfs-authenticate "*) [ -f {folder}/lfs-server ] && exec cat {folder}/lfs-server ;;
esac
echo "only git is served here" >&2
exit 1
"""


@dataclass
class SshServer:
    """Serves every repository below `root` to the keys that were allowed.

    Args:
        root: the folder of the repositories; the server's own files lie beside them.
    """

    root: Path
    port: int = 0
    _process: asyncio.subprocess.Process | None = field(default=None, init=False, repr=False)

    @contextlib.asynccontextmanager
    async def serve(self) -> AsyncIterator[SshServer]:
        """Serve until the block ends; `port` is then known."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._make_key("host_key")
        (self._folder / "authorized").touch()
        script = self._folder / "only-git"
        script.write_text(_ONLY_GIT.format(folder=self._folder, git=shutil.which("git")))
        script.chmod(0o755)
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)  # noqa: ASYNC240 - sshd insists on it
        await self._start()
        try:
            yield self
        finally:
            await self._stop()

    def create(self, name: str) -> GitRepository:
        """Make an empty repository, served as `url_of(name)`."""
        return GitRepository.create(self.root / f"{name}.git")

    def url_of(self, name: str) -> str:
        return f"ssh://{getpass.getuser()}@127.0.0.1:{self.port}{self.root}/{name}.git"

    def allow(self, public: str) -> None:
        """Let the owner of this public key in."""
        with (self._folder / "authorized").open("a") as file:
            file.write(f"restrict {public.strip()}\n")

    def user(self, name: str = "user") -> str:
        """Make a key that is let in; returns the private one."""
        self._make_key(name)
        self.allow((self._folder / f"{name}.pub").read_text())
        return (self._folder / name).read_text()

    def name_lfs_server(self, answer: str) -> None:
        """What `git-lfs-authenticate` is to answer from now on; until then, there is no such command."""
        (self._folder / "lfs-server").write_text(answer)

    def refuse_everybody(self) -> None:
        """Let nobody in any more."""
        (self._folder / "authorized").write_text("")

    async def change_host_key(self) -> None:
        """Be another host from now on."""
        await self._stop()
        for name in ("host_key", "host_key.pub"):
            (self._folder / name).unlink()
        self._make_key("host_key")
        await self._start()

    @property
    def known_hosts(self) -> str:
        """The line of a `known_hosts` file for this server."""
        kind, key = (self._folder / "host_key.pub").read_text().split()[:2]
        return f"[127.0.0.1]:{self.port} {kind} {key}\n"

    @property
    def commands(self) -> list[str]:
        """What was asked to be run so far."""
        path = self._folder / "commands"
        return path.read_text().splitlines() if path.exists() else []

    @property
    def _folder(self) -> Path:
        return self.root / "sshd"

    def _make_key(self, name: str) -> None:
        path = self._folder / name
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(path)], check=True)

    async def _start(self) -> None:
        if not self.port:
            self.port = free_port()
        config = self._folder / "config"
        config.write_text(_CONFIG.format(port=self.port, folder=self._folder))
        program = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
        assert program is not None, "install openssh-server"
        with (self._folder / "log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(program, "-D", "-e", "-f", str(config), stderr=log)
        async with asyncio.timeout(10):
            while not await self._listens():
                assert self._process.returncode is None, (self._folder / "log").read_text()

    async def _listens(self) -> bool:
        """Whether somebody answers; waits for the first line of an answer."""
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except ConnectionRefusedError:
            await asyncio.sleep(0.01)
            return False
        banner = await reader.readline()
        writer.close()
        return banner.startswith(b"SSH-")

    async def _stop(self) -> None:
        assert self._process is not None
        self._process.terminate()
        await self._process.wait()
