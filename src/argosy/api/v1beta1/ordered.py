"""Lists in another order than that of names: sorted when read, and cut into pages by where the page before ended."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import orjson

from argosy.api.answer import Refused

T = TypeVar("T")


def part(
    found: Iterable[T], order: Callable[[T], list[str]], limit: int, more: str, *, newest_first: bool = False
) -> tuple[list[T], str]:
    """The page that was asked for, and the token of the next one; empty on the last.

    Args:
        order: what an entry is ordered by; no two are alike.
        limit: of the page; 0 for all.
        more: the token that came with the page before.
        newest_first: whether the greatest come first.

    Raises Refused (400) for a token that is none.
    """
    keyed = sorted(((order(each), each) for each in found), key=lambda pair: pair[0], reverse=newest_first)
    if more:
        last = _read(more)
        keyed = [pair for pair in keyed if (pair[0] < last if newest_first else pair[0] > last)]
    if not limit or len(keyed) <= limit:
        return [each for _, each in keyed], ""
    return [each for _, each in keyed[:limit]], _written(keyed[limit - 1][0])


def _written(key: Sequence[str]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(list(key))).decode()


def _read(token: str) -> list[str]:
    try:
        key: Any = orjson.loads(base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True))
    except (UnicodeEncodeError, binascii.Error, orjson.JSONDecodeError):
        key = None
    if not isinstance(key, list) or not all(isinstance(each, str) for each in key):
        raise Refused(400, "the continue token is none of this list", advice="List anew, without one.")
    return key
