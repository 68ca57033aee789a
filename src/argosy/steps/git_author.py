"""Who commits in a checkout: what the step says, else what `git-clone` found: its own author, else the system's."""

from __future__ import annotations

import orjson
from pydantic import Field

from argosy.clients.git import Identity
from argosy.clients.git_signing import SigningKey
from argosy.credentials.git_user import GitUser
from argosy.errors import Permanent
from argosy.sources.checkout_record import AUTHOR
from argosy.sources.seal import seal, unseal
from argosy.sources.worktree import Checkout
from argosy.steps.base import Config, Context


class AuthorConfig(Config):
    """Who commits."""

    name: str = Field(min_length=1)
    """The name."""
    email: str = Field(pattern=r"^[^@\s<>]+@[^@\s<>]+$")
    """The e-mail address."""
    signing_key: str | None = Field(default=None, repr=False)
    """A private key, without a passphrase, to sign with: of GPG in armor, or of SSH. Take it from a Secret."""

    @property
    def user(self) -> GitUser:
        return GitUser(self.name, self.email, self.signing_key or "")


def remember(ctx: Context, checkout: Checkout, user: GitUser) -> None:
    """Make `user` the one of later commits in this checkout. The key is sealed: it is not readable on disk."""
    record = checkout.git_dir / AUTHOR
    record.unlink(missing_ok=True)
    record.parent.mkdir(exist_ok=True)
    key = seal(ctx.mirrors.hmac_key, user.signing_key, checkout.git_dir.name) if user.signing_key else ""
    record.write_bytes(orjson.dumps({"name": user.name, "email": user.email, "signingKey": key}))


def identity(ctx: Context, checkout: Checkout, author: AuthorConfig | None = None) -> Identity:
    """Who commits in a checkout, and when. Raises Permanent when the key that git-clone was given is lost."""
    return identity_of(ctx, author.user if author else _remembered(ctx, checkout))


def identity_of(ctx: Context, user: GitUser) -> Identity:
    """`user` at the time when the step first began, so that a commit made again gets the same ID."""
    key = SigningKey(user.signing_key) if user.signing_key else None
    return Identity(user.name, user.email, int(ctx.started_at.timestamp()), key)


def _remembered(ctx: Context, checkout: Checkout) -> GitUser:
    try:
        record = orjson.loads((checkout.git_dir / AUTHOR).read_bytes())
        sealed = record["signingKey"]
        key = unseal(ctx.mirrors.hmac_key, sealed, checkout.git_dir.name) if sealed else ""
        return GitUser(record["name"], record["email"], key)
    except (OSError, ValueError, TypeError, KeyError) as error:
        # Falling back to somebody else would make commits without the signature that was asked for.
        raise Permanent(
            "who commits in this checkout is not known any more", advice="Promote again, so that it is cloned anew."
        ) from error
