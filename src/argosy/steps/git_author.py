"""Who commits in a checkout: what the step says, else what `git-clone` said, else the system's author."""

from __future__ import annotations

import orjson
from pydantic import Field, field_validator

from argosy.clients.git import Identity
from argosy.sources.worktree import Checkout
from argosy.steps.base import Author, Config, Context

_RECORD = "author.json"


class AuthorConfig(Config):
    """Who commits."""

    name: str = Field(min_length=1)
    """The name."""
    email: str = Field(pattern=r"^[^@\s<>]+@[^@\s<>]+$")
    """The e-mail address."""
    signing_key: str | None = None
    """A GPG key to sign with. Not supported yet: a configuration that sets it is refused."""

    @field_validator("signing_key")
    @classmethod
    def _unsupported(cls, value: str | None) -> str | None:
        if value:
            raise ValueError("signing commits is not supported yet; leave signingKey out")
        return value


def remember(checkout: Checkout, author: AuthorConfig | None) -> None:
    """Make `author` the one of later commits in this checkout; None forgets an earlier one."""
    record = checkout.git_dir / "info" / _RECORD
    record.unlink(missing_ok=True)
    if author is not None:
        record.parent.mkdir(exist_ok=True)
        record.write_bytes(orjson.dumps({"name": author.name, "email": author.email}))


def identity(ctx: Context, checkout: Checkout, author: AuthorConfig | None = None) -> Identity:
    """Who commits in a checkout, and when."""
    return signed_by(ctx, author or _remembered(checkout) or ctx.author)


def signed_by(ctx: Context, author: Author | AuthorConfig) -> Identity:
    """`author` at the time when the step first began, so that a commit made again gets the same ID."""
    return Identity(author.name, author.email, int(ctx.started_at.timestamp()))


def _remembered(checkout: Checkout) -> Author | None:
    try:
        return Author(**orjson.loads((checkout.git_dir / "info" / _RECORD).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None
