"""The forms in which resources are sent: as they are, as tables, or only their metadata."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import orjson

from argosy.resources.kind import Kind
from argosy.resources.meta import Document, Json
from argosy.store.base import Page

INITIAL_END = "k8s.io/initial-events-end"


class View(Protocol):
    """How one request sees resources of one kind. All methods give JSON."""

    def one(self, document: Document) -> bytes: ...

    def page(self, page: Page) -> bytes: ...

    def bookmark(self, version: int, *, initial_end: bool = False) -> bytes: ...


def list_meta(page: Page) -> dict[str, Json]:
    """The metadata of a list."""
    meta: dict[str, Json] = {"resourceVersion": str(page.version)}
    if page.more:
        meta["continue"] = page.more
    if page.remaining:
        meta["remainingItemCount"] = page.remaining
    return meta


def bookmark_meta(version: int, initial_end: bool) -> dict[str, Json]:
    """The metadata of a bookmark."""
    meta: dict[str, Json] = {"resourceVersion": str(version), "creationTimestamp": None}
    return meta | {"annotations": {INITIAL_END: "true"}} if initial_end else meta


def _list(api_version: str, kind: str, page: Page, items: Sequence[bytes]) -> bytes:
    head = orjson.dumps({"apiVersion": api_version, "kind": kind, "metadata": list_meta(page)})
    return b"".join((head[:-1], b',"items":[', b",".join(items), b"]}"))


class Whole:
    """Resources as they are kept: their bytes go from the store to the socket."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind

    def one(self, document: Document) -> bytes:
        return document.raw

    def page(self, page: Page) -> bytes:
        items = [document.raw for document in page.documents]
        return _list(self._kind.api_version, f"{self._kind.name}List", page, items)

    def bookmark(self, version: int, *, initial_end: bool = False) -> bytes:
        meta = bookmark_meta(version, initial_end)
        return orjson.dumps({"kind": self._kind.name, "apiVersion": self._kind.api_version, "metadata": meta})


def partial(document: Document) -> dict[str, Json]:
    """Only the metadata of a resource."""
    return {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": document.meta}


class Partial:
    """Only the metadata of resources."""

    def one(self, document: Document) -> bytes:
        return orjson.dumps(partial(document))

    def page(self, page: Page) -> bytes:
        items = [self.one(document) for document in page.documents]
        return _list("meta.k8s.io/v1", "PartialObjectMetadataList", page, items)

    def bookmark(self, version: int, *, initial_end: bool = False) -> bytes:
        meta = bookmark_meta(version, initial_end)
        return orjson.dumps({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": meta})
