"""Tables as the server prints them for kubectl: the columns of the kind, one row for each resource."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache

import orjson

from argosy.api.column import cell
from argosy.api.view import bookmark_meta, list_meta, partial
from argosy.clock import Clock
from argosy.resources.kind import Column, Kind
from argosy.resources.meta import Document, Json
from argosy.store.base import Page

_NAME: dict[str, Json] = {
    "name": "Name",
    "type": "string",
    "format": "name",
    "description": "Name of the resource, unique in its namespace.",
    "priority": 0,
}


@cache
def definitions(kind: Kind) -> list[dict[str, Json]]:
    """The columns of a kind as a table declares them."""
    return [*([_NAME] if _named_first(kind) else []), *(_definition(column) for column in kind.columns)]


def _named_first(kind: Kind) -> bool:
    return all(column.name != _NAME["name"] for column in kind.columns)


def _definition(column: Column) -> dict[str, Json]:
    return {
        "name": column.name,
        "type": column.type,
        "format": "",
        "description": column.description or f"Taken from {column.path}.",
        "priority": column.priority,
    }


class Table:
    """A view of resources as rows. In a watch only the first table declares the columns."""

    def __init__(self, kind: Kind, clock: Clock, include: str = "Metadata") -> None:
        self._kind = kind
        self._clock = clock
        self._include = include
        self._cells = [cell(column) for column in kind.columns]
        self._declared = False
        self._is_named = _named_first(kind)

    def one(self, document: Document) -> bytes:
        meta = {"resourceVersion": str(document.version)}
        return self._table(meta, [self._row(document, self._clock.now())])

    def page(self, page: Page) -> bytes:
        now = self._clock.now()
        return self._table(list_meta(page), [self._row(document, now) for document in page.documents])

    def bookmark(self, version: int, *, initial_end: bool = False) -> bytes:
        return self._table(bookmark_meta(version, initial_end), [])

    def _table(self, meta: dict[str, Json], rows: Sequence[dict[str, Json]]) -> bytes:
        columns = None if self._declared else definitions(self._kind)
        self._declared = True
        return orjson.dumps(
            {
                "kind": "Table",
                "apiVersion": "meta.k8s.io/v1",
                "metadata": meta,
                "columnDefinitions": columns,
                "rows": rows,
            }
        )

    def _row(self, document: Document, now: datetime) -> dict[str, Json]:
        name = [document.key.name] if self._is_named else []
        row: dict[str, Json] = {"cells": [*name, *(fill(document.data, now) for fill in self._cells)]}
        if self._include == "Object":
            row["object"] = orjson.Fragment(document.raw)
        elif self._include == "Metadata":
            row["object"] = partial(document)
        return row
