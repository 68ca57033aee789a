from __future__ import annotations

import pytest

from argosy.errors import Permanent
from argosy.steps.copy import STEP
from argosy.testing.context import FakeContext


def files(ctx: FakeContext, folder: str) -> list[str]:
    root = ctx.tree.root / folder
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if not path.is_dir())


async def test_a_folder_is_merged_into_another(ctx: FakeContext) -> None:
    ctx.write({"in/a": "new", "in/sub/b": "b", "out/a": "old", "out/c": "c"})
    await ctx.run(STEP, {"inPath": "in", "outPath": "out"})
    assert files(ctx, "out") == ["a", "c", "sub/b"]
    assert ctx.read("out/a") == "new"


async def test_a_file_is_copied_to_a_path_in_missing_folders(ctx: FakeContext) -> None:
    ctx.write({"a": "1"})
    await ctx.run(STEP, {"inPath": "./a", "outPath": "x/y/b"})
    assert ctx.read("x/y/b") == "1"


async def test_ignored_files_links_and_git_folders_stay_behind(ctx: FakeContext) -> None:
    ctx.write({"in/a.md": "", "in/keep.md": "", "in/b": "", "in/build/c": "", "in/x/build/d": ""})
    (ctx.tree.root / "in" / ".git").mkdir()
    (ctx.tree.root / "in" / ".git" / "config").write_text("")
    (ctx.tree.root / "in" / "link").symlink_to("b")
    await ctx.run(STEP, {"inPath": "in", "outPath": "out", "ignore": "# docs\n*.md\n!keep.md\n/build/\n"})
    assert files(ctx, "out") == ["b", "keep.md", "x/build/d"]


async def test_an_ignored_file_is_not_copied_even_when_named(ctx: FakeContext) -> None:
    ctx.write({"a.md": ""})
    await ctx.run(STEP, {"inPath": "a.md", "outPath": "b", "ignore": "*.md"})
    assert not (ctx.tree.root / "b").exists()


@pytest.mark.parametrize(
    ("config", "says"),
    [
        pytest.param({"inPath": "none", "outPath": "b"}, "no file none", id="a missing source"),
        pytest.param({"inPath": "in", "outPath": "in/sub"}, "into itself", id="a folder into itself"),
        pytest.param({"inPath": "in", "outPath": "b", "ignore": "[a"}, "ignore:", id="an unreadable pattern"),
        pytest.param({"inPath": ".git/config", "outPath": "b"}, "leads into .git", id="a source in .git"),
        pytest.param({"inPath": "in", "outPath": "in/.git/hooks"}, "leads into .git", id="a target in .git"),
    ],
)
async def test_copy_refuses(ctx: FakeContext, config: dict[str, str], says: str) -> None:
    ctx.write({"in/a": ""})
    with pytest.raises(Permanent, match=says):
        await ctx.run(STEP, config)
