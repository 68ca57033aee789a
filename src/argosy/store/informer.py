"""Keeps in memory what a store has of one kind, fed by a watch: what Kubernetes' client-go calls an informer.

What it holds is the state of its kind at one version, `reached`. A watcher of an informer is told of a change after the
informer has it, so who is told and then reads sees that change or later ones.
"""

from __future__ import annotations

import asyncio
import bisect
import contextlib
from collections import defaultdict, deque
from collections.abc import AsyncGenerator, Iterator, Sequence

import orjson

from argosy.clock import Clock
from argosy.errors import Gone, Unavailable
from argosy.resources.kind import Kind
from argosy.resources.meta import Document, Key
from argosy.store.base import Event, EventType, Page, Query, Store
from argosy.store.change import Change
from argosy.store.outage import Outages
from argosy.store.selection import Terms, matches, terms_of
from argosy.store.watching import Hub, watch

RETRY_EVERY = 1.0
"""Seconds between two tries while the store is unavailable."""

LOG = 2000
_AT_ONCE = 200
"""Documents taken up before others may run."""


class Informer:
    """Follows one kind in all namespaces. Belongs to one event loop.

    Args:
        indexed: the fields of the kind that lists are asked by; lists by others look at every document.
        log_length: how many changes are kept for watchers that begin earlier than now, or fall behind.

    Attributes:
        reached: the version whose state is held.
        is_current: whether the store tells what changes.
        asked: set once the first list was read, or could not be.
    """

    def __init__(
        self,
        store: Store,
        kind: Kind,
        clock: Clock,
        outages: Outages,
        *,
        indexed: Sequence[str] = (),
        log_length: int = LOG,
    ) -> None:
        self._store = store
        self._kind = kind
        self._clock = clock
        self._outages = outages
        self._indexed = frozenset(indexed)
        self._documents: dict[Key, Document] = {}
        self._places: dict[tuple[str, ...], set[Key]] = defaultdict(set)
        self._log: deque[Change] = deque()
        self._log_length = log_length
        self._since = 0
        self._hub = Hub(clock, 0)
        self._trouble: Unavailable | None = None
        self._moved = asyncio.Event()
        self.reached = 0
        self.is_current = False
        self.asked = asyncio.Event()

    async def run(self, since: int) -> None:
        """Follow until cancelled; watchers may ask for changes after `since` then."""
        try:
            while True:
                listed = await self._list()
                begin = min(since, listed) if since else listed
                since = 0
                self._log.clear()
                # What lies between is told again, to those who watch from before the list.
                self._since = self._hub.version = begin
                with contextlib.suppress(Gone):
                    await self._follow(begin)
                self.is_current = False
                await self._clock.sleep(RETRY_EVERY)
        finally:
            self.is_current = False
            self._hub.close()
            self.asked.set()
            self._moved.set()

    def fail(self, error: Unavailable) -> None:
        """Nothing can be read now: until it can, watchers are told why, and nobody waits."""
        self._trouble = error
        self.asked.set()

    async def moved(self) -> None:
        """Return once a later version was reached, or nothing is followed any more."""
        await self._moved.wait()

    def find(self, key: Key) -> Document | None:
        """The document at a key, as it is at `reached`."""
        found = self._documents.get(key)
        return None if found is None else _bare(found)

    def select(self, query: Query) -> Page:
        """All documents of a query, as they are at `reached`."""
        return Page([*self._selected(query)], self.reached)

    async def watch(self, query: Query, since: int | None) -> AsyncGenerator[Event, None]:
        """As `Store.watch`; and it may tell again of what was before `since`, when that is newer than `reached`.

        Raises Unavailable when nothing could be read yet.
        """
        if self._trouble is not None:
            raise self._trouble
        if since is not None and since > self.reached and since > (newest := await self._store.version()):
            raise Gone(f"version {since} is in the future: the newest is {newest}", advice="List again.")
        # What is between `reached` and a newer `since` is news to whoever reads here.
        begin = None if since is None else min(since, self.reached)
        told = self._earlier(query, begin) if begin is not None and begin < self._since else self._later(query, begin)
        async with contextlib.aclosing(told) as events:
            async for event in events:
                yield event

    def _later(self, query: Query, since: int | None) -> AsyncGenerator[Event, None]:
        async def read_page() -> Page:
            return self.select(query)

        return watch(self._hub, query, since, read_page=read_page, read_log=self._read_log)

    async def _earlier(self, query: Query, since: int) -> AsyncGenerator[Event, None]:
        """The store's own watch for whoever begins before the log does, told no sooner than the informer is."""
        async with contextlib.aclosing(self._store.watch(query, since=since)) as events:
            async for event in events:
                while event.document is not None and self.reached < event.version:
                    await self._moved.wait()
                yield event

    async def _read_log(self, _kind: str, since: int) -> tuple[Sequence[Change], int, bool]:
        if since < self._since or since > self.reached:
            raise Gone(f"version {since} is not of this log, which begins at {self._since}", advice="List again.")
        changes = [*self._log]
        later = changes[bisect.bisect_right(changes, since, key=lambda each: each.version) :]
        return later, max(since, self._hub.version), True

    async def _list(self) -> int:
        """Read everything, tell watchers what differs from before, and return the version that it is of."""
        while True:
            try:
                page = await self._store.list(Query(self._kind.name))
                break
            except Unavailable as error:
                self._outages.tell(f"listing {self._kind.plural}", error)
                self.fail(error)
                await self._clock.sleep(RETRY_EVERY)
        await self._replace(page)
        self._trouble = None
        self.asked.set()
        return page.version

    async def _replace(self, page: Page) -> None:
        before, changes = dict(self._documents), []
        is_first = not self.asked.is_set()  # then there is nobody to tell
        is_older = page.version < self.reached  # of a cluster that was restored
        for number, document in enumerate(page.documents):
            was = before.pop(document.key, None)
            if was is None or was.version != document.version:
                change = self._set(document, document.version)
                if not is_first:
                    changes.append(change)
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)
        changes += [self._unset(left, page.version) for left in before.values()]
        self.reached = page.version
        if is_older:
            self._hub.catch_up()
        elif changes:
            self._hub.publish(sorted(changes, key=lambda each: each.version))
        self._hub.version = page.version
        self._reach(page.version)
        self.is_current = True

    def _reach(self, version: int) -> None:
        self.reached = version
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    async def _follow(self, since: int) -> None:
        """Take up every change after a version. Raises Gone when the store cannot tell them all."""
        while True:
            events = self._store.watch(Query(self._kind.name), since=since)
            try:
                async for event in events:
                    since = max(since, event.version)
                    self._take(event)
            except Unavailable as error:
                self._outages.tell(f"watching {self._kind.plural}", error)
                self.is_current = False  # nobody knows what is missed, or for how long: say for want of a right
            finally:
                await events.aclose()
            await self._clock.sleep(RETRY_EVERY)

    def _take(self, event: Event) -> None:
        document = event.document
        if document is not None:
            change = self._change(event.type, document, event.version)
            self.reached = max(self.reached, event.version)
            self._note(change)
            self._hub.publish([change])
        self._hub.version = max(self._hub.version, event.version)
        self._reach(max(self.reached, event.version))
        self.is_current = True

    def _note(self, change: Change) -> None:
        if len(self._log) == self._log_length:
            self._since = self._log.popleft().version
        self._log.append(change)

    def _change(self, type: EventType, document: Document, version: int) -> Change:
        if version <= self.reached:
            # The list had it already. Watchers that began before the list have not.
            terms = self._terms(document)
            now, was = None if type is EventType.DELETED else terms, None if type is EventType.ADDED else terms
            return Change(version, _bare(document), now, was)
        if type is EventType.DELETED:
            return self._unset(document, version)
        return self._set(document, version)

    def _set(self, document: Document, version: int) -> Change:
        kept = _bare(document)
        was, terms = self._forget(document.key), self._terms(document)
        self._documents[kept.key] = kept
        for place in self._at(kept.key, terms):
            self._places[place].add(kept.key)
        return Change(version, kept, terms, was)

    def _unset(self, document: Document, version: int) -> Change:
        was = self._forget(document.key)
        return Change(version, _bare(document), None, self._terms(document) if was is None else was)

    def _forget(self, key: Key) -> Terms | None:
        """Take a document away; the terms it was found by, None when it was not there."""
        kept = self._documents.pop(key, None)
        if kept is None:
            return None
        terms = self._terms(kept)
        for place in self._at(key, terms):
            self._places[place].discard(key)
            if not self._places[place]:
                del self._places[place]
        return terms

    def _terms(self, document: Document) -> Terms:
        # Parsed here and not by the document, which would keep it: of thousands in a list that is a lot.
        return terms_of(orjson.loads(document.raw), self._kind)

    def _at(self, key: Key, terms: Terms) -> Iterator[tuple[str, ...]]:
        """Under what a document is looked for."""
        yield (key.namespace,)
        for path, value in terms:
            if path in self._indexed:
                yield (key.namespace, path, value)

    def _selected(self, query: Query) -> Iterator[Document]:
        place, asked = self._place(query)
        keys = self._documents.keys() if place is None else self._places.get(place, ())
        for key in sorted(keys, key=lambda each: (each.namespace, each.name)):
            document = self._documents[key]
            if not asked or matches(query, key, self._terms(document)):
                yield _bare(document)

    def _place(self, query: Query) -> tuple[tuple[str, ...] | None, bool]:
        """Where to look for what a query selects, and whether more is asked than what lies there fulfils."""
        more = len(query.fields) + len(query.excluded) + len(query.labels)
        if query.namespace is None:
            return None, more > 0
        for path, value in query.fields.items():
            if path in self._indexed and value:
                return (query.namespace, path, value), more > 1
        return (query.namespace,), more > 0


def _bare(document: Document) -> Document:
    """The document without what was parsed of it: who parses one keeps that, and thousands would pile up here."""
    return Document(document.key, document.version, document.raw)
