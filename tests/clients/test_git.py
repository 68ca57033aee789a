"""The git program over file:// and smart HTTP: isolation, credentials, failures and their advice."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from argosy.clients.git import Extra, Git, Place, Policy, Remote
from argosy.clients.git_error import (
    AuthenticationRefused,
    CorruptRepository,
    MergeConflict,
    PushRefused,
    PushRejected,
    RepositoryNotFound,
    classify,
    classify_promised,
    classify_push,
    redact,
)
from argosy.clients.login import Login, PlainHttp
from argosy.errors import ArgosyError, Conflict, Failed, NotFound, Permanent, Temporary
from argosy.testing.git_repository import GitRepository
from argosy.testing.git_server import GitServer

SECRET = "hunter2 with spaces/and$igns"
POLICY = Policy(allow_file=True, plain_http=PlainHttp.LOOPBACK, remote_seconds=20)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[GitServer]:
    async with GitServer(tmp_path / "served", users={"ada": SECRET}).serve() as running:
        running.create("app").commit({"a": "1"})
        yield running


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(GitRepository.create(tmp_path / "local.git").path)


async def ls(git: Git, place: Place, remote: Remote) -> str:
    return (await git.remote(place, remote, "ls-remote", remote.url)).text


async def test_the_right_password_opens_the_repository(server: GitServer, place: Place) -> None:
    answer = await ls(Git(POLICY), place, Remote.of(server.url_of("app"), Login("ada", SECRET)))
    assert "refs/heads/main" in answer


async def test_a_user_in_the_url_is_used_but_never_shown(server: GitServer, place: Place) -> None:
    url = server.url_of("app").replace("http://", "http://ada:hunter2%20with%20spaces%2Fand%24igns@")
    remote = Remote.of(url)
    assert remote.url == server.url_of("app")
    assert "hunter2" not in repr(remote)
    assert "refs/heads/main" in await ls(Git(POLICY), place, remote)


@pytest.mark.parametrize("login", [None, Login("ada", "wrong-secret"), Login("", "wrong-secret")])
async def test_a_missing_or_wrong_password_is_permanent_and_says_what_to_do(
    server: GitServer, place: Place, login: Login | None
) -> None:
    with pytest.raises(AuthenticationRefused, match="cred-type") as caught:
        await ls(Git(POLICY), place, Remote.of(server.url_of("app"), login))
    assert isinstance(caught.value, Permanent)
    assert "wrong-secret" not in str(caught.value)


async def test_the_password_stands_neither_in_arguments_nor_in_files(
    server: GitServer, place: Place, tmp_path: Path
) -> None:
    """A stand-in for git on PATH writes down its arguments and every readable file that git would be told of."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "git").write_text('#!/bin/sh\nprintf "%s\\n" "$@" >> "$0.args"\nexec /usr/bin/git "$@"\n')
    (folder / "git").chmod(0o755)
    git = Git(POLICY)
    git._inherited["PATH"] = f"{folder}:{os.environ['PATH']}"
    await ls(git, place, Remote.of(server.url_of("app"), Login("ada", SECRET)))
    assert "ls-remote" in (folder / "git.args").read_text()
    for path in [folder / "git.args", *place.git_dir.rglob("*")]:
        assert not path.is_file() or SECRET.encode() not in path.read_bytes()


async def test_a_vanished_repository_is_permanent(server: GitServer, place: Place) -> None:
    with pytest.raises(RepositoryNotFound, match=r"gone\.git.*Check the URL"):
        await ls(Git(POLICY), place, Remote.of(server.url_of("gone"), Login("ada", SECRET)))
    with pytest.raises(RepositoryNotFound):
        await ls(Git(POLICY), place, Remote.of("file:///nowhere/at/all"))


@pytest.mark.parametrize("status", [429, 500, 502, 503])
async def test_a_server_in_trouble_is_temporary(server: GitServer, place: Place, status: int) -> None:
    server.answers = [status] * 4
    with pytest.raises(Temporary, match=str(status)):
        await ls(Git(POLICY), place, Remote.of(server.url_of("app")))


