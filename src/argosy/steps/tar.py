"""`tar`: pack a file or a folder into an archive."""

from __future__ import annotations

import asyncio
import os

from pydantic import Field

from argosy.clients.archive import Limits, pack
from argosy.clients.files import new_file
from argosy.errors import Permanent
from argosy.steps.base import Config, Context, Done, Effect, Step
from argosy.steps.ignoring import ignoring


class TarConfig(Config):
    """Packs a file, or what is in a folder, into a tar archive. `.git` is left out.

    The same files give the same archive, byte by byte: owners and times of change are left out.
    """

    in_path: str = Field(min_length=1)
    """The file or folder to pack."""
    out_path: str = Field(min_length=1)
    """The archive to write. It is replaced when it is there."""
    ignore: str | None = Field(default=None, min_length=1)
    """What to leave out: lines in the syntax of `.gitignore`, relative to the folder that is packed."""
    gzip: bool = False
    """Whether to compress the archive."""


async def run(config: TarConfig, ctx: Context) -> Done:
    """Raises Permanent: nothing at `inPath`, too much, or a pattern that cannot be read."""
    rules = ignoring(config.ignore)
    source, target = ctx.tree.resolve(config.in_path), ctx.tree.resolve(config.out_path)
    if not source.exists():
        raise Permanent(f"no file {config.in_path} in the working directory")
    if target.is_dir() or target == source:
        raise Permanent(f"outPath {config.out_path} is {'a folder' if target.is_dir() else 'what is to be packed'}")
    draft = target.with_name(f".{target.name[:200]}.argosy-draft")

    def ignored(path: str, folder: bool) -> bool:
        return source / path in (draft, target) or rules.ignores(path, folder)

    def write() -> int:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with new_file(draft) as file:
                pack(source, file, gzipped=config.gzip, ignored=ignored, time=0, limits=Limits())
            os.replace(draft, target)
        finally:
            draft.unlink(missing_ok=True)
        return target.stat().st_size

    size = await asyncio.to_thread(write)
    ctx.log(f"wrote {config.out_path}, {size} bytes")
    return Done()


STEP = Step("tar", Effect.WORKSPACE, TarConfig, run)
