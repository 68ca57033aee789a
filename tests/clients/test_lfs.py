"""Fetching contents of LFS files from servers that behave, misbehave, or want to be asked later."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from starlette.responses import Response

from argosy.clients.git import Remote
from argosy.clients.git_error import AuthenticationRefused, RepositoryNotFound
from argosy.clients.lfs import Lfs, batch_url
from argosy.clients.login import Login, PlainHttp
from argosy.clients.web import Web
from argosy.errors import ArgosyError, NotFound, Permanent, Temporary
from argosy.rules.lfs_pointer import LfsObject
from argosy.sources.lfs import Contents, Limits
from argosy.testing.context import HastyClock
from argosy.testing.lfs_server import LfsServer, oid_of
from argosy.testing.web_server import Answer, WebServer

CONTENT = b"weights" * 100
OBJECT = LfsObject(oid_of(CONTENT), len(CONTENT))
LOGIN = Login("ada", "secret")


@dataclass
class Bench:
    """A server with one object, and what fetches it."""

    folder: Path
    server: LfsServer
    web: Web
    login: Login | None = LOGIN
    clock: HastyClock = field(default_factory=HastyClock)

    async def fetch(self, *wanted: LfsObject, limits: Limits | None = None, seconds: float = 10.0) -> None:
        lfs = Lfs(self.web, self.clock, PlainHttp.LOOPBACK, seconds)
        remote = Remote.of(self.server.url_of("app"), self.login)
        self.contents = Contents(self.folder / "lfs", remote, lfs, b"key", limits=limits or Limits())
        await self.contents.fetch(wanted or (OBJECT,))

    def files(self) -> list[Path]:
        return [path for path in (self.folder / "lfs").rglob("*") if path.is_file()]


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with LfsServer(tmp_path / "served", {"ada": "secret"}).serve() as server:
        server.create("app")
        server.keep("app", CONTENT)
        web = Web()
        yield Bench(tmp_path, server, web)
        await web.close()


async def test_a_content_is_fetched_verified_and_copied(bench: Bench, tmp_path: Path) -> None:
    await bench.fetch()
    bench.contents.copy(OBJECT, tmp_path / "copy", 0o755)
    assert (tmp_path / "copy").read_bytes() == CONTENT
    assert (tmp_path / "copy").stat().st_mode & 0o777 == 0o755
    # The login of the repository goes to the Batch API alone.
    assert bench.server.transfers[0]["authorization"].startswith("RemoteAuth ")


async def test_many_are_asked_for_by_the_hundred_and_each_once(bench: Bench) -> None:
    contents = [f"content {number}".encode() for number in range(205)]
    for content in contents:
        bench.server.keep("app", content)
    wanted = [LfsObject(oid_of(content), len(content)) for content in contents]
    await bench.fetch(*wanted, *wanted)
    assert [len(batch["objects"]) for batch in bench.server.batches] == [100, 100, 5]
    assert len(bench.files()) == len(bench.server.transfers) == 205


@pytest.mark.parametrize(
    ("content", "kind", "words"),
    [
        (b"?" * len(CONTENT), Permanent, "another content"),
        (CONTENT + b"!", Permanent, f"more than {len(CONTENT)} bytes"),
        (CONTENT[:-1], Temporary, f"{len(CONTENT) - 1} bytes instead of {len(CONTENT)}"),
        (b"", Temporary, "0 bytes instead of"),
    ],
    ids=["another content", "too much", "too little", "nothing"],
)
async def test_a_wrong_content_is_refused_and_not_kept(
    bench: Bench, content: bytes, kind: type[ArgosyError], words: str
) -> None:
    bench.server.served[OBJECT.oid] = content
    with pytest.raises(kind, match=words):
        await bench.fetch()
    assert bench.files() == []


async def test_a_server_that_drips_is_given_up(bench: Bench) -> None:
    bench.server.drips = True
    with pytest.raises(Temporary, match=r"within 0\.2 s"):
        await bench.fetch(seconds=0.2)
    assert bench.files() == []


@pytest.mark.parametrize(
    ("code", "kind", "advice"),
    [
        (404, NotFound, "git lfs push --all"),
        (410, NotFound, "git lfs push --all"),
        (422, Permanent, "git lfs fsck --pointers"),
        (403, AuthenticationRefused, "credentials"),
        (503, Temporary, ""),
    ],
)
async def test_errors_of_one_object(bench: Bench, code: int, kind: type[ArgosyError], advice: str) -> None:
    bench.server.errors[OBJECT.oid] = code
    with pytest.raises(kind, match=f"no LFS object {OBJECT.oid[:12]} of {len(CONTENT)} bytes: {code}") as raised:
        await bench.fetch()
    assert advice in raised.value.advice
    assert type(raised.value) is kind


@pytest.mark.parametrize(
    ("status", "kind", "advice"),
    [
        (401, AuthenticationRefused, "credentials Secret"),
        (403, AuthenticationRefused, "may read LFS objects"),
        (404, RepositoryNotFound, "leave out lfs: true"),
        (400, Permanent, "has Git LFS"),
    ],
)
async def test_errors_of_the_whole(bench: Bench, status: int, kind: type[ArgosyError], advice: str) -> None:
    bench.server.batch_answers = [Response(status_code=status)]
    with pytest.raises(kind, match=f"{status}") as raised:
        await bench.fetch()
    assert advice in raised.value.advice
    assert "secret" not in str(raised.value)
    assert len(bench.server.batches) == 1


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_server_in_trouble_is_asked_again(bench: Bench, status: int) -> None:
    bench.server.batch_answers = [Response(status_code=status, headers={"retry-after": "3"})]
    bench.server.status = [status, 200]
    await bench.fetch()
    assert bench.clock.monotonic() >= 3.0
    assert len(bench.files()) == 1


async def test_one_that_wants_patience_is_left_alone(bench: Bench) -> None:
    bench.server.batch_answers = [Response(status_code=429, headers={"retry-after": "90"})]
    with pytest.raises(Temporary, match="429") as raised:
        await bench.fetch()
    assert raised.value.after == 90.0
    assert len(bench.server.batches) == 1


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (b"<html>", Temporary, "not an answer of a Git LFS server"),
        (b'{"objects": 1}', Temporary, "not an answer of a Git LFS server"),
        (b'{"objects": []}', Permanent, "does not say where"),
        (b'{"objects": [{"oid": "OID", "size": 700}]}', Permanent, "does not say where"),
        (b'{"objects": [{"oid": "OID", "size": 700, "actions": {}}]}', Permanent, "does not say where"),
        (b'{"objects": [{"oid": "OID", "size": 5}]}', Permanent, "does not say where"),
        (b'{"transfer": "tus", "objects": []}', Permanent, "'tus'"),
        (
            b'{"objects": [{"oid": "OID", "size": 5, "actions": {"download": {"href": "http://x.test"}}}]}',
            Permanent,
            "has 5 bytes",
        ),
        (b'{"objects": [{"oid": "OID", "actions": {"download": {"href": "file:///etc/passwd"}}}]}', Permanent, "URL"),
        (b'{"objects": [{"oid": "OID", "actions": {"download": {"href": "http://[::1"}}}]}', Permanent, "URL"),
    ],
    ids=[
        *("a login page", "another shape", "no object", "no actions", "no action", "no action and another size"),
        *("another transfer", "another size", "a URL of no web server", "no URL"),
    ],
)
async def test_nonsense(bench: Bench, body: bytes, kind: type[ArgosyError], words: str) -> None:
    bench.server.batch_answers = [Response(body.replace(b"OID", OBJECT.oid.encode())) for _ in range(3)]
    with pytest.raises(kind, match=words):
        await bench.fetch()
    assert bench.files() == []


async def test_the_clouds_keep_their_secrets(bench: Bench) -> None:
    bench.server.href = lambda url: "http://169.254.169.254/latest/meta-data/"
    with pytest.raises(Permanent, match="link-local"):
        await bench.fetch()


async def test_another_host_gets_the_headers_of_the_action_and_no_login(bench: Bench) -> None:
    async with WebServer({"/store": [Answer(body=CONTENT)]}).serve() as store:
        bench.server.href = lambda url: f"{store.url}/store?signature=x"
        await bench.fetch()
    (asked,) = store.asked
    assert asked.path == "/store?signature=x"
    assert asked.headers["authorization"].startswith("RemoteAuth ")


@pytest.mark.parametrize("authenticated", [True, False])
async def test_the_login_goes_along_where_the_server_itself_leaves_it_open(bench: Bench, authenticated: bool) -> None:
    """As its documentation wants it for actions that name no login."""
    bench.server.authenticated = authenticated
    if authenticated:
        with pytest.raises(AuthenticationRefused):
            await bench.fetch()
    else:
        await bench.fetch()
    assert ("authorization" in bench.server.transfers[0]) is not authenticated
    async with WebServer({"/store": [Answer(body=CONTENT)]}).serve() as store:
        bench.server.href = lambda url: f"{store.url}/store"
        for path in bench.files():
            path.unlink()
        await bench.fetch()
    assert "authorization" not in store.asked[0].headers


async def test_a_redirect_to_another_host_takes_no_login_along(bench: Bench) -> None:
    async with WebServer({"/store": [Answer(body=CONTENT)]}).serve() as store, WebServer().serve() as first:
        first.answers["/there"] = [Answer(307, headers={"location": f"{store.url}/store"})]
        bench.server.href = lambda url: f"{first.url}/there"
        await bench.fetch()
    assert "authorization" in first.asked[0].headers
    assert "authorization" not in store.asked[0].headers


async def test_a_login_is_not_sent_in_the_open(bench: Bench) -> None:
    lfs = Lfs(bench.web, bench.clock)
    with pytest.raises(Permanent, match="plain http"):
        await lfs.locate(Remote.of(bench.server.url_of("app"), LOGIN), [OBJECT])
    assert bench.server.batches == []


async def test_a_wrong_login_gets_nothing_of_what_is_kept(bench: Bench) -> None:
    await bench.fetch()
    for login in (Login("ada", "wrong"), None):
        bench.login = login
        with pytest.raises(AuthenticationRefused):
            await bench.fetch()


@pytest.mark.parametrize(
    ("limits", "words"),
    [(Limits(object=699), "has 700 bytes, the limit is 699"), (Limits(checkout=1399), "have 1400 bytes")],
    ids=["one", "all, also when they are the same"],
)
async def test_too_much_is_refused_before_anything_is_asked(bench: Bench, limits: Limits, words: str) -> None:
    with pytest.raises(Permanent, match=words) as raised:
        await bench.fetch(OBJECT, OBJECT, limits=limits)
    assert "sparse" in raised.value.advice
    assert bench.server.batches == []


@pytest.mark.parametrize("url", ["file:///app.git", "/srv/app.git"])
async def test_other_protocols_have_no_contents(bench: Bench, url: str) -> None:
    contents = Contents(bench.folder / "lfs", Remote.of(url), Lfs(bench.web, bench.clock), b"key")
    with pytest.raises(Permanent, match="cannot be read") as raised:
        await contents.fetch([OBJECT])
    assert "https://" in raised.value.advice


async def test_what_is_damaged_on_disk_is_fetched_again(bench: Bench, tmp_path: Path) -> None:
    await bench.fetch()
    (kept,) = bench.files()
    kept.write_bytes(b"?" * len(CONTENT))
    with pytest.raises(Temporary, match="damaged"):
        bench.contents.copy(OBJECT, tmp_path / "copy", 0o644)
    await bench.fetch()
    bench.contents.copy(OBJECT, tmp_path / "second", 0o644)
    assert (tmp_path / "second").read_bytes() == CONTENT


async def test_what_was_unused_longest_goes_when_there_is_too_much(bench: Bench) -> None:
    await bench.fetch()
    (kept,) = bench.files()
    half = kept.with_name(f"{kept.name}.0123")
    half.write_bytes(b"half")
    bench.server.keep("app", b"new")
    await bench.fetch(LfsObject(oid_of(b"new"), 3), limits=Limits(kept=1))
    assert len(bench.files()) == 3  # what somebody may be copying stays
    for path in (kept, half):
        os.utime(path, (1, 1))
    await bench.fetch(LfsObject(oid_of(b"new"), 3), limits=Limits(kept=1))
    assert [path.name for path in bench.files()] == [oid_of(b"new")]


async def test_two_at_once_do_not_hinder_each_other(bench: Bench) -> None:
    await asyncio.gather(bench.fetch(), bench.fetch())
    assert len(bench.files()) == 1


@pytest.mark.parametrize("url", ["https://h.test/a/b.git", "https://h.test/a/b", "https://h.test/a/b/"])
def test_the_address_of_the_server(url: str) -> None:
    assert batch_url(url) == "https://h.test/a/b.git/info/lfs/objects/batch"