async def test_a_server_that_forbids_is_permanent(server: GitServer, place: Place) -> None:
    server.answers = [403] * 4
    with pytest.raises(AuthenticationRefused, match="Give these credentials access"):
        await ls(Git(POLICY), place, Remote.of(server.url_of("app")))


async def test_nobody_listening_is_temporary(place: Place) -> None:
    with pytest.raises(Temporary, match=r"127\.0\.0\.1"):
        await ls(Git(POLICY), place, Remote.of("http://127.0.0.1:1/app.git"))


async def test_a_server_that_hangs_is_given_up_and_no_process_stays(server: GitServer, place: Place) -> None:
    server.hang = True
    git = Git(Policy(remote_seconds=0.3))
    with pytest.raises(Temporary, match=r"did not finish within 0\.3 seconds"):
        await ls(git, place, Remote.of(server.url_of("app")))
    assert not await children()


async def test_a_cancelled_call_leaves_no_process(server: GitServer, place: Place) -> None:
    server.hang = True
    task = asyncio.create_task(ls(Git(POLICY), place, Remote.of(server.url_of("app"))))
    while not server.requests:  # noqa: ASYNC110 - the server counts, it does not tell
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not await children()


async def children() -> list[str]:
    """The command lines of this process's living children and theirs (Linux)."""
    found, waiting = [], [os.getpid()]
    while waiting:
        pid = waiting.pop()
        for task in Path(f"/proc/{pid}/task").glob("*/children"):
            ids = [int(one) for one in task.read_text().split()]
            waiting += ids
            found += [Path(f"/proc/{one}/cmdline").read_text() for one in ids]
    return [line for line in found if "ls-remote" in line]


@pytest.mark.parametrize(
    ("url", "policy"),
    [
        ("http://git.example.com/app.git", PlainHttp.NEVER),
        ("http://git.example.com/app.git", PlainHttp.LOOPBACK),
        ("http://127.0.0.1:1/app.git", PlainHttp.NEVER),
    ],
)
async def test_credentials_are_not_sent_over_plain_http(place: Place, url: str, policy: PlainHttp) -> None:
    with pytest.raises(Permanent, match="plain http"):
        await ls(Git(Policy(plain_http=policy)), place, Remote.of(url, Login("ada", SECRET)))


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("file:///srv/app.git", "not allowed here"),
        ("/srv/app.git", "not allowed here"),
        ("ext::sh -c id", "no URL of a Git repository"),
        ("git@example.com:app.git", "sshPrivateKey"),
        ("ssh://git@example.com/app.git", "sshPrivateKey"),
        ("--upload-pack=id", "no URL of a Git repository"),
    ],
)
async def test_other_ways_to_a_repository_are_refused(place: Place, url: str, reason: str) -> None:
    with pytest.raises(Permanent, match=reason):
        await ls(Git(Policy()), place, Remote.of(url))


async def test_a_line_break_in_a_password_is_refused(server: GitServer, place: Place) -> None:
    with pytest.raises(Permanent, match="line break"):
        await ls(Git(POLICY), place, Remote.of(server.url_of("app"), Login("ada", "one\nurl=x")))


async def test_the_login_is_bound_to_its_server(server: GitServer, place: Place, tmp_path: Path) -> None:
    """Git asks for credentials of another server with our login set: nothing is given."""
    async with GitServer(tmp_path / "served", users={"ada": SECRET}).serve() as other:
        with pytest.raises(AuthenticationRefused):
            await Git(POLICY).remote(
                place, Remote.of(server.url_of("app"), Login("ada", SECRET)), "ls-remote", other.url_of("app")
            )


async def test_configuration_of_the_machine_is_not_read(
    place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".gitconfig").write_text("[user]\n  name = Machine\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", "'user.name'='Env'")
    answer = await Git(POLICY).local(place, "config", "--get", "user.name", extra=Extra(accept=(0, 1)))
    assert answer.code == 1


