"""`file-write`: write a text to a file of the working directory."""

from __future__ import annotations

import posixpath

from pydantic import Field, field_validator

from argosy.errors import Failed
from argosy.steps.base import Config, Context, Done, Effect, Step

_EXECUTABLE, _WORLD_WRITABLE = 0o111, 0o002


class FileWriteConfig(Config):
    """Writes a file, and the folders it needs."""

    path: str = Field(min_length=1)
    """The file to write: a relative path, through no symbolic link."""
    contents: str
    """What to write."""
    permissions: str | None = Field(default=None, pattern=r"^(0[0-7]{3})?$")
    """Permissions in octal, neither executable nor writable for everyone. By default `0600`."""
    overwrite: bool = False
    """Whether a file that is there may be replaced."""

    @field_validator("permissions")
    @classmethod
    def _modest(cls, value: str | None) -> str | None:
        mode = int(value or "0600", 8)
        if mode & _EXECUTABLE:
            raise ValueError("must not make the file executable")
        if mode & _WORLD_WRITABLE:
            raise ValueError("must not let everyone write the file")
        return value


async def run(config: FileWriteConfig, ctx: Context) -> Done:
    """Raises Failed: a path that is absolute, leads out or through a link, or a file that is there already."""
    path = posixpath.normpath(config.path)
    advice = "Write a path relative to the working directory, through no symbolic link."
    if config.path.startswith("/"):
        raise Failed(f"path {config.path!r} is absolute", advice=advice)
    if path == ".." or path.startswith("../"):
        raise Failed(f"path {config.path!r} leads out of the working directory", advice=advice)
    place = ctx.tree.resolve(config.path)
    if place != ctx.tree.root / path:
        raise Failed(f"path {config.path!r} leads through a symbolic link", advice=advice)
    if place.is_dir():
        raise Failed(f"{config.path} is a folder", advice="Name a file in it.")
    if place.exists() and not config.overwrite:
        raise Failed(f"file {config.path} exists already", advice="Set overwrite: true to replace it.")
    ctx.tree.write(config.path, config.contents.encode())
    place.chmod(int(config.permissions or "0600", 8))
    return Done()


STEP = Step("file-write", Effect.WORKSPACE, FileWriteConfig, run)
