"""`delete`: delete files and folders of the working directory, by path or by glob."""

from __future__ import annotations

import asyncio
import os
import posixpath
from collections.abc import Iterator
from pathlib import PurePosixPath

from pydantic import Field, model_validator

from argosy.clients.files import Tree
from argosy.errors import Invalid, Permanent
from argosy.rules.pattern import name_matcher
from argosy.steps.base import Config, Context, Done, Effect, Step


class DeleteConfig(Config):
    """Deletes files and folders. A symbolic link is deleted itself, never what it points to."""

    path: str | None = Field(default=None, min_length=1)
    """The file or folder to delete. Give either this or `paths`."""
    paths: list[str] | None = Field(default=None, min_length=1)
    """The files and folders to delete. Give either this or `path`."""
    paths_are_globs: bool = False
    """Whether paths are globs: `*` and `?` stay within a folder, `**` crosses folders, `[a-z]` and `{a,b}` choose."""
    strict: bool = False
    """Whether it is an error when there is nothing at a path, or nothing that matches a glob."""

    @model_validator(mode="after")
    def _one_of_both(self) -> DeleteConfig:
        if (self.path is None) == (self.paths is None):
            raise ValueError("give either path or paths")
        if not all(self.paths or ["-"]):
            raise ValueError("paths holds an empty path")
        return self


async def run(config: DeleteConfig, ctx: Context) -> Done:
    """Raises Permanent: a path that leads outside, a glob that cannot be read, with `strict` also nothing there."""
    await asyncio.to_thread(_delete, config, ctx.tree)
    return Done()


def _delete(config: DeleteConfig, tree: Tree) -> None:
    """Find everything before anything is deleted, so that an error leaves the directory as it was."""
    found: dict[str, None] = {}
    for path in config.paths or [config.path or ""]:
        _check_inside(path)
        if config.paths_are_globs:
            found.update(dict.fromkeys(_matching(tree, path, strict=config.strict)))
            continue
        if config.strict and not os.path.lexists(tree.locate(path)):
            raise Permanent(f"path {path!r} does not exist", advice="Leave strict out if it need not exist.")
        found[path] = None
    for path in found:
        tree.delete(path)


def _check_inside(path: str) -> None:
    """Other steps read `../x` as `x`; deleting something else than what was named would be worse than refusing."""
    clean = posixpath.normpath(path.lstrip("/"))
    if clean == ".." or clean.startswith("../"):
        raise Permanent(
            f"path {path!r} leads out of the working directory",
            advice="Write a path relative to the working directory.",
        )


def _matching(tree: Tree, glob: str, *, strict: bool) -> list[str]:
    """What matches, without what goes together with its folder."""
    try:
        matches = name_matcher(f"glob:{glob.removeprefix('./')}")
    except Invalid as error:
        raise Permanent(error.message, advice="Close every bracket and brace of the glob.") from error
    found = [path for path in _walk(tree) if matches(path)]
    if strict and not found:
        raise Permanent(f"nothing in the working directory matches {glob!r}")
    chosen = set(found)
    return [path for path in found if chosen.isdisjoint(map(str, PurePosixPath(path).parents))]


def _walk(tree: Tree) -> Iterator[str]:
    """Every path below the working directory, without following links and without `.git`."""
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        with os.scandir(tree.root / folder) as scanned:
            entries = [entry for entry in scanned if entry.name.lower() not in (".git", "git~1")]
        yield from (f"{folder}{entry.name}" for entry in entries)
        waiting += [f"{folder}{entry.name}/" for entry in entries if entry.is_dir(follow_symlinks=False)]


STEP = Step("delete", Effect.WORKSPACE, DeleteConfig, run)
