"""How rooms above read a Store: typed, and with None for what is not there."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from typing import TypeVar

from pydantic import ValidationError

from argosy.errors import NotFound
from argosy.resources.meta import Document, Key, Resource
from argosy.store.base import Store

log = logging.getLogger(__name__)

R = TypeVar("R", bound=Resource)
_SHOWN = 3


async def find(store: Store, key: Key) -> Document | None:
    try:
        return await store.get(key)
    except NotFound:
        return None


async def find_as(store: Store, key: Key, model: type[R]) -> R | None:
    document = await find(store, key)
    return document.parse(model) if document is not None else None


def understood(documents: Iterable[Document], model: type[R]) -> Iterator[R]:
    """Those that fit the model. Others are logged and left out: one of them must not hold up all the others.

    A cluster may hold them, kept by older definitions than those of today.
    """
    for document in documents:
        try:
            yield document.parse(model)
        except ValidationError as error:
            log.warning("%s is left out, as it is not understood: %s", document.key, faults(error))


def faults(error: ValidationError) -> str:
    """What does not fit, for a line of a log: fields and reasons without their values, which may be secret."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    shown = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in found[:_SHOWN]]
    return "; ".join([*shown, *(["and more"] if len(found) > _SHOWN else [])])
