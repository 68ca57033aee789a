"""Git over SSH against a real sshd: discovery and pushes, host keys, and nothing of the user's own."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from argosy.clients.git import Git, Identity, Policy, Remote
from argosy.clients.git_error import AuthenticationRefused, HostKeyRefused, RepositoryNotFound
from argosy.clients.git_ssh import HostKeys
from argosy.clients.login import Login
from argosy.errors import Permanent, Temporary
from argosy.resources.warehouse import GitSubscription
from argosy.sources.checkout import Checkouts, Revision
from argosy.sources.git import GitDiscovery
from argosy.sources.mirror import Mirror
from argosy.sources.mirrors import Mirrors
from argosy.sources.push import Push, push
from argosy.testing.clock import FakeClock
from argosy.testing.git_repository import GitRepository
from argosy.testing.signing_key import ssh_key
from argosy.testing.ssh_server import SshServer

IDENTITY = Identity("Kargo", "no-reply@kargo.io", 1_700_000_000)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[SshServer]:
    async with SshServer(tmp_path / "served").serve() as running:
        yield running


@pytest.fixture
def app(server: SshServer) -> GitRepository:
    repository = server.create("app")
    repository.commit({"a": "1"}, "first")
    return repository


@pytest.fixture
def hosts(tmp_path: Path) -> Path:
    return tmp_path / "host-keys"


@pytest.fixture
def mirrors(tmp_path: Path, hosts: Path) -> Mirrors:
    git = Git(Policy(host_keys=HostKeys(learned=hosts), remote_seconds=20))
    return Mirrors(tmp_path / "mirrors", git, FakeClock(), b"key")


@pytest.fixture
def login(server: SshServer) -> Login:
    return Login(ssh_key=server.user(), known_hosts=server.known_hosts)


@pytest.fixture
async def mirror(server: SshServer, app: GitRepository, mirrors: Mirrors, login: Login) -> Mirror:
    return await mirrors.open(Remote.of(server.url_of("app"), login))


async def test_commits_are_discovered(server: SshServer, mirror: Mirror, app: GitRepository) -> None:
    subscription = GitSubscription.model_validate({"repoURL": server.url_of("app"), "branch": "main"})
    found = await GitDiscovery(FakeClock()).discover(subscription, mirror)
    assert [commit.id for commit in found.commits] == [app.head()]
    assert {command.split()[0] for command in server.commands} == {"git-upload-pack"}


async def test_commits_are_pushed(mirror: Mirror, app: GitRepository) -> None:
    made = await mirror.root_commit("made", IDENTITY)
    await push(mirror, Push(made, "env/test", lease=""))
    assert app.head("env/test") == made
    assert await mirror.remote_commit("env/test") == made


async def test_many_at_once_share_the_connections(mirror: Mirror, server: SshServer) -> None:
    await asyncio.gather(*(mirror.refresh() for _ in range(20)))
    assert len(server.commands) == 2  # one to list, one to fetch


async def test_a_blobless_mirror_fetches_contents_with_the_key(
    server: SshServer, app: GitRepository, mirrors: Mirrors, login: Login, tmp_path: Path
) -> None:
    app.git("config", "uploadpack.allowFilter", "true")
    app.commit({"apps/web/v": "tag: 1", "apps/db/big": os.urandom(300_000)})
    mirror = await mirrors.open(Remote.of(server.url_of("app"), login), blobless=True)
    checkouts = Checkouts(tmp_path / "pool", mirrors, FakeClock())
    await checkouts.start()
    web = await checkouts.take(mirror, tmp_path / "web", Revision(branch="main"), sparse=["apps/web"])
    assert (web.path / "apps/web/v").read_text() == "tag: 1"
    assert len(server.commands) == 3  # one to list, one to fetch, one for the contents
    assert sum(path.stat().st_size for path in mirrors.root.rglob("*.pack")) < 10_000
    server.refuse_everybody()
    with pytest.raises(AuthenticationRefused, match="sshPrivateKey"):
        await checkouts.take(mirror, tmp_path / "db", Revision(commit=app.head()), sparse=["apps/db"])


async def test_a_key_is_a_mirror_of_its_own(server: SshServer, app: GitRepository, mirrors: Mirrors) -> None:
    url = server.url_of("app")
    one = await mirrors.open(Remote.of(url, Login(ssh_key=server.user("one"))))
    two = await mirrors.open(Remote.of(url, Login(ssh_key=server.user("two"))))
    same = await mirrors.open(Remote.of(url, Login(ssh_key=one.remote.login.ssh_key, known_hosts="x y z")))  # type: ignore[union-attr]
    assert one.key == same.key != two.key
    assert not [line for line in one.remote.login.ssh_key.splitlines() if line in one.key]  # type: ignore[union-attr]


async def test_a_key_that_is_not_let_in_is_told_with_advice(mirror: Mirror, server: SshServer) -> None:
    server.refuse_everybody()
    with pytest.raises(AuthenticationRefused, match="sshPrivateKey"):
        await mirror.refresh()


@pytest.mark.parametrize("key", ["protected", "broken", "nonsense"])
async def test_a_key_that_cannot_be_used_is_told_without_it(
    mirror: Mirror, login: Login, tmp_path: Path, key: str
) -> None:
    text = {
        "protected": lambda: ssh_key(tmp_path, passphrase="geheim").private,
        "broken": lambda: login.ssh_key[:120],
        "nonsense": lambda: "hunter2-hunter2",
    }[key]()
    mirror.remote = replace(mirror.remote, login=replace(login, ssh_key=text))
    with pytest.raises(AuthenticationRefused, match="without a passphrase") as error:
        await mirror.refresh()
    assert not [line for line in text.splitlines() if len(line) > 8 and line in str(error.value)]


@pytest.mark.parametrize("login", [None, Login("ada", "s3cret-word")], ids=["nothing", "a password"])
async def test_without_a_key_nobody_is_asked(
    server: SshServer, app: GitRepository, mirrors: Mirrors, login: Login | None
) -> None:
    mirror = await mirrors.open(Remote.of(server.url_of("app"), login))
    with pytest.raises(Permanent, match="read over SSH"):
        await mirror.refresh()
    assert server.commands == []


async def test_a_repository_that_is_not_there_is_told(server: SshServer, mirrors: Mirrors, login: Login) -> None:
    mirror = await mirrors.open(Remote.of(server.url_of("gone"), login))
    with pytest.raises(RepositoryNotFound):
        await mirror.refresh()


async def test_nobody_listening_is_temporary(mirrors: Mirrors, login: Login) -> None:
    mirror = await mirrors.open(Remote.of("ssh://git@127.0.0.1:1/app.git", login))
    with pytest.raises(Temporary, match="refused"):
        await mirror.refresh()


# Host keys: who is at the other end.


async def test_the_host_key_of_the_secret_is_the_only_one_trusted(
    mirror: Mirror, server: SshServer, hosts: Path
) -> None:
    await mirror.refresh()
    await server.change_host_key()
    with pytest.raises(HostKeyRefused, match="knownHosts"):
        await mirror.refresh()
    assert not hosts.exists()


async def test_a_host_that_the_secret_does_not_name_is_refused(mirror: Mirror, login: Login) -> None:
    others = "example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl\n"
    mirror.remote = replace(mirror.remote, login=replace(login, known_hosts=others))
    with pytest.raises(HostKeyRefused):
        await mirror.refresh()


async def test_otherwise_the_first_host_key_is_kept_and_must_stay(
    mirror: Mirror, server: SshServer, login: Login, hosts: Path
) -> None:
    mirror.remote = replace(mirror.remote, login=replace(login, known_hosts=""))
    await mirror.refresh()
    assert (hosts / "127.0.0.1").read_text() == server.known_hosts
    await server.change_host_key()
    with pytest.raises(HostKeyRefused, match="host-keys"):
        await mirror.refresh()
    (hosts / "127.0.0.1").unlink()
    await mirror.refresh()


async def test_the_operator_may_name_the_hosts(
    server: SshServer, app: GitRepository, tmp_path: Path, login: Login
) -> None:
    known = tmp_path / "known hosts 100%"
    known.write_text("")
    git = Git(Policy(host_keys=HostKeys(known=known), remote_seconds=20))
    mirrors = Mirrors(tmp_path / "mirrors", git, FakeClock(), b"key")
    mirror = await mirrors.open(Remote.of(server.url_of("app"), replace(login, known_hosts="")))
    with pytest.raises(HostKeyRefused):
        await mirror.refresh()
    known.write_text(server.known_hosts)
    await mirror.refresh()


async def test_where_no_host_key_can_be_kept_none_is_trusted(
    server: SshServer, app: GitRepository, tmp_path: Path, login: Login
) -> None:
    mirrors = Mirrors(tmp_path / "mirrors", Git(), FakeClock(), b"key")
    mirror = await mirrors.open(Remote.of(server.url_of("app"), replace(login, known_hosts="")))
    with pytest.raises(Permanent, match="host key of 127"):
        await mirror.refresh()


# Isolation: what is run, and with what.


async def test_ssh_gets_the_key_by_a_file_that_is_gone_afterwards(
    mirror: Mirror, login: Login, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, keys = tmp_path / "bin", tmp_path / "keys"
    folder.mkdir()
    keys.mkdir()
    script = f"""#!/bin/sh
{{ printf "%s\\n" "$@"; env; }} >> {folder}/calls
ls -lR {keys} >> {folder}/files
exec /usr/bin/ssh "$@"
"""
    (folder / "ssh").write_text(script)
    (folder / "ssh").chmod(0o755)
    monkeypatch.setenv("SSH_AUTH_SOCK", "/tmp/agent")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(keys))
    mirror.git._inherited["PATH"] = f"{folder}:{os.environ['PATH']}"
    await mirror.refresh()
    calls = (folder / "calls").read_text()
    assert "git-upload-pack" in calls
    assert "SSH_AUTH_SOCK" not in calls
    assert not [line for line in login.ssh_key.splitlines() if len(line) > 8 and line in calls]
    assert "-rw------- 1" in (folder / "files").read_text()
    assert list(keys.iterdir()) == []


@pytest.mark.parametrize(
    "url",
    [
        "ssh://-oProxyCommand=touch pwned/app.git",
        "ssh://git@-oProxyCommand=x/app.git",
        "-oProxyCommand=x:app.git",
        "ssh://git@host;touch pwned/app.git",
        "ssh://git@$(touch pwned)/app.git",
        "ssh://git@host/-x",
        "git@host:-x",
        "ext::sh -c id",
        "ssh://git@host/",
    ],
)
async def test_urls_that_could_be_options_or_commands_are_refused(mirrors: Mirrors, login: Login, url: str) -> None:
    with pytest.raises(Permanent, match="no URL of a Git repository"):
        await mirrors.open(Remote.of(url, login))
