"""One committed change, as watchers get it from the writer and as the change log keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Row

from argosy.resources.meta import Document, Key
from argosy.store.base import Event, EventType, Query
from argosy.store.selection import Terms, matches
from argosy.store.vault import Vault


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to one document: `was` is None when it was created, `terms` are None when it was deleted."""

    version: int
    document: Document
    terms: Terms | None
    was: Terms | None

    def event(self, query: Query) -> Event | None:
        """The event for a watcher with this query, None when it does not concern it."""
        key = self.document.key
        before = self.was is not None and matches(query, key, self.was)
        now = self.terms is not None and matches(query, key, self.terms)
        if not before and not now:
            return None
        type = EventType.DELETED if not now else EventType.MODIFIED if before else EventType.ADDED
        return Event(type, self.version, self.document)


def pack(terms: Terms) -> bytes:
    """Terms as the change log keeps them."""
    return orjson.dumps(sorted(terms))


def unpack(packed: bytes) -> Terms:
    return frozenset((path, value) for path, value in orjson.loads(packed))


def read_change(row: Row[Any], vault: Vault) -> Change:
    """The change of a row of the change log."""
    key = Key(row.kind, row.namespace, row.name)
    document = Document(key, row.version, vault.open(key, row.uid, row.stored))
    terms = None if row.type == EventType.DELETED else unpack(row.terms)
    return Change(row.version, document, terms, None if row.was_terms is None else unpack(row.was_terms))
