"""git-clone with lfs: contents in the place of pointers, which commits and pushes never see."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from argosy.clients.login import Login
from argosy.errors import Failed, Permanent
from argosy.steps.base import Done
from argosy.steps.copy import STEP as COPY
from argosy.steps.delete import STEP as DELETE
from argosy.steps.git_clear import STEP as CLEAR
from argosy.steps.git_clone import STEP
from argosy.steps.git_commit import STEP as COMMIT
from argosy.steps.git_push import STEP as PUSH
from argosy.testing.context import FakeContext
from argosy.testing.git_repository import GitRepository, Submodule
from argosy.testing.lfs_server import LfsServer, oid_of, pointer_to

MODEL, OTHER = b"\0weights" * 1000, b"other\0"
ATTRIBUTES = "*.bin filter=lfs diff=lfs merge=lfs -text\n"


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[LfsServer]:
    async with LfsServer(tmp_path / "served").serve() as served:
        yield served


@pytest.fixture
def app(server: LfsServer) -> GitRepository:
    repository = server.create("app")
    files = {".gitattributes": ATTRIBUTES, "app.yaml": "tag: v1\n", "a/model.bin": server.keep("app", MODEL)}
    repository.commit(files, "First")
    return repository


async def clone(ctx: FakeContext, url: str, *items: dict[str, Any], **more: Any) -> Done:
    config = {"repoURL": url, "lfs": True, "checkout": [*items] or [{"path": "src"}], **more}
    ctx.pins.clear()  # as another step
    outcome = await ctx.run(STEP, config)
    assert isinstance(outcome, Done)
    return outcome


async def commit(ctx: FakeContext, path: str = "src") -> str:
    outcome = await ctx.run(COMMIT, {"path": path, "message": "Promote"})
    assert isinstance(outcome, Done)
    assert not outcome.skipped
    return str(outcome.outputs["commit"])


async def changed(ctx: FakeContext, revision: str, path: str = "src") -> list[str]:
    mirror = ctx.checkouts.open(ctx.tree.root / path).mirror
    shown = await mirror.run("show", "--format=", "--raw", "--no-renames", "--no-abbrev", revision)
    return [line.split(" ", 4)[4].replace("\t", " ") for line in shown.text.splitlines()]


async def test_contents_are_in_the_place_of_pointers_and_commits_keep_these(
    ctx: FakeContext, server: LfsServer, app: GitRepository
) -> None:
    await clone(ctx, server.url_of("app"))
    assert ctx.tree.read("src/a/model.bin") == MODEL
    objects = [{"oid": oid_of(MODEL), "size": len(MODEL)}]
    assert server.batches == [
        {
            "operation": "download",
            "transfers": ["basic"],
            "hash_algo": "sha256",
            "ref": {"name": "refs/heads/main"},
            "objects": objects,
        }
    ]
    ctx.write({"src/app.yaml": "tag: v2\n"})
    assert await changed(ctx, await commit(ctx)) == ["M app.yaml"]
    await ctx.run(PUSH, {"path": "src"})
    assert app.read("a/model.bin") + "\n" == pointer_to(MODEL)
    assert ctx.tree.read("src/a/model.bin") == MODEL
    loose = await ctx.checkouts.open(ctx.tree.root / "src").mirror.run(
        "cat-file", "--batch-all-objects", "--batch-check"
    )
    assert f" {len(MODEL)}" not in loose.text  # no content has come into Git


@pytest.mark.parametrize("name", ['two\nlines "quoted"\\.bin', "-x:ü* .bin", ":(top)a.bin", "\udcff.bin"])
async def test_strange_names(ctx: FakeContext, server: LfsServer, app: GitRepository, name: str) -> None:
    blob = app.git("hash-object", "-w", "--stdin", stdin=server.keep("app", OTHER).encode())
    listed = app.git("ls-tree", "-z", "main").rstrip("\0").encode() + f"\n100644 blob {blob}\t".encode()
    tree = app.git("mktree", "-z", stdin=listed.replace(b"\n100644", b"\x00100644") + os.fsencode(name) + b"\0")
    made = app.git("-c", "user.name=A", "-c", "user.email=a@b", "commit-tree", "-p", "main", "-m", "Strange", tree)
    app.git("update-ref", "refs/heads/main", made)
    await clone(ctx, server.url_of("app"))
    place = ctx.tree.root / "src" / name
    assert place.read_bytes() == OTHER
    ctx.write({"src/app.yaml": "tag: v2\n"})
    assert await changed(ctx, await commit(ctx)) == ["M app.yaml"]
    place.write_bytes(MODEL[::-1])
    with pytest.raises(Failed, match="kept in Git LFS") as raised:
        await commit(ctx)
    assert raised.value.message.encode()
    place.unlink()
    assert len(await changed(ctx, await commit(ctx))) == 1
    await ctx.checkouts.discard(ctx.checkouts.open(ctx.tree.root / "src"))


async def test_nothing_to_commit_is_nothing(ctx: FakeContext, server: LfsServer, app: GitRepository) -> None:
    await clone(ctx, server.url_of("app"))
    outcome = await ctx.run(COMMIT, {"path": "src", "message": "Promote"})
    assert outcome == Done({"commit": app.head()}, skipped=True, message="nothing changed, so nothing was committed")


async def test_without_the_option_no_lfs_server_is_asked(
    ctx: FakeContext, server: LfsServer, app: GitRepository
) -> None:
    await clone(ctx, server.url_of("app"), lfs=False)
    assert ctx.read("src/a/model.bin") == pointer_to(MODEL)
    assert server.count("lfs") == 0


async def test_only_what_is_checked_out_and_under_lfs_is_fetched(
    ctx: FakeContext, server: LfsServer, app: GitRepository
) -> None:
    missing = pointer_to(b"nobody has this")
    app.commit({"b/model.bin": missing, "a/pointer.txt": missing, "a/plain.bin": "plain\n"})
    await clone(ctx, server.url_of("app"), {"path": "src", "sparse": ["a"]})
    assert ctx.tree.read("src/a/model.bin") == MODEL
    assert ctx.read("src/a/pointer.txt") == missing
    assert ctx.read("src/a/plain.bin") == "plain\n"
    assert not (ctx.tree.root / "src" / "b").exists()


async def test_the_lfsconfig_of_a_repository_is_not_read_and_no_filter_runs(
    ctx: FakeContext, server: LfsServer, app: GitRepository
) -> None:
    hostile = '[lfs]\n\turl = http://127.0.0.1:1/\n[filter "lfs"]\n\tsmudge = touch pwned\n\tprocess = touch pwned\n'
    app.commit({".lfsconfig": hostile, ".gitconfig": hostile})
    await clone(ctx, server.url_of("app"))
    assert ctx.tree.read("src/a/model.bin") == MODEL
    ctx.write({"src/app.yaml": "tag: v2\n"})
    await commit(ctx)
    assert not list(ctx.root.rglob("pwned"))


async def test_a_changed_content_fails_and_a_written_pointer_does_not(
    ctx: FakeContext, server: LfsServer, app: GitRepository
) -> None:
    await clone(ctx, server.url_of("app"))
    (ctx.tree.root / "src" / "a" / "model.bin").write_bytes(MODEL[::-1])
    for _ in range(2):
        with pytest.raises(Failed, match=r"a/model\.bin changed, but is kept in Git LFS"):
            await ctx.run(COMMIT, {"path": "src", "message": "Promote"})
    ctx.write({"src/a/model.bin": pointer_to(OTHER)})
    assert await changed(ctx, await commit(ctx)) == ["M a/model.bin"]
    await ctx.run(PUSH, {"path": "src"})
    assert app.read("a/model.bin") + "\n" == pointer_to(OTHER)


async def test_a_new_content_under_lfs_fails(ctx: FakeContext, server: LfsServer, app: GitRepository) -> None:
    await clone(ctx, server.url_of("app"))
    ctx.write({"src/new.bin": "content"})
    with pytest.raises(Failed, match=r"new\.bin"):
        await ctx.run(COMMIT, {"path": "src", "message": "Promote"})


async def test_changed_contents_can_be_cleared(ctx: FakeContext, server: LfsServer, app: GitRepository) -> None:
    await clone(ctx, server.url_of("app"))
    (ctx.tree.root / "src" / "a" / "model.bin").write_bytes(MODEL[::-1])
    ctx.write({"src/new.bin": "content"})
    await ctx.run(CLEAR, {"path": "src"})
    assert os.listdir(ctx.tree.root / "src") == []
    assert await changed(ctx, await commit(ctx)) == ["D .gitattributes", "D a/model.bin", "D app.yaml"]


async def test_the_same_content_written_again_is_no_change(
    ctx: FakeContext, server: LfsServer, app: GitRepository
) -> None:
    await clone(ctx, server.url_of("app"))
    (ctx.tree.root / "src" / "a" / "model.bin").write_bytes(MODEL)
    ctx.write({"src/app.yaml": "tag: v2\n"})
    assert await changed(ctx, await commit(ctx)) == ["M app.yaml"]


async def test_files_are_deleted_and_renamed_and_modes_kept(
    ctx: FakeContext, server: LfsServer, app: GitRepository
) -> None:
    await clone(ctx, server.url_of("app"))
    model = ctx.tree.root / "src" / "a" / "model.bin"
    model.rename(model.with_name("renamed.bin"))
    model.with_name("renamed.bin").chmod(0o755)
    assert await changed(ctx, await commit(ctx)) == ["D a/model.bin", "A a/renamed.bin"]
    await ctx.run(PUSH, {"path": "src"})
    assert app.git("ls-tree", "main", "a/renamed.bin").startswith("100755 blob")
    assert app.read("a/renamed.bin") + "\n" == pointer_to(MODEL)
    await ctx.run(DELETE, {"path": "src/a"})
    assert await changed(ctx, await commit(ctx)) == ["D a/renamed.bin"]


async def test_a_folder_replaced_by_a_link_is_not_followed(
    ctx: FakeContext, server: LfsServer, app: GitRepository
) -> None:
    await clone(ctx, server.url_of("app"))
    folder = ctx.tree.root / "src" / "a"
    folder.rename(ctx.tree.root / "elsewhere")
    folder.symlink_to("../elsewhere")
    assert await changed(ctx, await commit(ctx)) == ["A a", "D a/model.bin"]


async def test_what_is_copied_to_another_branch_is_committed_as_pointers(
    ctx: FakeContext, server: LfsServer, app: GitRepository
) -> None:
    out = {"path": "out", "branch": "env/test", "create": True}
    await clone(ctx, server.url_of("app"), {"path": "src"}, out)
    for _ in range(2):
        await ctx.run(CLEAR, {"path": "out"})
        await ctx.run(COPY, {"inPath": "src", "outPath": "out"})
        outcome = await ctx.run(COMMIT, {"path": "out", "message": "Promote"})
    assert isinstance(outcome, Done)
    assert outcome.skipped
    await ctx.run(PUSH, {"path": "out"})
    assert app.read("a/model.bin", "env/test") + "\n" == pointer_to(MODEL)
    assert ctx.tree.read("out/a/model.bin") == MODEL


async def test_what_is_copied_to_another_repository_is_a_plain_file_there(
    ctx: FakeContext, server: LfsServer, app: GitRepository, repo: GitRepository
) -> None:
    await clone(ctx, server.url_of("app"))
    await clone(ctx, repo.url, {"path": "out"}, lfs=False)
    await ctx.run(COPY, {"inPath": "src/a/model.bin", "outPath": "out/model.bin"})
    await commit(ctx, "out")
    await ctx.run(PUSH, {"path": "out"})
    assert repo.read("model.bin").encode() == MODEL


async def test_others_move_the_branch_and_change_a_content(
    ctx: FakeContext, server: LfsServer, app: GitRepository
) -> None:
    await clone(ctx, server.url_of("app"))
    ctx.write({"src/app.yaml": "tag: v2\n"})
    await commit(ctx)
    app.commit({"a/model.bin": server.keep("app", OTHER), "b/model.bin": pointer_to(MODEL)}, "Theirs")
    await ctx.run(PUSH, {"path": "src"})
    assert app.log() == ["Promote", "Theirs", "First"]
    assert [ctx.tree.read(f"src/{folder}/model.bin") for folder in "ab"] == [OTHER, MODEL]
    ctx.write({"src/app.yaml": "tag: v3\n"})
    assert await changed(ctx, await commit(ctx)) == ["M app.yaml"]


async def test_a_checkout_goes_back_to_the_pool_with_pointers(
    ctx: FakeContext, server: LfsServer, app: GitRepository, tmp_path: Path
) -> None:
    await ctx.checkouts.start()
    ctx.checkouts.cap = len(MODEL) // 2  # contents do not count
    await clone(ctx, server.url_of("app"))
    checkout = ctx.checkouts.open(ctx.tree.root / "src")
    await ctx.checkouts.put_back(checkout)
    pooled = list((tmp_path / "promotion" / "checkouts").iterdir())
    assert [(place / "a" / "model.bin").read_text() for place in pooled] == [pointer_to(MODEL)]
    await clone(ctx, server.url_of("app"), {"path": "next"}, lfs=False)
    assert ctx.checkouts.open(ctx.tree.root / "next").git_dir == checkout.git_dir
    assert ctx.read("next/a/model.bin") == pointer_to(MODEL)
    ctx.write({"next/a/model.bin": "seen"})
    assert await changed(ctx, await commit(ctx, "next"), "next") == ["M a/model.bin"]


async def test_a_crash_on_the_way_to_the_pool_leaves_no_contents_there(
    ctx: FakeContext, server: LfsServer, app: GitRepository
) -> None:
    await clone(ctx, server.url_of("app"))
    checkout = ctx.checkouts.open(ctx.tree.root / "src")
    ctx.checkouts.root.mkdir()
    checkout.path.rename(ctx.checkouts.root / checkout.git_dir.name)
    later = FakeContext(ctx.root)
    await later.checkouts.start()
    await clone(later, server.url_of("app"), {"path": "next"}, lfs=False)
    assert later.checkouts.open(later.tree.root / "next").git_dir == checkout.git_dir
    assert later.read("next/a/model.bin") == pointer_to(MODEL)
    assert await later.checkouts.open(later.tree.root / "next").is_clean()


async def test_submodules_have_contents_of_their_own(ctx: FakeContext, server: LfsServer, app: GitRepository) -> None:
    lib = server.create("lib")
    lib.commit({".gitattributes": ATTRIBUTES, "lib.bin": server.keep("lib", OTHER)})
    modules = '[submodule "lib"]\n\tpath = lib\n\turl = ../lib.git\n'
    app.commit({".gitmodules": modules, "lib": Submodule(lib.head())})
    await clone(ctx, server.url_of("app"), recurseSubmodules=True)
    assert (ctx.tree.read("src/lib/lib.bin"), ctx.tree.read("src/a/model.bin")) == (OTHER, MODEL)
    ctx.write({"src/app.yaml": "tag: v2\n"})
    assert await changed(ctx, await commit(ctx)) == ["M app.yaml"]


async def test_a_plan_shows_no_contents(ctx: FakeContext, server: LfsServer, app: GitRepository) -> None:
    await clone(ctx, server.url_of("app"))
    ctx.write({"src/app.yaml": "tag: v2\n"})
    await commit(ctx)
    app.commit({"b/model.bin": pointer_to(MODEL)}, "Theirs")
    preview = await ctx.preview(PUSH, {"path": "src"})
    assert "app.yaml" in preview.changes[0].diff
    assert "model.bin" not in preview.changes[0].diff


async def test_contents_come_once_and_the_login_is_asked_for_each_time(
    tmp_path: Path, server: LfsServer, app: GitRepository
) -> None:
    server.users.update(ada="secret", bob="secret")
    url = server.url_of("app")
    for name in ("first", "second"):
        ctx = FakeContext(tmp_path / "promotion", logins={("git", url): Login("ada", "secret")})
        await clone(ctx, url, {"path": name})
        await ctx.close()
    assert (len(server.batches), len(server.transfers)) == (2, 1)
    kept = [path for path in (tmp_path / "promotion" / "lfs").rglob("*") if path.is_file()]
    assert [(path.name, path.stat().st_mode & 0o777) for path in kept] == [(oid_of(MODEL), 0o600)]
    assert (tmp_path / "promotion" / "lfs").stat().st_mode & 0o777 == 0o700


async def test_a_server_of_somebody_else_is_no_way_to_what_is_kept(
    ctx: FakeContext, server: LfsServer, app: GitRepository
) -> None:
    """Who knows the digest of a content may run a server that grants him everything, and has nothing to send."""
    await clone(ctx, server.url_of("app"))
    thief = server.create("thief")
    thief.commit({".gitattributes": ATTRIBUTES, "loot.bin": server.keep("thief", MODEL)})
    server.served[oid_of(MODEL)] = b"?" * len(MODEL)
    with pytest.raises(Permanent, match="another content"):
        await clone(ctx, server.url_of("thief"), {"path": "loot"})
    assert ctx.read("loot/loot.bin") == pointer_to(MODEL)


async def test_a_local_repository_gives_what_it_has(ctx: FakeContext, app: GitRepository) -> None:
    with pytest.raises(Exception, match="git lfs fetch --all"):
        await clone(ctx, app.url)
    oid = oid_of(MODEL)
    place = app.path / "lfs" / "objects" / oid[:2] / oid[2:4] / oid
    place.parent.mkdir(parents=True)
    place.write_bytes(MODEL + b"!")
    with pytest.raises(Permanent, match="git lfs fsck"):
        await clone(ctx, app.url, {"path": "again"})
    place.write_bytes(MODEL)
    await clone(ctx, app.url, {"path": "third"})
    assert ctx.tree.read("third/a/model.bin") == MODEL
    assert os.stat(ctx.tree.root / "third" / "a" / "model.bin").st_mode & 0o777 == 0o644