async def test_the_version_is_checked() -> None:
    assert (await Git().check_version())[0].isdigit()


def test_secrets_are_taken_out_of_what_git_writes() -> None:
    login = Login("ada", "p/w d")
    text = "https://ada:p%2Fw%20d@host/x p/w%20d YWRhOnAvdyBk p/w d"
    assert redact(text, login) == "https://host/x *** *** ***"
    assert redact("bad ghp_token", Login("ghp_token", "")) == "bad ***"
    assert "p/w" not in f"{login!r}{login}"


@pytest.mark.parametrize(
    ("said", "remote", "kind"),
    [
        ("fatal: couldn't find remote ref refs/heads/x", True, NotFound),
        ("fatal: unable to access 'https://h/': Could not resolve host: h", True, Temporary),
        ("error: RPC failed; curl 92 HTTP/2 stream 0 was not closed cleanly", True, Temporary),
        ("fatal: unable to access 'https://h/': SSL certificate problem: self-signed certificate", True, Permanent),
        ("remote: Repository not found.\nfatal: repository 'https://h/x/' not found", True, RepositoryNotFound),
        ("fatal: remote error: upload-pack: not our ref 1234", True, NotFound),
        ("error: object 12: gitmodulesUpdate: disallowed\nfatal: fsck error in packed object", True, Permanent),
        ("fatal: something never seen before", True, Temporary),
        ("fatal: something never seen before", False, Permanent),
        ("fatal: bad object refs/remotes/origin/main", False, CorruptRepository),
        ("fatal: unable to read tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904", False, CorruptRepository),
        ("error: object file objects/ab/cd is empty", False, CorruptRepository),
        ("fatal: ambiguous argument 'nope': unknown revision or path not in the working tree", False, NotFound),
        ("error: unable to write file x: No space left on device", False, Temporary),
    ],
)
def test_what_git_says_becomes_a_typed_error(said: str, remote: bool, kind: type[ArgosyError]) -> None:
    error = classify("git fetch", said, remote=remote)
    assert type(error) is kind
    assert error.message.startswith("git fetch failed: ")


@pytest.mark.parametrize(
    ("report", "kind"),
    [
        ("!\trefs/heads/a:refs/heads/a\t[rejected] (non-fast-forward)", PushRejected),
        ("!\tHEAD:refs/heads/a\t[rejected] (stale info)", PushRejected),
        (
            "!\tHEAD:refs/heads/a\t[remote rejected] (cannot lock ref 'refs/heads/a': is at 1 but expected 2)",
            PushRejected,
        ),
        ("!\tHEAD:refs/heads/a\t[remote rejected] (incorrect old value provided)", PushRejected),
        ("!\tHEAD:refs/heads/a\t[remote rejected] (pre-receive hook declined)", PushRefused),
        ("!\tHEAD:refs/heads/a\t[remote rejected] (protected branch hook declined)", PushRefused),
        ("", Temporary),
    ],
)
def test_a_push_that_lost_a_race_differs_from_one_that_is_forbidden(report: str, kind: type[ArgosyError]) -> None:
    error = classify_push("Pushing to a", report, "remote: rule 7\nfatal: the remote end hung up unexpectedly")
    assert type(error) is kind
    assert kind is not PushRefused or "rule 7" in error.message


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("error: cannot lock ref 'refs/heads/a': reference already exists", PushRejected),
        ("error: cannot lock ref 'refs/heads/a': is at 1 but expected 2", PushRejected),
        ("error: the hook for references forbids it", PushRefused),
    ],
    ids=("made in between", "moved in between", "forbidden"),
)
def test_a_transaction_that_lost_a_race_is_told_by_what_stands_beside_the_report(
    said: str, kind: type[ArgosyError]
) -> None:
    report = "!\tHEAD:refs/heads/a\t[remote rejected] (atomic transaction failed)"
    assert type(classify_push("Pushing to a", report, f"remote: {said}\nerror: failed to push some refs")) is kind


