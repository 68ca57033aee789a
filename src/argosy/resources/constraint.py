"""Rules between fields of a model: said once, checked on raw documents, written into the CRD where CEL can say them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Path = tuple[str | int, ...]
"""Where something is in a document: keys and list indexes."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One broken rule; `path` is relative to the model that carries the rule."""

    message: str
    path: Path = ()
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Constraint:
    """A rule over the raw form of a model; checked even where single fields are wrong, so every fault shows at once.

    Attributes:
        check: yields the faults of one raw object. Fields may be missing or of any type.
        cel: the same rule in CEL for the CRD, if CEL can say it.
        items: the name of a list field whose items `cel` speaks about; empty when it speaks about the object.
        message: what the CRD says when `cel` is false.
    """

    check: Callable[[Mapping[str, Any]], Iterable[Fault]]
    cel: str = ""
    items: str = ""
    message: str = ""


def mappings(value: Any) -> Iterable[tuple[int, Mapping[str, Any]]]:
    """The objects in a list with their indexes; nothing for what is no list."""
    if isinstance(value, list):
        yield from ((index, item) for index, item in enumerate(value) if isinstance(item, Mapping))


def mapping(value: Any) -> Mapping[str, Any]:
    """The value when it is an object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def repeated(items: Iterable[tuple[int, Any]]) -> Iterable[tuple[int, int, Any]]:
    """Index, first index and value of every value seen before; unhashable and empty values are passed over."""
    first: dict[str, int] = {}
    for index, value in items:
        if isinstance(value, str) and value:
            if value in first:
                yield index, first[value], value
            first.setdefault(value, index)
