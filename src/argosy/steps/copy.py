"""`copy`: copy a file or what is in a folder, within the working directory."""

from __future__ import annotations

import asyncio

from pydantic import Field

from argosy.steps.base import Config, Context, Done, Effect, Step
from argosy.steps.ignoring import ignoring


class CopyConfig(Config):
    """Copies a file or a folder to another place in the working directory.

    Folders are merged into folders that are there, files are replaced. Symbolic links and `.git` are left out.
    """

    in_path: str = Field(min_length=1)
    """The file or folder to copy."""
    out_path: str = Field(min_length=1)
    """Where to copy it. Missing folders are made."""
    ignore: str | None = Field(default=None, min_length=1)
    """What to leave out: lines in the syntax of `.gitignore`, relative to the folder that is copied."""


async def run(config: CopyConfig, ctx: Context) -> Done:
    """Raises Permanent: nothing at `inPath`, one path within the other, a pattern that cannot be read."""
    rules = ignoring(config.ignore)
    source = ctx.tree.resolve(config.in_path)
    if source.is_file() and rules.ignores(source.name, False):
        return Done(message=f"{config.in_path} is ignored, so nothing was copied")

    def ignored(path: str, is_folder: bool) -> bool:
        return (source / path).is_symlink() or rules.ignores(path, is_folder)

    await asyncio.to_thread(ctx.tree.copy, config.in_path, config.out_path, ignored=ignored)
    return Done()


STEP = Step("copy", Effect.WORKSPACE, CopyConfig, run)
