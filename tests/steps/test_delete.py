from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from argosy.errors import Permanent
from argosy.steps.delete import STEP
from argosy.testing.context import FakeContext

FILES = {"a.yaml": "", "b.yaml": "", "d/a.yaml": "", "d/e/f.txt": "", "g.txt": ""}


def left(ctx: FakeContext) -> list[str]:
    root = ctx.tree.root
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("config", "gone"),
    [
        pytest.param({"path": "a.yaml"}, {"a.yaml"}, id="a file"),
        pytest.param({"path": "d"}, {"d/a.yaml", "d/e/f.txt"}, id="a folder with everything in it"),
        pytest.param({"paths": ["a.yaml", "g.txt"]}, {"a.yaml", "g.txt"}, id="several"),
        pytest.param(
            {"paths": ["d", "d/a.yaml"], "strict": True}, {"d/a.yaml", "d/e/f.txt"}, id="a folder, then what was in it"
        ),
        pytest.param({"path": "none"}, set(), id="nothing there"),
        pytest.param({"path": "none/none"}, set(), id="nor its folder"),
        pytest.param({"path": "/a.yaml"}, {"a.yaml"}, id="an absolute path starts at the working directory"),
        pytest.param({"path": "*.yaml", "pathsAreGlobs": True}, {"a.yaml", "b.yaml"}, id="a glob in one folder"),
        pytest.param(
            {"path": "./**/*.yaml", "pathsAreGlobs": True}, {"a.yaml", "b.yaml", "d/a.yaml"}, id="a glob in all folders"
        ),
        pytest.param({"path": "{a,g}.*", "pathsAreGlobs": True}, {"a.yaml", "g.txt"}, id="a glob with a choice"),
        pytest.param({"paths": ["d/**", "g*"], "pathsAreGlobs": True}, {"d/a.yaml", "d/e/f.txt", "g.txt"}, id="globs"),
        pytest.param({"path": "*.md", "pathsAreGlobs": True}, set(), id="a glob that matches nothing"),
        pytest.param({"path": "*.yaml"}, set(), id="a star is a character where globs were not asked for"),
    ],
)
async def test_delete_deletes(ctx: FakeContext, config: dict[str, Any], gone: set[str]) -> None:
    ctx.write(FILES)
    await ctx.run(STEP, config)
    assert set(FILES) - set(left(ctx)) == gone


@pytest.mark.parametrize(
    ("config", "says"),
    [
        pytest.param({"paths": ["a.yaml", "none"], "strict": True}, "'none' does not exist", id="a missing path"),
        pytest.param(
            {"path": "*.md", "pathsAreGlobs": True, "strict": True}, "nothing .* matches", id="a glob for nothing"
        ),
        pytest.param({"path": "[a", "pathsAreGlobs": True}, "bracket", id="an unreadable glob"),
        pytest.param({"paths": ["a.yaml", "../x"]}, "leads out", id="a path that leads out"),
        pytest.param({"path": "d/../../x"}, "leads out", id="a path that leads out by a detour"),
        pytest.param({"path": "."}, "itself cannot be deleted", id="the working directory"),
        pytest.param({"path": ".git/config"}, "leads into .git", id="Git's own files"),
    ],
)
async def test_delete_refuses_and_deletes_nothing(ctx: FakeContext, config: dict[str, Any], says: str) -> None:
    ctx.write(FILES)
    with pytest.raises(Permanent, match=says):
        await ctx.run(STEP, config)
    assert left(ctx) == sorted(FILES)


async def test_a_link_is_deleted_itself(ctx: FakeContext) -> None:
    ctx.write(FILES)
    outside = ctx.root / "outside"
    outside.mkdir()
    (outside / "precious").write_text("")
    (ctx.tree.root / "link").symlink_to("d")
    (ctx.tree.root / "out").symlink_to(outside)
    await ctx.run(STEP, {"paths": ["link", "out/precious", "out"]})
    assert left(ctx) == sorted(FILES)
    assert (outside / "precious").exists()
    assert not (ctx.tree.root / "out").is_symlink()


async def test_globs_follow_no_links_and_spare_git(ctx: FakeContext) -> None:
    ctx.write(FILES)
    outside = ctx.root / "outside"
    outside.mkdir()
    (outside / "x.yaml").write_text("")
    (ctx.tree.root / "out").symlink_to(outside)
    (ctx.tree.root / ".git").mkdir()
    (ctx.tree.root / ".git" / "c.yaml").write_text("")
    await ctx.run(STEP, {"path": "**/*.yaml", "pathsAreGlobs": True})
    assert left(ctx) == [".git/c.yaml", "d/e/f.txt", "g.txt"]
    assert (outside / "x.yaml").exists()


@pytest.mark.parametrize("config", [{}, {"path": "a", "paths": ["b"]}, {"paths": []}, {"path": ""}, {"paths": [""]}])
async def test_either_path_or_paths_is_given(ctx: FakeContext, config: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        await ctx.run(STEP, config)
