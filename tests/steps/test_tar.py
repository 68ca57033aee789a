"""`tar` and `untar`: what goes in comes out, and hostile archives do no harm."""

from __future__ import annotations

import gzip
import io
import tarfile
from typing import Any

import pytest

from argosy.clients import archive
from argosy.errors import Permanent
from argosy.steps import tar, untar
from argosy.steps.base import AnyStep
from argosy.testing.context import FakeContext


def entry(name: str, content: bytes = b"", **more: Any) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = len(content), 0o644, 1_700_000_000
    for field, value in more.items():
        setattr(info, field, value)
    return info, content


def put(ctx: FakeContext, *entries: tuple[tarfile.TarInfo, bytes], gzipped: bool = False) -> None:
    """Write `in.tar` into the working directory."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as made:
        for info, content in entries:
            made.addfile(info, io.BytesIO(content))
    data = buffer.getvalue()
    ctx.tree.write("in.tar", gzip.compress(data) if gzipped else data)


def files(ctx: FakeContext, folder: str) -> dict[str, str]:
    root = ctx.tree.root / folder
    found = sorted(path for path in root.rglob("*") if path.is_symlink() or path.is_file())
    return {
        str(path.relative_to(root)): f"-> {path.readlink()}" if path.is_symlink() else path.read_text()
        for path in found
    }


async def extract(ctx: FakeContext, **more: Any) -> dict[str, str]:
    await ctx.run(untar.STEP, {"inPath": "in.tar", "outPath": "out", **more})
    return files(ctx, "out")


@pytest.mark.parametrize("gzipped", [True, False])
async def test_what_goes_in_comes_out(ctx: FakeContext, gzipped: bool) -> None:
    ctx.write({"src/a.txt": "1", "src/deep/er/b.txt": "2", "src/deep/er/c.txt": "", "src/run.sh": "3"})
    (ctx.tree.root / "src/.git").mkdir()
    (ctx.tree.root / "src/.git/config").write_text("")
    (ctx.tree.root / "src/run.sh").chmod(0o755)
    (ctx.tree.root / "src/link").symlink_to("deep/er/b.txt")
    await ctx.run(tar.STEP, {"inPath": "src", "outPath": "made/in.tar", "gzip": gzipped, "ignore": "deep/er/c*"})
    assert ((ctx.tree.root / "made/in.tar").read_bytes()[:2] == archive.GZIP) is gzipped
    await ctx.run(untar.STEP, {"inPath": "made/in.tar", "outPath": "out"})
    assert files(ctx, "out") == {"a.txt": "1", "deep/er/b.txt": "2", "link": "-> deep/er/b.txt", "run.sh": "3"}
    assert (ctx.tree.root / "out/run.sh").stat().st_mode & 0o111


async def test_the_same_files_give_the_same_archive(ctx: FakeContext) -> None:
    ctx.write({"src/b": "1", "src/a": "2"})
    await ctx.run(tar.STEP, {"inPath": "src", "outPath": "one.tgz", "gzip": True})
    ctx.write({"again/a": "2", "again/b": "1"})
    await ctx.run(tar.STEP, {"inPath": "again", "outPath": "two.tgz", "gzip": True})
    assert (ctx.tree.root / "one.tgz").read_bytes() == (ctx.tree.root / "two.tgz").read_bytes()


async def test_one_file_is_packed_and_an_archive_may_lie_in_what_it_packs(ctx: FakeContext) -> None:
    ctx.write({"src/a": "1"})
    await ctx.run(tar.STEP, {"inPath": "src/a", "outPath": "in.tar"})
    assert await extract(ctx) == {"a": "1"}
    await ctx.run(tar.STEP, {"inPath": "src", "outPath": "src/self.tar"})
    await ctx.run(tar.STEP, {"inPath": "src", "outPath": "src/self.tar"})
    await ctx.run(untar.STEP, {"inPath": "src/self.tar", "outPath": "self"})
    assert files(ctx, "self") == {"a": "1"}


async def test_a_folder_is_replaced(ctx: FakeContext) -> None:
    ctx.write({"out/old": "x"})
    put(ctx, entry("new", b"1"), gzipped=True)
    assert await extract(ctx) == {"new": "1"}


async def test_leading_parts_and_ignored_paths_are_left_out(ctx: FakeContext) -> None:
    put(
        ctx,
        entry("./top/app/a.yaml", b"1"),
        entry("top/app/a.log", b"2"),
        entry("top/temp/deep/b", b"3"),
        entry("short", b"4"),
        entry("top/.git/config", b"5"),
    )
    assert await extract(ctx, stripComponents=1, ignore="*.log\ntemp/\n") == {"app/a.yaml": "1"}


@pytest.mark.parametrize(
    ("hostile", "problem"),
    [
        pytest.param([entry("../evil", b"x")], "leads out", id="a path upwards"),
        pytest.param([entry("a/../../evil", b"x")], "leads out", id="a path down and upwards"),
        pytest.param([entry("/evil", b"x")], "leads out", id="an absolute path"),
        pytest.param([entry("a/" * 2000 + "b", b"x")], "too deep a path", id="a path deeper than the stack"),
        pytest.param([entry("a/" * 500_000 + "b", b"x")], "too long", id="a path that takes hours"),
        pytest.param([entry("l", type=tarfile.SYMTYPE, linkname="../..")], "leads out", id="a link upwards"),
        pytest.param([entry("l", type=tarfile.SYMTYPE, linkname="/etc")], "leads out", id="an absolute link"),
        pytest.param([entry("h", type=tarfile.LNKTYPE, linkname="/etc/passwd")], "neither file", id="a hard link"),
        pytest.param([entry("d", type=tarfile.CHRTYPE, devmajor=1, devminor=3)], "neither file", id="a device"),
        pytest.param([entry("p", type=tarfile.FIFOTYPE)], "neither file", id="a pipe"),
    ],
)
async def test_a_hostile_archive_is_refused_and_leaves_nothing(
    ctx: FakeContext, hostile: list[tuple[tarfile.TarInfo, bytes]], problem: str
) -> None:
    ctx.write({"out/old": "kept"})
    put(ctx, entry("good", b"1"), *hostile)
    with pytest.raises(Permanent, match=f"^in.tar: .*{problem}"):
        await extract(ctx)
    assert files(ctx, ".").keys() == {"in.tar", "out/old"}
    assert not (ctx.root / "evil").exists()


async def test_a_link_of_the_archive_leads_nowhere_else(ctx: FakeContext) -> None:
    put(
        ctx,
        entry("inner/x", b"1"),
        entry("l", type=tarfile.SYMTYPE, linkname="inner"),
        entry("l/y", b"2"),
        entry("inner/x", b"3"),
    )
    assert await extract(ctx) == {"inner/x": "3", "inner/y": "2", "l": "-> inner"}


@pytest.mark.parametrize(
    ("limits", "problem"),
    [
        (archive.Limits(file=10), "limit for one file"),
        (archive.Limits(total=150), "more than 150 bytes"),
        (archive.Limits(entries=1), "more than 1 files"),
    ],
)
def test_a_bomb_is_refused_before_it_is_written(ctx: FakeContext, limits: archive.Limits, problem: str) -> None:
    put(ctx, entry("a", b"x" * 100), entry("b", b"x" * 100), gzipped=True)
    target = ctx.root / "bomb"
    target.mkdir()
    with pytest.raises(Permanent, match=problem):
        archive.unpack(ctx.tree.root / "in.tar", target, strip=0, ignored=lambda *_: False, limits=limits)
    assert sum(path.stat().st_size for path in target.iterdir()) <= 150


def raw(name: str, type: bytes, content: bytes) -> bytes:
    """An entry as bytes, whatever it says."""
    info, _ = entry(name, content, type=type)
    return info.tobuf(tarfile.GNU_FORMAT) + content + bytes(-len(content) % 512)


MIB = 1 << 20
SPARSE = b"22 GNU.sparse.major=1\n"
DIGITS = b"9" * MIB
FILE = raw("a", tarfile.REGTYPE, b"x")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param(raw("x", tarfile.XHDTYPE, bytes(2 * MIB)) + FILE, "attributes of 2097152 bytes", id="attributes"),
        pytest.param(raw("x", tarfile.GNUTYPE_LONGNAME, bytes(2 * MIB)) + FILE, "name or attributes", id="a name"),
        pytest.param(raw("x", tarfile.XHDTYPE, DIGITS) + FILE, "bad attributes", id="what takes hours to search"),
        pytest.param(raw("x", tarfile.XHDTYPE, b"14 mtime=nan\n") + FILE, "bad attributes", id="a time that is none"),
        pytest.param(raw("x", tarfile.XHDTYPE, b"16 mtime=1e300\n") + FILE, "bad attributes", id="a time far away"),
        pytest.param(raw("x", tarfile.XHDTYPE, b"11 size=-9\n") + FILE, "bad attributes", id="less than nothing"),
        pytest.param(raw("x", tarfile.XHDTYPE, SPARSE) + FILE, "sparse", id="a sparse file"),
        pytest.param(FILE + raw("a/b", tarfile.REGTYPE, b""), "cannot be extracted", id="a folder where a file is"),
    ],
)
async def test_what_names_and_attributes_may_be_is_bounded(ctx: FakeContext, content: bytes, problem: str) -> None:
    ctx.tree.write("in.tar", gzip.compress(content + bytes(1024), 1))
    with pytest.raises(Permanent, match=f"^in.tar: .*{problem}"):
        await extract(ctx)
    assert [path.name for path in ctx.tree.root.iterdir()] == ["in.tar"]


async def test_many_attributes_are_passed_over_and_long_names_are_taken(ctx: FakeContext) -> None:
    name = "/".join(["long-" * 20] * 5)
    links = entry("l", type=tarfile.SYMTYPE, linkname=f"{name}/x")
    for form in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT):
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w", format=form, pax_headers={"comment": "of all"}) as made:
            for info, content in (entry(f"{name}/x", b"1" * 512, pax_headers={"SCHILY.xattr.user.a": "=\n9"}), links):
                made.addfile(info, io.BytesIO(content))
        ctx.tree.write("in.tar", buffer.getvalue())
        assert await extract(ctx) == {f"{name}/x": "1" * 512, "l": f"-> {name}/x"}


def test_what_is_left_out_is_not_read_without_end(ctx: FakeContext) -> None:
    put(ctx, entry("a", b"x" * 5000), entry("b", b"x" * 5000), gzipped=True)
    target = ctx.root / "bomb"
    target.mkdir()
    for limits, problem in ((archive.Limits(read=6000), "6000 bytes"), (archive.Limits(seen=1), "1 entries")):
        with pytest.raises(Permanent, match=f"more than {problem}, with what is left out"):
            archive.unpack(ctx.tree.root / "in.tar", target, strip=3, ignored=lambda *_: False, limits=limits)


async def test_names_of_any_bytes_are_told(ctx: FakeContext) -> None:
    put(ctx, entry("\udcff", type=tarfile.FIFOTYPE))
    with pytest.raises(Permanent, match=r"holds \?, which is neither"):
        await extract(ctx)


@pytest.mark.parametrize(
    "content", [b"", b"no archive at all, but longer than a header" * 40, archive.GZIP + b"no gzip"]
)
async def test_what_is_no_archive_is_told(ctx: FakeContext, content: bytes) -> None:
    ctx.tree.write("in.tar", content)
    with pytest.raises(Permanent, match=r"^in.tar: it is no tar archive"):
        await extract(ctx)


async def test_a_truncated_archive_is_told(ctx: FakeContext) -> None:
    put(ctx, entry("a", b"x" * 5000), gzipped=True)
    whole = ctx.tree.read("in.tar")
    ctx.tree.write("in.tar", whole[: len(whole) // 2])
    with pytest.raises(Permanent, match=r"^in.tar: it is no tar archive, or a damaged one"):
        await extract(ctx)


@pytest.mark.parametrize(
    ("step", "config", "problem"),
    [
        (tar.STEP, {"inPath": "gone", "outPath": "x.tar"}, "no file gone"),
        (tar.STEP, {"inPath": "src", "outPath": "src"}, "is a folder"),
        (tar.STEP, {"inPath": "src/a", "outPath": "src/a"}, "what is to be packed"),
        (tar.STEP, {"inPath": "src", "outPath": "x.tar", "ignore": "[a"}, "ignore: "),
        (untar.STEP, {"inPath": "gone", "outPath": "x"}, "no file gone"),
        (untar.STEP, {"inPath": "src/a", "outPath": "src"}, "would be replaced"),
        (untar.STEP, {"inPath": "src/a", "outPath": "."}, "would be replaced"),
    ],
)
async def test_what_cannot_be_done_is_told(ctx: FakeContext, step: Any, config: dict[str, Any], problem: str) -> None:
    ctx.write({"src/a": "1"})
    with pytest.raises(Permanent, match=problem):
        await ctx.run(step, config)
    assert files(ctx, ".") == {"src/a": "1"}


@pytest.mark.parametrize("step", [tar.STEP, untar.STEP])
async def test_what_a_link_with_the_name_of_our_draft_names_stays(ctx: FakeContext, step: AnyStep) -> None:
    outside = ctx.root.parent / "outside"
    outside.write_text("mine")
    put(ctx, entry("a.txt", b"1"))
    (ctx.tree.root / ".out.argosy-draft").symlink_to(outside)
    await ctx.run(step, {"inPath": "in.tar", "outPath": "out"})
    assert outside.read_text() == "mine"
    assert (ctx.tree.root / "out").exists()
