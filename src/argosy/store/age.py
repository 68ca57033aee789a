"""Lists by age: where a page ends, and such lists of stores that know no order but that of names."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass, replace

import orjson

from argosy.errors import Invalid
from argosy.resources.kind import Kind
from argosy.resources.meta import Document
from argosy.store.base import Order, Page

_AT_ONCE = 200
"""Documents whose moments are found out before others may run."""


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """The place of a document in a list by age; the token of a page is that of its last one."""

    moment: str
    namespace: str
    name: str

    def encode(self) -> str:
        return base64.urlsafe_b64encode(orjson.dumps([self.moment, self.namespace, self.name])).decode()

    @classmethod
    def of(cls, document: Document, kind: Kind) -> Mark:
        return cls(kind.moment(document.data), document.key.namespace, document.key.name)

    @classmethod
    def decode(cls, text: str) -> Mark:
        """Raises Invalid."""
        try:
            parts = orjson.loads(base64.b64decode(text.encode("ascii"), altchars=b"-_", validate=True))
        except (UnicodeEncodeError, binascii.Error, orjson.JSONDecodeError):
            parts = None
        if not isinstance(parts, list) or len(parts) != 3 or not all(isinstance(part, str) for part in parts):
            raise Invalid("the continue token is not one of ours", advice="List again from the beginning.")
        return cls(*parts)


async def by_age(page: Page, kind: Kind, order: Order, *, limit: int = 0, more: str = "") -> Page:
    """The part of a whole list that was asked for, by age. Raises Invalid for a token that is none."""
    after = Mark.decode(more) if more else None
    marked: list[tuple[Mark, Document]] = []
    for number, document in enumerate(page.documents, 1):
        mark = Mark.of(document, kind)
        if after is None or (mark < after if order is Order.NEWEST else mark > after):
            marked.append((mark, document))
        if number % _AT_ONCE == 0:
            await asyncio.sleep(0)
    return _cut(marked, page.version, order, limit)


def merged(parts: Iterable[Page], kind: Kind, order: Order, limit: int) -> Page:
    """One page of several that all begin at the same place and have `limit` documents, or all that there are."""
    found = [*parts]
    marked = [(Mark.of(document, kind), document) for part in found for document in part.documents]
    page = _cut(marked, min((part.version for part in found), default=0), order, limit)
    is_more = bool(page.more) or any(part.more for part in found)
    return replace(page, more=Mark.of(page.documents[-1], kind).encode() if is_more and page.documents else "")


def _cut(marked: Iterable[tuple[Mark, Document]], version: int, order: Order, limit: int) -> Page:
    left = sorted(marked, key=lambda pair: pair[0], reverse=order is Order.NEWEST)
    shown = left[: limit or None]
    return Page([document for _, document in shown], version, shown[-1][0].encode() if len(shown) < len(left) else "")
