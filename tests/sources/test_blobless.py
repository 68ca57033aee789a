"""Blobless mirrors over real Git servers: small, whole where it matters, and with the login of the moment."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from argosy.clients.git import Extra, Git, Identity, Policy, Remote
from argosy.clients.git_error import AuthenticationRefused, CorruptRepository, MergeConflict
from argosy.clients.login import Login, PlainHttp
from argosy.errors import NotFound, Temporary
from argosy.resources.warehouse import GitSubscription
from argosy.sources.checkout import Checkouts, Revision
from argosy.sources.commit_object import restore
from argosy.sources.git import GitDiscovery
from argosy.sources.mirror import Mirror
from argosy.sources.mirrors import Mirrors
from argosy.sources.worktree import Checkout
from argosy.testing.clock import FakeClock
from argosy.testing.git_repository import Change, GitRepository
from argosy.testing.git_server import GitServer

ADA = Login("ada", "s3cret-word")
IDENTITY = Identity("Kargo", "no-reply@kargo.io", 1_700_000_000)
MAIN = Revision(branch="main")
BIG = os.urandom(500_000)
FETCH = "POST /app.git/git-upload-pack"


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[GitServer]:
    async with GitServer(tmp_path / "served", users={"ada": ADA.password}).serve() as running:
        yield running


@pytest.fixture
def app(server: GitServer) -> GitRepository:
    repository = server.create("app")
    repository.commit({f"apps/web/{number}": f"web {number}\n" for number in range(20)}, "web")
    repository.commit({"a": "1\n", ".gitattributes": "*.bin binary\n", "apps/db/big": BIG}, "big")
    return repository


@pytest.fixture
async def checkouts(tmp_path: Path) -> Checkouts:
    return await restarted(tmp_path)


async def restarted(tmp_path: Path) -> Checkouts:
    """What a new process has: only what is on disk."""
    clock = FakeClock()
    git = Git(Policy(plain_http=PlainHttp.LOOPBACK, remote_seconds=20))
    checkouts = Checkouts(tmp_path / "pool", Mirrors(tmp_path / "mirrors", git, clock, b"key"), clock)
    await checkouts.start()
    return checkouts


@pytest.fixture
async def mirror(checkouts: Checkouts, server: GitServer, app: GitRepository) -> Mirror:
    return await checkouts.mirrors.open(Remote.of(server.url_of("app"), ADA), blobless=True)


@pytest.fixture
async def web(checkouts: Checkouts, mirror: Mirror, tmp_path: Path) -> Checkout:
    """A checkout of one small folder."""
    return await checkouts.take(mirror, tmp_path / "work" / "web", MAIN, sparse=["apps/web"])


def size(mirror: Mirror) -> int:
    return sum(path.stat().st_size for path in mirror.place.git_dir.rglob("*") if path.is_file())


async def holds(mirror: Mirror, name: str) -> bool:
    """Whether the mirror has this object, without asking the server."""
    return (await mirror.run("cat-file", "-e", name, extra=Extra(accept=(0, 1, 128)))).code == 0


async def test_contents_stay_at_the_server_until_they_are_checked_out(
    checkouts: Checkouts, mirror: Mirror, server: GitServer, app: GitRepository, tmp_path: Path
) -> None:
    await mirror.refresh()
    assert size(mirror) < 50_000
    assert not await holds(mirror, f"{app.head()}:a")
    server.requests.clear()
    web = await checkouts.take(mirror, tmp_path / "web", MAIN, sparse=["apps/web"])
    assert (web.path / "apps/web/7").read_text() == "web 7\n"
    assert sorted(path.name for path in web.path.iterdir()) == [".gitattributes", "a", "apps"]
    assert size(mirror) < 70_000
    # One to look at the branches, one to fetch all 22 files.
    assert server.count(FETCH) == 2
    whole = await checkouts.take(mirror, tmp_path / "whole", MAIN)
    assert (whole.path / "apps/db/big").read_bytes() == BIG
    assert size(mirror) > len(BIG)


async def test_commit_and_push(web: Checkout, app: GitRepository) -> None:
    (web.path / "apps/web/7").write_text("changed\n")
    (web.path / "apps/web/8").unlink()
    assert await web.add_all()
    await web.commit("web", IDENTITY)
    await web.push()
    assert app.log() == ["web", "big", "web"]
    assert app.git("show", "--format=", "--name-status", "main").split() == ["M", "apps/web/7", "D", "apps/web/8"]
    assert app.read("apps/web/7") == "changed"
    app.git("fsck", "--strict")
    assert size(web.mirror) < 80_000


async def test_discovery_asks_for_no_contents(mirror: Mirror, server: GitServer, app: GitRepository) -> None:
    app.tag("v1.0.0", "main~1", message="release")
    app.tag("v1.1.0")
    key = app.git("hash-object", "-w", "--stdin", stdin=b"key")
    text = f"object {key}\ntype blob\ntag key\ntagger Tom <tom@example.com> 1700000000 +0000\n\nOf a file\n"
    app.git("update-ref", "refs/tags/key", app.git("hash-object", "-t", "tag", "-w", "--stdin", stdin=text.encode()))
    tagged = GitSubscription(
        repo_url=server.url_of("app"), commit_selection_strategy="SemVer", include_paths=("apps/web",)
    )
    newest = GitSubscription(repo_url=server.url_of("app"), include_paths=("glob:apps/d*/**",))
    discovery = GitDiscovery(FakeClock())
    by_tag = await discovery.discover(tagged, mirror)
    by_path = await discovery.discover(newest, mirror)
    assert [commit.tag for commit in by_tag.commits] == ["v1.0.0"]
    assert [commit.id for commit in by_path.commits] == [app.head()]
    assert not await holds(mirror, f"{app.head()}:a")
    # Two refreshes, and one fetch, which lists the branches again.
    assert server.count(FETCH) == 4


async def test_a_tag_of_a_file_that_the_server_left_out(mirror: Mirror, app: GitRepository) -> None:
    await mirror.refresh()
    file = app.git("rev-parse", "main:a")
    text = f"object {file}\ntype blob\ntag key\ntagger Tom <tom@example.com> 1700000000 +0000\n\nOf a file\n"
    tag = await restore(mirror.run, "tag", text)
    await mirror.note_tag("key", tag)
    await mirror.note_tag("v1", app.head())
    assert [known.name for known in await mirror.history.tags(mirror.refs.tags)] == ["v1"]


async def test_a_whole_mirror_is_taken_where_there_is_one(checkouts: Checkouts, mirror: Mirror, tmp_path: Path) -> None:
    whole = await checkouts.mirrors.open(mirror.remote)
    assert whole is not mirror
    assert await checkouts.mirrors.open(mirror.remote, blobless=True) is mirror
    assert whole.branch_lock("main") is mirror.branch_lock("main")
    await whole.refresh()
    assert await checkouts.mirrors.open(mirror.remote, blobless=True) is whole
    again = await restarted(tmp_path)
    assert (await again.mirrors.open(mirror.remote, blobless=True)).key == whole.key


@pytest.mark.parametrize("signed", [False, True])
async def test_what_others_pushed_is_integrated(web: Checkout, app: GitRepository, signed: bool) -> None:
    (web.path / "apps/web/7").write_text("ours\n")
    await web.add_all()
    ours = await web.commit("ours", IDENTITY)
    app.add([Change({"apps/db/big": BIG[:1000], "apps/web/1": None, "apps/web/9": "theirs\n"}, "theirs")])
    theirs = await web.fetch("main")
    assert theirs is not None
    if signed:  # the other way to integrate
        await web.merge(theirs, "merge", IDENTITY)
    else:
        await web.rebase(theirs, IDENTITY)
    await web.push()
    assert set(app.log()) == {"ours", "theirs", "big", "web"} | ({"merge"} if signed else set())
    assert (await web.head() == ours) is False
    assert app.read("apps/web/7") == "ours"
    assert (web.path / "apps/web/9").read_text() == "theirs\n"
    assert not (web.path / "apps/web/1").exists()
    app.git("fsck", "--strict")
    assert size(web.mirror) < 120_000


async def test_a_conflict_is_told_with_everything_as_it_was(web: Checkout, app: GitRepository) -> None:
    (web.path / "apps/web/7").write_text("ours\n")
    await web.add_all()
    ours = await web.commit("ours", IDENTITY)
    app.commit({"apps/web/7": "theirs\n"})
    theirs = await web.fetch("main")
    assert theirs is not None
    with pytest.raises(MergeConflict, match="apps/web/7"):
        await web.rebase(theirs, IDENTITY)
    with pytest.raises(MergeConflict, match="apps/web/7"):
        await web.merge(theirs, "merge", IDENTITY)
    assert await web.head() == ours
    assert await web.is_clean()


@pytest.mark.parametrize("how", ["rebase", "merge"])
async def test_an_integration_that_cannot_fetch_is_done_later(
    web: Checkout, server: GitServer, app: GitRepository, how: str
) -> None:
    (web.path / "apps/web/7").write_text("ours\n")
    await web.add_all()
    ours = await web.commit("ours", IDENTITY)
    app.commit({"apps/web/1": None, "apps/web/9": "theirs\n", "apps/web/7": "web 7\n\n"})
    app.commit({"apps/web/7": "web 7\n"})
    theirs = await web.fetch("main")
    assert theirs is not None

    async def integrate() -> None:
        await (web.rebase(theirs, IDENTITY) if how == "rebase" else web.merge(theirs, "merge", IDENTITY))

    server.answers = [500] * 20
    with pytest.raises(Temporary, match=r"needs contents of http://.*500"):
        await integrate()
    assert await web.head() == ours
    assert (web.path / "apps/web/1").exists()
    server.answers = []
    await integrate()
    assert await web.is_clean()
    await web.push()
    assert app.read("apps/web/9") == "theirs"


async def test_an_unreachable_server_costs_no_mirror(
    checkouts: Checkouts, mirror: Mirror, server: GitServer, app: GitRepository, tmp_path: Path
) -> None:
    await mirror.refresh()
    here = mirror.place.git_dir.stat().st_ino
    server.answers = [503] * 20
    with pytest.raises(Temporary, match=r"git reset, which needs contents of http://.* failed.*503"):
        await checkouts.take(mirror, tmp_path / "web", Revision(commit=app.head()))
    server.answers = []
    app.commit({"a": "2\n"})
    await mirror.refresh()
    assert mirror.place.git_dir.stat().st_ino == here
    again = await checkouts.take(mirror, tmp_path / "web", MAIN)
    assert (again.path / "a").read_text() == "2\n"


async def test_contents_are_fetched_in_the_turn_of_the_host(
    server: GitServer, app: GitRepository, tmp_path: Path
) -> None:
    git = Git(Policy(plain_http=PlainHttp.LOOPBACK, remote_seconds=20, per_host=1))
    checkouts = Checkouts(tmp_path / "pool", Mirrors(tmp_path / "mirrors", git, FakeClock(), b"key"), FakeClock())
    await checkouts.start()
    mirror = await checkouts.mirrors.open(Remote.of(server.url_of("app"), ADA), blobless=True)
    other = await checkouts.mirrors.open(Remote.of(server.url_of("other"), ADA))
    await mirror.refresh()
    server.hang, known = True, len(server.requests)
    taking = asyncio.create_task(checkouts.take(mirror, tmp_path / "web", Revision(commit=app.head())))
    while len(server.requests) == known:  # noqa: ASYNC110 - the server counts, it does not tell
        await asyncio.sleep(0.001)
    waiting = asyncio.create_task(other.refresh())
    for _ in range(20):  # longer than a command needs to ask
        await mirror.run("version")
    assert server.count("other") == 0
    taking.cancel()
    while not server.count("other"):  # noqa: ASYNC110 - as above
        await asyncio.sleep(0.001)
    waiting.cancel()
    await asyncio.gather(taking, waiting, checkouts.mirrors.close(), return_exceptions=True)
    assert not (tmp_path / "web").exists()


async def test_a_password_that_changed_is_told_and_the_new_one_is_used(
    checkouts: Checkouts, web: Checkout, server: GitServer, app: GitRepository
) -> None:
    commit = app.commit({"apps/web/7": "new\n"})
    await web.fetch("main")
    server.users["ada"] = "rotated"
    with pytest.raises(AuthenticationRefused, match="needs contents of"):
        await web.reset(commit)
    later = checkouts.open(web.path, Login("ada", "rotated"))
    await later.reset(commit)
    assert (web.path / "apps/web/7").read_text() == "new\n"
    folder = web.mirror.place.git_dir
    texts = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix != ".pack")
    assert not any(word in texts for word in (b"rotated", ADA.password.encode()))


async def test_what_the_server_has_not_is_not_found(
    checkouts: Checkouts, mirror: Mirror, app: GitRepository, tmp_path: Path
) -> None:
    gone = app.commit({"apps/web/7": "gone\n"})
    await mirror.refresh()
    app.git("update-ref", "refs/heads/main", "main~1")
    app.git("prune", "--expire=now")
    with pytest.raises(NotFound, match="needs contents of"):
        await checkouts.take(mirror, tmp_path / "web", Revision(commit=gone))


async def test_a_server_without_partial_clones_sends_everything(
    checkouts: Checkouts, mirror: Mirror, server: GitServer, app: GitRepository, tmp_path: Path
) -> None:
    server.partial = False
    web = await checkouts.take(mirror, tmp_path / "web", MAIN, sparse=["apps/web"])
    assert size(mirror) > len(BIG)
    (web.path / "apps/web/7").write_text("changed\n")
    await web.add_all()
    await web.commit("changed", IDENTITY)
    await web.push()
    assert app.read("apps/web/7") == "changed"


async def test_damage_is_mended_by_another_blobless_mirror(
    checkouts: Checkouts, mirror: Mirror, app: GitRepository, tmp_path: Path
) -> None:
    await mirror.refresh()
    for pack in (mirror.place.git_dir / "objects" / "pack").iterdir():
        pack.unlink()
    subscription = GitSubscription(repo_url=mirror.remote.url, include_paths=("apps",))
    with pytest.raises(Temporary, match="git log"):
        await GitDiscovery(FakeClock()).discover(subscription, mirror)
    found = await GitDiscovery(FakeClock()).discover(subscription, mirror)
    assert len(found.commits) == 2
    assert size(mirror) < 50_000


async def test_what_is_lacking_is_no_damage(mirror: Mirror, server: GitServer, app: GitRepository) -> None:
    await mirror.refresh()
    here = mirror.place.git_dir.stat().st_ino
    server.requests.clear()
    assert not await mirror.has("1" * 40)
    with pytest.raises(CorruptRepository):
        await mirror.run("cat-file", "blob", f"{app.head()}:a")
    assert server.requests == []
    await mirror.refresh()
    assert mirror.place.git_dir.stat().st_ino == here
    assert not await holds(mirror, f"{app.head()}:a")


async def test_repacking_keeps_everything_and_fetches_nothing(
    checkouts: Checkouts, web: Checkout, server: GitServer, app: GitRepository, tmp_path: Path
) -> None:
    mirror = web.mirror
    (web.path / "apps/web/7").write_text("ours\n")
    await web.add_all()
    ours = await web.commit("not pushed", IDENTITY)
    loose = (await mirror.run("hash-object", "-w", "--stdin", extra=Extra(stdin=b"of another step"))).text
    for number in range(50):
        app.commit({"a": f"{number}\n"})
        await mirror.refresh()
    server.requests.clear()
    assert await mirror.maintain()
    assert not await mirror.maintain()
    assert server.requests == []
    assert len(list((mirror.place.git_dir / "objects" / "pack").glob("*.pack"))) == 2
    assert await holds(mirror, loose)
    assert await web.head() == ours
    assert await web.is_clean()
    assert size(mirror) < 300_000
    whole = await checkouts.take(mirror, tmp_path / "whole", MAIN)
    assert (whole.path / "a").read_text() == "49\n"


async def test_a_restart_finds_checkouts_and_what_they_lack(
    web: Checkout, server: GitServer, app: GitRepository, tmp_path: Path
) -> None:
    commit = app.commit({"apps/web/7": "new\n"})
    later = await restarted(tmp_path)
    again = later.open(web.path, ADA)
    assert await again.fetch("main") == commit
    await again.reset(commit)
    assert (web.path / "apps/web/7").read_text() == "new\n"
    await later.put_back(again)
    mirror = await later.mirrors.open(Remote.of(server.url_of("app"), ADA), blobless=True)
    assert mirror.key == web.mirror.key
    whole = await later.take(mirror, tmp_path / "whole", MAIN)
    await later.put_back(later.open(whole.path))
    requests = len(server.requests)
    warm = await later.take(mirror, tmp_path / "warm", Revision("main", commit=commit))
    assert (warm.path / "apps/db/big").read_bytes() == BIG
    assert len(server.requests) == requests


async def test_a_lost_mirror_is_fetched_anew_around_its_checkouts(
    checkouts: Checkouts, web: Checkout, app: GitRepository
) -> None:
    for pack in (web.mirror.place.git_dir / "objects" / "pack").iterdir():
        pack.unlink()
    (web.path / "apps/web/7").write_text("ours\n")
    with pytest.raises(Temporary):
        await web.mirror.history.commits([app.head()])
    await web.mirror.refresh()
    assert await web.add_all()
    await web.commit("ours", IDENTITY)
    await web.push()
    assert app.read("apps/web/7") == "ours"
