"""Signals: who wants to be looked at when something outside of the store changes.

A subject is a name for such a thing, given by the client that follows it. Keys listen to subjects; what follows a
client tells of changes; controllers queue the keys. A change between a look and the listening that follows it is not
lost: who listens says when the look began.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

from argosy.resources.meta import Key


class Signals:
    """Belongs to one event loop."""

    def __init__(self) -> None:
        self._subjects: dict[Key, frozenset[str]] = {}
        self._listeners: dict[str, set[Key]] = defaultdict(set)
        self._told: dict[str, int] = {}
        self._count = 0
        self._queues: dict[str, Callable[[Key], None]] = {}

    def attach(self, kind: str, add: Callable[[Key], None]) -> None:
        """From now on, keys of a kind that are to be looked at go to `add`."""
        self._queues[kind] = add

    @property
    def mark(self) -> int:
        """A moment: take it before a look."""
        return self._count

    def listen(self, key: Key, subjects: Iterable[str], since: int) -> None:
        """From now on, `key` is looked at when any of `subjects`, and nothing else, changes; at once if one of them
        has changed after the moment `since`."""
        wanted = frozenset(subjects)
        before = self._subjects.pop(key, frozenset())
        for subject in before - wanted:
            self._listeners[subject].discard(key)
            if not self._listeners[subject]:
                del self._listeners[subject]
        for subject in wanted - before:
            self._listeners[subject].add(key)
        if wanted:
            self._subjects[key] = wanted
        if any(self._told.get(subject, 0) > since for subject in wanted):
            self._add(key)

    def tell(self, *subjects: str) -> None:
        """These have changed."""
        self._count += 1
        for subject in subjects:
            self._told[subject] = self._count
        for key in sorted({key for subject in subjects for key in self._listeners.get(subject, ())}):
            self._add(key)

    def _add(self, key: Key) -> None:
        add = self._queues.get(key.kind)
        if add is not None:
            add(key)
