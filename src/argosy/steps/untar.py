"""`untar`: extract an archive into a folder."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

from pydantic import Field

from argosy.clients.archive import Limits, unpack
from argosy.clients.files import delete_folder
from argosy.errors import Permanent
from argosy.steps.base import Config, Context, Done, Effect, Step
from argosy.steps.ignoring import ignoring


class UntarConfig(Config):
    """Extracts a tar archive, compressed with gzip or not, into a folder.

    An archive whose paths or links lead out of the folder, or that holds devices, hard links or sparse files, is
    refused; so is one that holds a file of more than 100 MiB, more than 512 MiB, more than 100,000 files, or a path of
    more than 255 parts, or that has more than 4 GiB or a million entries with what is left out of it. `.git` is left
    out.
    """

    in_path: str = Field(min_length=1)
    """The archive."""
    out_path: str = Field(min_length=1)
    """The folder to extract into. It is replaced when it is there."""
    strip_components: int = Field(default=0, ge=0)
    """How many leading parts of the paths in the archive to leave out. What has no more parts is left out."""
    ignore: str | None = Field(default=None, min_length=1)
    """What to leave out: lines in the syntax of `.gitignore`, compared with the paths as they are extracted."""


async def run(config: UntarConfig, ctx: Context) -> Done:
    """Raises Permanent: no such file, no archive, a hostile one, or a pattern that cannot be read."""
    rules = ignoring(config.ignore)
    source, target = ctx.tree.resolve(config.in_path), ctx.tree.resolve(config.out_path)
    if not source.is_file():
        raise Permanent(f"no file {config.in_path} in the working directory")
    if target == ctx.tree.root or source.is_relative_to(target):
        raise Permanent(f"outPath {config.out_path} would be replaced, and holds {config.in_path}")

    def ignored(path: str, folder: bool) -> bool:
        parts = path.split("/")
        above = ("/".join(parts[:length]) for length in range(1, len(parts)))
        return any(rules.ignores(each, True) for each in above) or rules.ignores(path, folder)

    def extract() -> int:
        draft = target.with_name(f".{target.name[:200]}.argosy-draft")
        try:
            _remove(draft)
            draft.mkdir(parents=True)
            made = unpack(source, draft, strip=config.strip_components, ignored=ignored, limits=Limits())
            ctx.tree.delete(config.out_path)
            draft.rename(target)
        except Permanent as error:
            raise Permanent(f"{config.in_path}: {error.message}", advice=error.advice) from error
        except OSError as error:
            raise Permanent(f"cannot write {config.out_path}: {error.strerror}") from error
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        return made

    made = await asyncio.to_thread(extract)
    ctx.log(f"extracted {made} file{'s' * (made != 1)} into {config.out_path}")
    return Done()


def _remove(draft: Path) -> None:
    """What has the name that we need, be it a link that a stranger put there."""
    if draft.is_dir() and not draft.is_symlink():
        delete_folder(draft)
    else:
        draft.unlink(missing_ok=True)


STEP = Step("untar", Effect.WORKSPACE, UntarConfig, run)
