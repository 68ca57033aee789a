from __future__ import annotations

import stat
from typing import Any

import pytest
from pydantic import ValidationError

from argosy.errors import ArgosyError, Failed
from argosy.steps.file_write import STEP
from argosy.testing.context import FakeContext


async def test_a_file_is_written_for_its_owner_alone(ctx: FakeContext) -> None:
    await ctx.run(STEP, {"path": "a/b.txt", "contents": "hällo\n"})
    assert ctx.read("a/b.txt") == "hällo\n"
    assert stat.S_IMODE((ctx.tree.root / "a/b.txt").stat().st_mode) == 0o600


async def test_a_file_is_replaced_with_its_permissions_when_that_is_allowed(ctx: FakeContext) -> None:
    ctx.write({"a": "old"})
    await ctx.run(STEP, {"path": "./a", "contents": "", "overwrite": True, "permissions": "0640"})
    assert ctx.read("a") == ""
    assert stat.S_IMODE((ctx.tree.root / "a").stat().st_mode) == 0o640


@pytest.mark.parametrize(
    ("path", "says"),
    [
        pytest.param("old", "exists already", id="a file that is there"),
        pytest.param("dir", "is a folder", id="a folder"),
        pytest.param("/x", "is absolute", id="an absolute path"),
        pytest.param("../x", "leads out", id="a path that leads out"),
        pytest.param("dir/../../x", "leads out", id="a path that leads out by a detour"),
        pytest.param("link/x", "symbolic link", id="a path through a link"),
        pytest.param("out", "symbolic link", id="a link out"),
    ],
)
async def test_file_write_fails(ctx: FakeContext, path: str, says: str) -> None:
    ctx.write({"old": "1", "dir/a": ""})
    (ctx.tree.root / "link").symlink_to("dir")
    (ctx.tree.root / "out").symlink_to(ctx.root / "outside")
    with pytest.raises(Failed, match=says):
        await ctx.run(STEP, {"path": path, "contents": "2"})
    assert ctx.read("old") == "1"
    assert not (ctx.root / "outside").exists()


@pytest.mark.parametrize("path", [".git/config", "a/.git/hooks/pre-push", ".GIT/config"])
async def test_git_s_own_files_are_not_written(ctx: FakeContext, path: str) -> None:
    with pytest.raises(ArgosyError, match=r"leads into \.(git|GIT)"):
        await ctx.run(STEP, {"path": path, "contents": ""})


@pytest.mark.parametrize("permissions", ["0755", "0602", "644", "0o644", "4644", "0648"])
async def test_permissions_are_octal_and_modest(ctx: FakeContext, permissions: str) -> None:
    config: dict[str, Any] = {"path": "a", "contents": "", "permissions": permissions}
    with pytest.raises(ValidationError):
        await ctx.run(STEP, config)
