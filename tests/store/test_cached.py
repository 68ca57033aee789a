"""What controllers read from memory is never older than what they wrote."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from argosy.errors import Conflict, Gone, NotFound, Unavailable
from argosy.resources.kinds import KINDS
from argosy.resources.meta import Document, Json, Key
from argosy.store.base import Event, EventType, Page, PatchType, Query, Store, Unreadable
from argosy.store.cached import FOLLOWED, Cached
from argosy.store.decorator import Decorator
from argosy.store.outage import Outages
from argosy.store.sql import open_store
from argosy.testing.clock import FakeClock, settle

DEV = Key("Stage", "p", "dev")


def stage(name: str = "dev", **meta: Any) -> dict[str, Any]:
    return {"kind": "Stage", "metadata": {"name": name, "namespace": "p", **meta}, "spec": {"shard": "east"}}


def freight(name: str, origin: str) -> dict[str, Any]:
    meta = {"name": name, "namespace": "p", "labels": {"from": origin}}
    return {"kind": "Freight", "metadata": meta, "alias": name, "origin": {"kind": "Warehouse", "name": origin}}


def note(text: str, **meta: Any) -> dict[str, Any]:
    return {"metadata": {"annotations": {"note": text}, **meta}}


class Distant(Decorator):
    """A store far away: its reads are counted, lists and watches may be held back, ended or refused, answers lost."""

    def __init__(self, inner: Store) -> None:
        super().__init__(inner)
        self.reads = 0
        self.is_away = False
        self.loses_answers = False
        self.older_by = 0
        self.before_deletion: Document | None = None
        self.flows = asyncio.Event()
        self.flows.set()
        self.answers = asyncio.Event()
        self.answers.set()
        self.versions = asyncio.Event()
        self.versions.set()
        self.asked_for_the_version = False
        self.trouble: Exception | None = None

    async def suffered(self) -> bool:
        """Whether the trouble has come to the watch."""
        return self.trouble is None

    async def is_asked_for_the_version(self) -> bool:
        return self.asked_for_the_version

    async def get(self, key: Key) -> Document:
        self.reads += 1
        return await super().get(key)

    async def list(self, query: Query, *, limit: int = 0, more: str = "") -> Page:
        if self.is_away:
            raise Unavailable("nobody there")
        await self.answers.wait()
        self.reads += 1
        page = await super().list(query, limit=limit, more=more)
        return Page(page.documents, page.version - self.older_by, page.more, page.remaining)

    async def version(self) -> int:
        if self.is_away:
            raise Unavailable("nobody there")
        newest = await super().version()
        self.asked_for_the_version = True
        await self.versions.wait()
        return newest

    async def watch(self, query: Query, *, since: int | None = None) -> AsyncGenerator[Event, None]:
        async with contextlib.aclosing(self._inner.watch(query, since=since)) as events:
            async for event in events:
                await self.flows.wait()
                if self.trouble is not None and query.kind == "Stage":
                    trouble, self.trouble = self.trouble, None
                    raise trouble
                yield event

    async def patch(
        self, key: Key, patch: Json, type: PatchType = PatchType.MERGE, *, status: bool = False, dry_run: bool = False
    ) -> Document:
        written = await self._inner.patch(key, patch, type, status=status, dry_run=dry_run)
        if self.loses_answers:
            raise Unavailable("the connection broke")
        return written

    async def create(self, document: Mapping[str, Json], *, dry_run: bool = False) -> Document:
        return await self._inner.create(document, dry_run=dry_run)

    async def delete(self, key: Key, **how: Any) -> Document:
        if self.before_deletion is not None:
            await self._inner.patch(key, {"metadata": {"finalizers": None}})
        deleted = await self._inner.delete(key, **how)
        return self.before_deletion or deleted

    async def update(self, document: Mapping[str, Json], *, status: bool = False, dry_run: bool = False) -> Document:
        return await self._inner.update(document, status=status, dry_run=dry_run)

    async def apply(self, document: Mapping[str, Json], how: Any, *, admit: Any = None) -> Document:
        return await self._inner.apply(document, how, admit=admit)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def kept(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Store]:
    """What others write through."""
    (tmp_path / "data").mkdir()
    store = open_store(f"sqlite:///{tmp_path}/data/a.db", KINDS, clock=clock, key_file=tmp_path / "keys")
    await store.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "p"}})
    await store.create(stage())
    yield store
    await store.close()


@pytest.fixture
def distant(kept: Store) -> Distant:
    return Distant(kept)


@pytest.fixture
def cached(distant: Distant, clock: FakeClock) -> Cached:
    return Cached(distant, KINDS, clock, Outages(clock))


@pytest.fixture
async def store(cached: Cached, distant: Distant) -> AsyncIterator[Cached]:
    """Follows, and has everything in memory."""
    running = asyncio.create_task(cached.run())
    for kind in FOLLOWED:
        await cached.list(Query(kind))
    distant.reads = 0
    yield cached
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """The database answers from threads of its own."""
    async with asyncio.timeout(10):
        while not await holds():  # noqa: ASYNC110
            await asyncio.sleep(0.002)


async def in_memory(store: Cached, distant: Distant, key: Key, clock: FakeClock | None = None) -> bool:
    """Whether a resource is there and the store need not be asked, after a second by a clock."""
    if clock is not None:
        await clock.advance(1)
    before = distant.reads
    with contextlib.suppress(NotFound):
        await store.get(key)
        return distant.reads == before
    return False


async def told(events: AsyncGenerator[Event, None], type: EventType, before: set[str] | None = None) -> Event:
    """The next event of a type; `before` is of what else must have been told until then."""
    names = set()
    async with asyncio.timeout(10):
        while (event := await anext(events)).type is not type:
            names.add(event.document.key.name if event.document else "")
    assert before is None or names == before
    return event


async def seen(store: Cached, kept: Store, text: str) -> None:
    """Others write, and the memory learns of it."""
    await kept.patch(DEV, note(text))

    async def arrived() -> bool:
        return (await store.get(DEV)).meta.get("annotations") == {"note": text}

    await until(arrived)


class TestReading:
    async def test_memory_answers_what_is_followed(self, store: Cached, distant: Distant) -> None:
        assert (await store.get(DEV)).data["spec"] == {"shard": "east"}
        assert [each.key for each in (await store.list(Query("Stage", "p"))).documents] == [DEV]
        with pytest.raises(NotFound, match=r'stages\.kargo\.akuity\.io "none" not found'):
            await store.get(Key("Stage", "p", "none"))
        assert distant.reads == 0

    async def test_secrets_and_pages_of_many_are_read_from_the_store(self, store: Cached, distant: Distant) -> None:
        assert "Secret" not in FOLLOWED
        await store.list(Query("Secret"))
        assert distant.reads == 1
        await store.list(Query("Stage"), limit=1)
        assert distant.reads == 1
        await store.create(stage("prod"))
        assert (await store.list(Query("Stage"), limit=1)).more

    async def test_before_it_follows_everything_is_read_from_the_store(self, cached: Cached, distant: Distant) -> None:
        await cached.get(DEV)
        await cached.list(Query("Stage"))
        assert distant.reads == 2

    async def test_lists_select_as_the_store_does(self, store: Cached, kept: Store) -> None:
        for number in range(6):
            await kept.create(freight(f"f{number}", "even" if number % 2 == 0 else "odd"))
        await kept.delete(Key("Freight", "p", "f4"))
        await store.patch(Key("Freight", "p", "f0"), {"metadata": {"labels": {"from": "zero"}}})

        async def arrived() -> bool:
            return len((await store.list(Query("Freight"))).documents) == 5

        await until(arrived)
        for query in (
            Query("Freight"),
            Query("Freight", "q"),
            Query("Freight", "p", fields={"origin.name": "even"}),
            Query("Freight", "p", fields={"origin.name": "even", "alias": "f2"}),
            Query("Freight", "p", fields={"alias": "f3"}),
            Query("Freight", fields={"origin.name": "odd"}),
            Query("Freight", "p", excluded={"origin.name": "odd"}),
        ):
            expected = [each.raw for each in (await kept.list(query)).documents]
            assert [each.raw for each in (await store.list(query)).documents] == expected

    async def test_whoever_is_told_of_a_change_reads_it(self, store: Cached, kept: Store, distant: Distant) -> None:
        events = store.watch(Query("Stage"), since=await store.version())
        for number in range(20):
            await kept.patch(DEV, note(str(number)))
        for _ in range(20):
            event = await told(events, EventType.MODIFIED)
            assert (await store.get(DEV)).version >= event.version
        assert distant.reads == 0
        await events.aclose()

    async def test_who_watches_from_a_version_that_is_not_in_memory_yet_is_told_what_comes(
        self, store: Cached, distant: Distant, kept: Store
    ) -> None:
        distant.flows.clear()
        changed = await kept.patch(DEV, note("theirs"))
        events = store.watch(Query("Stage"), since=await store.version())
        first = asyncio.ensure_future(told(events, EventType.MODIFIED))
        await settle()
        distant.flows.set()
        assert (await first).version == changed.version
        await events.aclose()


class TestOwnWrites:
    async def test_are_read_though_the_watch_has_not_told_of_them(self, store: Cached, distant: Distant) -> None:
        distant.flows.clear()
        await store.patch(DEV, note("mine"))
        assert (await store.get(DEV)).meta["annotations"] == {"note": "mine"}
        await store.create(stage("prod"))
        assert len((await store.list(Query("Stage"))).documents) == 2
        assert distant.reads == 2
        distant.flows.set()
        await seen(store, distant, "theirs")
        distant.reads = 0
        assert len((await store.list(Query("Stage"))).documents) == 2
        assert distant.reads == 0

    async def test_are_present_when_a_watch_begins(self, store: Cached, distant: Distant) -> None:
        distant.flows.clear()
        await store.create(stage("prod"))
        events = store.watch(Query("Stage"))
        first = asyncio.ensure_future(told(events, EventType.BOOKMARK, {"dev", "prod"}))
        await settle()
        distant.flows.set()
        await first
        await events.aclose()

    async def test_keep_nobody_from_reading_other_resources(self, store: Cached, distant: Distant) -> None:
        await seen(store, distant, "now")
        distant.flows.clear()
        await store.create(stage("prod"))
        distant.reads = 0
        await store.get(DEV)
        await store.list(Query("Warehouse"))
        assert distant.reads == 0

    async def test_what_was_deleted_is_gone(self, store: Cached, distant: Distant) -> None:
        distant.flows.clear()
        await store.delete(DEV)
        with pytest.raises(NotFound):
            await store.get(DEV)
        assert not (await store.list(Query("Stage"))).documents
        again = await store.create(stage())
        assert (await store.get(DEV)).uid == again.uid

    async def test_what_waits_for_its_finalizers_goes_with_the_last(self, store: Cached, distant: Distant) -> None:
        await store.patch(DEV, {"metadata": {"finalizers": ["a.b/c"]}})
        distant.flows.clear()
        await store.delete(DEV)
        assert (await store.get(DEV)).meta["deletionTimestamp"]
        await store.patch(DEV, {"metadata": {"finalizers": None}})
        with pytest.raises(NotFound):
            await store.get(DEV)

    async def test_what_lost_its_finalizers_just_before_it_was_deleted_is_gone(
        self, store: Cached, distant: Distant, kept: Store
    ) -> None:
        """The cluster answers without the resource then, and the store with what it was before."""
        held = await kept.patch(DEV, {"metadata": {"finalizers": ["a.b/c"]}})
        await until(lambda: in_memory(store, distant, DEV))
        await seen(store, distant, "now")
        distant.flows.clear()
        distant.before_deletion = held
        await store.delete(DEV)
        with pytest.raises(NotFound):
            await store.get(DEV)

    async def test_of_which_the_answer_was_lost_are_read(self, store: Cached, distant: Distant) -> None:
        distant.flows.clear()
        distant.loses_answers = True
        with pytest.raises(Unavailable):
            await store.patch(DEV, note("done nevertheless"))
        assert (await store.get(DEV)).meta["annotations"] == {"note": "done nevertheless"}

    async def test_that_fail_while_another_is_looked_into_are_looked_into_as_well(
        self, store: Cached, distant: Distant
    ) -> None:
        events = store.watch(Query("Stage"))
        await told(events, EventType.BOOKMARK)
        distant.loses_answers = True
        with pytest.raises(Unavailable):
            await store.patch(DEV, note("first"))
        await told(events, EventType.MODIFIED)
        await events.aclose()
        distant.flows.clear()
        distant.asked_for_the_version = False
        distant.versions.clear()
        reading = asyncio.ensure_future(store.get(DEV))
        await until(distant.is_asked_for_the_version)
        with pytest.raises(Unavailable):
            await store.patch(DEV, note("second"))
        distant.versions.set()
        await reading
        assert (await store.get(DEV)).meta["annotations"] == {"note": "second"}

    async def test_that_compare_an_old_version_are_told_the_newest(
        self, store: Cached, distant: Distant, kept: Store
    ) -> None:
        distant.flows.clear()
        old = await store.get(DEV)
        new = await kept.patch(DEV, note("theirs"))
        with pytest.raises(Conflict):
            await store.patch(DEV, note("mine", resourceVersion=str(old.version)))
        assert (await store.get(DEV)).version == new.version


class TestTrouble:
    async def test_what_a_watch_has_missed_is_told_by_a_new_list(
        self, store: Cached, distant: Distant, kept: Store, clock: FakeClock
    ) -> None:
        await kept.create(stage("old"))
        await until(lambda: in_memory(store, distant, Key("Stage", "p", "old")))
        events = store.watch(Query("Stage"))
        await told(events, EventType.BOOKMARK)
        distant.flows.clear()
        distant.trouble = Gone("too old")
        await kept.patch(DEV, note("missed"))
        await kept.create(stage("new"))
        await kept.delete(Key("Stage", "p", "old"))
        distant.flows.set()
        await until(distant.suffered)
        await until(lambda: in_memory(store, distant, Key("Stage", "p", "new"), clock))
        changes = {(event.type, event.document.key.name) async for event in _some(events, 3) if event.document}
        assert changes == {(EventType.MODIFIED, "dev"), (EventType.ADDED, "new"), (EventType.DELETED, "old")}
        await events.aclose()

    @pytest.mark.parametrize("trouble", [Unreadable("it may not watch"), Gone("too old")], ids=["denied", "gone"])
    async def test_while_nothing_is_told_everything_is_read_from_the_store(
        self, store: Cached, distant: Distant, kept: Store, clock: FakeClock, trouble: Exception
    ) -> None:
        """An account may list and not watch; or what is in memory is to be read anew."""
        distant.trouble = trouble
        await kept.patch(DEV, note("wakes the watch"))
        await until(distant.suffered)
        await settle()
        distant.reads = 0
        new = await kept.patch(DEV, note("unheard"))
        assert (await store.get(DEV)).version == new.version
        assert len((await store.list(Query("Stage"))).documents) == 1
        assert distant.reads == 2
        await until(lambda: in_memory(store, distant, DEV, clock))
        assert (await store.get(DEV)).version == new.version

    async def test_a_cluster_that_was_restored_is_looked_at_anew(
        self, store: Cached, distant: Distant, kept: Store, clock: FakeClock
    ) -> None:
        events = store.watch(Query("Stage"))
        await told(events, EventType.BOOKMARK)
        distant.older_by = 2
        distant.trouble = Gone("in the future")
        await kept.patch(DEV, note("wakes the watch"))
        await until(distant.suffered)
        await settle()
        waiting = asyncio.ensure_future(told(events, EventType.DELETED))
        await clock.advance(2)
        with pytest.raises(Gone):
            await waiting

    async def test_a_store_that_is_away_at_the_start_is_waited_for(
        self, cached: Cached, distant: Distant, clock: FakeClock, caplog: pytest.LogCaptureFixture
    ) -> None:
        distant.is_away = True
        running = asyncio.create_task(cached.run())
        await settle()
        with pytest.raises(Unavailable):
            await cached.list(Query("Stage"))
        with pytest.raises(Unavailable):
            await anext(cached.watch(Query("Stage")))
        await clock.advance(5)
        assert len(caplog.records) == 1
        distant.is_away = False
        await clock.advance(2)

        async def is_there() -> bool:
            with contextlib.suppress(Unavailable):
                return [each.key for each in (await cached.list(Query("Stage"))).documents] == [DEV]
            return False

        await until(is_there)

        async def is_told() -> bool:
            async with contextlib.aclosing(cached.watch(Query("Stage"))) as events:
                with contextlib.suppress(Unavailable):
                    return (await told(events, EventType.ADDED)).document is not None
            return False

        await until(is_told)
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        distant.reads = 0
        await cached.get(DEV)
        assert distant.reads == 1

    async def test_who_watches_from_before_the_first_list_is_told_what_came_between(
        self, cached: Cached, distant: Distant, kept: Store
    ) -> None:
        """As controllers do, which ask for the version first; what they read meanwhile may be older than that list."""
        distant.flows.clear()
        distant.answers.clear()
        running = asyncio.create_task(cached.run())
        await settle()
        since = await cached.version()
        changed = await kept.patch(DEV, note("between"))
        await kept.create(stage("prod"))
        distant.answers.set()
        assert len((await cached.list(Query("Stage"))).documents) == 2
        events = cached.watch(Query("Stage"), since=since)
        first = asyncio.ensure_future(told(events, EventType.MODIFIED))
        await settle()
        distant.flows.set()
        assert (await first).version == changed.version
        assert (await told(events, EventType.ADDED)).document is not None
        await events.aclose()
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


async def _some(events: AsyncGenerator[Event, None], many: int) -> AsyncIterator[Event]:
    async with asyncio.timeout(10):
        for _ in range(many):
            yield await anext(events)