def test_the_kinds_of_error_say_whether_to_try_again() -> None:
    assert issubclass(PushRejected, Conflict)
    assert issubclass(PushRefused, Failed)
    assert issubclass(MergeConflict, Failed)


@pytest.fixture
async def partial(server: GitServer, place: Place) -> tuple[Place, Remote]:
    """A repository that has the commits of the server's, and none of its files."""
    remote = Remote.of(server.url_of("app"), Login("ada", SECRET))
    for name, value in (("promisor", "true"), ("partialCloneFilter", "blob:none")):
        await Git(POLICY).local(place, "config", f"remote.origin.{name}", value)
    promised = replace(place, config=(("remote.origin.url", remote.url),))
    arguments = ("fetch", "--quiet", "--filter=blob:none", "origin", "+refs/heads/main:refs/heads/main")
    await Git(POLICY).remote(promised, remote, *arguments)
    server.requests.clear()
    return promised, remote


async def test_a_local_command_asks_no_server_for_what_is_lacking(
    server: GitServer, partial: tuple[Place, Remote]
) -> None:
    with pytest.raises(CorruptRepository):
        await Git(POLICY).local(partial[0], "cat-file", "blob", "main:a")
    with pytest.raises(NotFound):
        await Git(POLICY).local(partial[0], "merge-base", "--is-ancestor", "1" * 40, "main")
    assert server.requests == []


async def test_what_is_lacking_is_fetched_once_with_the_login(server: GitServer, partial: tuple[Place, Remote]) -> None:
    place, remote = partial
    assert (await Git(POLICY).promised(place, remote, "cat-file", "commit", "main")).text
    assert server.requests == []
    for _ in range(2):
        assert (await Git(POLICY).promised(place, remote, "cat-file", "blob", "main:a")).text == "1"
    assert server.count("POST") == 1


async def test_a_git_that_is_killed_when_it_may_not_fetch_may_then(
    server: GitServer, partial: tuple[Place, Remote], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "old" / "git"
    script.parent.mkdir()
    killed = 'test -z "${GIT_ALLOW_PROTOCOL-x}" && kill -PIPE $$'
    script.write_text(f'#!/bin/sh\n{killed}\nexec {shutil.which("git")} "$@"\n')
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{script.parent}:{os.environ['PATH']}")
    assert (await Git(POLICY).promised(*partial, "cat-file", "blob", "main:a")).text == "1"


@pytest.mark.parametrize("accept", [(0,), (0, 1, 128)])
async def test_what_cannot_be_fetched_is_no_answer(
    server: GitServer, partial: tuple[Place, Remote], accept: tuple[int, ...]
) -> None:
    server.answers = [503] * 9
    with pytest.raises(Temporary, match=r"git cat-file, which needs contents of http.*503"):
        await Git(POLICY).promised(*partial, "cat-file", "blob", "main:a", extra=Extra(accept=accept))


PROMISED = "fatal: could not fetch 0cfbf08886fca9a91cb753ec8734c84fcbe52c9f from promisor remote"


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (PROMISED, Temporary),
        (f"fatal: the server said something new\n{PROMISED}", Temporary),
        (f"error: unable to read sha1 file of a\n{PROMISED}", Temporary),
        (f"fatal: Authentication failed for 'https://host/app.git/'\n{PROMISED}", AuthenticationRefused),
        (f"fatal: remote error: upload-pack: not our ref 0cfbf0\n{PROMISED}", NotFound),
        (f"error: Server does not allow request for unadvertised object 0cfbf0\n{PROMISED}", Permanent),
        ("fatal: unable to access 'https://host/app.git/': The requested URL returned error: 503", Temporary),
        ("fatal: loose object 0cfbf0 is corrupt", CorruptRepository),
        ("error: no note", Permanent),
    ],
)
def test_what_went_wrong_with_a_partial_clone(said: str, kind: type[ArgosyError]) -> None:
    error = classify_promised("git reset", "https://host/app.git", said)
    assert type(error) is kind
    assert ("take `blobless` out" in error.advice) is ("unadvertised" in said)
