"""Commits and tags as objects: made, signed, and made again with the signature they had.

A signature holds the time at which it was made, so the same commit signed twice has two IDs. Who keeps the first one's
text (it is public) and gives it as `earlier` gets the same ID again, as long as everything but the signature is equal.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Protocol

from argosy.clients.git import Answer, Extra, Identity
from argosy.clients.git_signing import signing
from argosy.failpoints import reach

_SIGNATURE = re.compile(r"^gpgsig(-sha256)? .*\n(?: .*\n)*", re.MULTILINE)


class Run(Protocol):
    """Runs a git command in a repository."""

    async def __call__(self, *args: str, extra: Extra | None = None) -> Answer: ...


@dataclass(frozen=True, slots=True)
class Draft:
    """A commit to be: the IDs of its tree and parents, its whole message, who commits."""

    tree: str
    parents: tuple[str, ...]
    message: str
    identity: Identity


@contextlib.asynccontextmanager
async def signed_by(identity: Identity, extra: Extra) -> AsyncIterator[Extra]:
    """`extra` as it must be for commits of `identity` to be signed, if it has a key, until the block ends."""
    if identity.key is None:
        yield extra
        return
    async with signing(identity.key) as ready:
        environment = {**(extra.environment or {}), **ready.environment}
        yield replace(extra, environment=environment, config=(*extra.config, *ready.config))


async def write_commit(run: Run, draft: Draft, earlier: str = "") -> str:
    """Make the commit; returns its ID. Raises Permanent for a signing key that cannot be used."""
    arguments = [draft.tree, *(word for parent in draft.parents for word in ("-p", parent))]
    extra = Extra(stdin=draft.message.encode(), environment=draft.identity.environment())
    if draft.identity.key is None:
        return (await run("commit-tree", *arguments, extra=extra)).text
    if earlier:
        plain = (await run("commit-tree", *arguments, extra=extra)).text
        if unsigned(earlier) == await commit_text(run, plain):
            return await restore(run, "commit", earlier)
    async with signed_by(draft.identity, extra) as ready:
        reach("commit.signing")
        return (await run("commit-tree", "-S", *arguments, extra=ready)).text


async def commit_text(run: Run, commit: str) -> str:
    """The text of a commit. Raises NotFound."""
    return (await run("cat-file", "commit", commit)).stdout.decode(errors="surrogateescape")


async def restore(run: Run, kind: str, text: str) -> str:
    """Write the object with this text; returns its ID."""
    extra = Extra(stdin=text.encode(errors="surrogateescape"))
    return (await run("hash-object", "-t", kind, "-w", "--stdin", extra=extra)).text


def unsigned(text: str) -> str:
    """The text of a commit without its signature."""
    head, end, message = text.partition("\n\n")
    return _SIGNATURE.sub("", f"{head}\n").removesuffix("\n") + end + message


def is_signed(text: str) -> bool:
    """Whether a commit's text holds a signature, valid or not."""
    return _SIGNATURE.search(text.partition("\n\n")[0] + "\n") is not None
