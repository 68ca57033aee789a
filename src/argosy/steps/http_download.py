"""`http-download`: fetch a file."""

from __future__ import annotations

import contextlib

from pydantic import Field

from argosy.clients.http import MIB, place_of
from argosy.errors import Failed, Permanent, Temporary
from argosy.resources.meta import Json
from argosy.steps.base import Context, Done, Effect, Step
from argosy.steps.http_request import Length, RequestConfig

_LARGEST = 100 * MIB


class HttpDownloadConfig(RequestConfig):
    """Downloads a file of at most 100 MiB into the working directory, part by part."""

    out_path: str = Field(min_length=1)
    """Where to write it."""
    allow_overwrite: bool = False
    """Whether a file that is there may be replaced."""
    timeout: Length = "5m"
    """How long the download may take."""


async def run(config: HttpDownloadConfig, ctx: Context) -> Done:
    """What it fetched is pinned by its digest: when it runs again after a crash, another content is an error.

    Raises Failed (the content has changed since), Permanent (the file is there, it is too large), Temporary (the status
    is no success, the server is out of reach).
    """
    target = ctx.tree.resolve(config.out_path)
    if target.is_dir():
        raise Permanent(f"outPath {config.out_path} is a folder", advice="Name a file in it.")
    if target.exists() and not config.allow_overwrite:
        raise Permanent(f"file {config.out_path} exists already", advice="Set allowOverwrite: true to replace it.")
    draft = target.with_name(f".{target.name[:200]}.argosy-draft")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        done = await ctx.web.download(config.ask(timeout=config.timeout, limit=_LARGEST), draft)
        if not done.sha256:
            raise Temporary(f"{place_of(config.url)} answered {done.status}")

        async def digest() -> Json:
            return done.sha256

        pinned = await ctx.pin("sha256", digest)
        if pinned != done.sha256:
            raise Failed(
                f"what {place_of(config.url)} gives has changed since this promotion fetched it first",
                advice="Promote again, or download from a URL whose content never changes.",
            )
        draft.replace(target)
    except OSError as error:
        raise Permanent(f"cannot write {config.out_path}: {error.strerror}") from error
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
    ctx.log(f"downloaded {config.out_path}, {done.size} bytes")
    return Done()


STEP = Step("http-download", Effect.WORKSPACE, HttpDownloadConfig, run)
