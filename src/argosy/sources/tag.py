"""Tags of a checkout: made and signed as objects, and remembered beside the checkout until they are pushed.

They are no refs: a mirror's refs are shared by all promotions, which may make tags of the same name.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass

import orjson

from argosy.clients.git import Extra, Identity
from argosy.clients.git_signing import detached_signature
from argosy.errors import NotFound, Permanent
from argosy.resources.meta import Json
from argosy.sources.checkout_record import LOCAL_TAGS
from argosy.sources.worktree import Checkout, clean_message

_NOT_IN_NAMES = re.compile(r"[<>\n\0]")


@dataclass(frozen=True, slots=True)
class LocalTag:
    """A tag that a checkout holds: `id` of the tag object, and whether it may take the place of another one."""

    id: str
    replaces: bool = False


async def draft(checkout: Checkout, name: str, message: str, identity: Identity) -> str:
    """The text of an annotated tag on HEAD, signed if `identity` has a key.

    Raises Permanent for an empty message and a key of no use.
    """
    # As `git tag -m` does: lines that begin with # are comments.
    body = clean_message("\n".join(line for line in message.splitlines() if not line.startswith("#")))
    if not body:
        raise Permanent("The message of the tag is empty", advice="Give the step a message")
    tagger = f"{_NOT_IN_NAMES.sub('', identity.name)} <{_NOT_IN_NAMES.sub('', identity.email)}> {identity.date} +0000"
    text = f"object {await checkout.head()}\ntype commit\ntag {name}\ntagger {tagger}\n\n{body}"
    if identity.key is None:
        return text
    return text + await detached_signature(identity.key, text)


async def keep(checkout: Checkout, name: str, text: str, *, replaces: bool) -> None:
    """Write the tag with this text, and remember it."""
    extra = Extra(stdin=text.encode())
    made = (await checkout.mirror.run("hash-object", "-t", "tag", "-w", "--stdin", extra=extra)).text
    record = checkout.git_dir / LOCAL_TAGS
    record.parent.mkdir(exist_ok=True)
    tags = {**_all(checkout), name: asdict(LocalTag(made, replaces))}
    record.write_bytes(orjson.dumps(tags))


def local_tag(checkout: Checkout, name: str) -> LocalTag | None:
    """The tag of this name that `keep` remembered; None for none."""
    found = _all(checkout).get(name)
    return LocalTag(**found) if found else None


async def known_tag(checkout: Checkout, name: str) -> str | None:
    """The commit of the repository's tag of this name, as of the last look at the server; None for none."""
    try:
        return await checkout.mirror.resolve(tag=name)
    except NotFound:
        return None


def _all(checkout: Checkout) -> dict[str, dict[str, Json]]:
    try:
        found: dict[str, dict[str, Json]] = orjson.loads((checkout.git_dir / LOCAL_TAGS).read_bytes())
    except (OSError, ValueError):
        return {}
    return found
