"""A shelf: Freight that was read, put in order once for every decision that looks through it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from argosy.clock import parse_rfc3339
from argosy.resources.meta import Document

NEVER_DISCOVERED = datetime.min.replace(tzinfo=UTC)


class Shelf:
    """Freight by origin, the newest first; none of it is parsed into models."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._by_name = {document.key.name: document for document in documents}
        by_origin: dict[str, list[Document]] = defaultdict(list)
        for document in self._by_name.values():
            by_origin[origin_of(document)].append(document)
        self._by_origin = {origin: sorted(found, key=age_of, reverse=True) for origin, found in by_origin.items()}
        self.aliases: Mapping[str, str] = {
            name: str(document.data.get("alias") or "") for name, document in self._by_name.items()
        }

    def newest_first(self, origin: str) -> Sequence[Document]:
        """Freight of an origin that is written as `Warehouse/<name>`."""
        return self._by_origin.get(origin, ())

    def named(self, name: str) -> Document | None:
        """Freight by its name."""
        return self._by_name.get(name)

    def called(self, word: str) -> Document | None:
        """Freight by its name or its alias."""
        by_alias = (self._by_name[name] for name, alias in self.aliases.items() if alias == word)
        return self._by_name.get(word) or next(by_alias, None)


def origin_of(document: Document) -> str:
    """Where Freight comes from, as `Warehouse/<name>`."""
    origin = document.data.get("origin") or {}
    return f"{origin.get('kind')}/{origin.get('name')}"


def age_of(document: Document) -> tuple[datetime, str]:
    """Sorts Freight: what was discovered later is greater."""
    discovered = document.data.get("discoveredAt") or document.meta.get("creationTimestamp")
    return parse_rfc3339(discovered) if discovered else NEVER_DISCOVERED, document.key.name
