"""A controller turns for every change that matters, and for no other."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from argosy.errors import Conflict, Gone, Invalid, Temporary, Unavailable
from argosy.resources.kinds import KINDS
from argosy.resources.meta import Document, Key
from argosy.resources.secret import Secret
from argosy.runtime.change import Changes, Outcome
from argosy.runtime.controller import Controller, Watch, existence
from argosy.store.base import Event, Query, Store
from argosy.store.sql import SqlStore, open_store
from argosy.testing.clock import FakeClock, settle

DEV = Key("Stage", "p", "dev")


def stage(name: str = "dev", **meta: Any) -> dict[str, Any]:
    return {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "Stage",
        "metadata": {"name": name, "namespace": "p", **meta},
        "spec": {"requestedFreight": [{"origin": {"kind": "Warehouse", "name": "w"}, "sources": {"direct": True}}]},
    }


def config_map(name: str, **data: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": "p"},
        "data": data,
    }


@dataclass
class Turns:
    """A reconcile that notes each turn and does as it was told."""

    keys: list[Key] = field(default_factory=list)
    answer: Callable[[Key], Outcome] = lambda key: Outcome()

    async def __call__(self, key: Key) -> Outcome:
        self.keys.append(key)
        return self.answer(key)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def store(tmp_path: Path, clock: FakeClock) -> AsyncIterator[SqlStore]:
    (tmp_path / "data").mkdir()
    url = f"sqlite:///{tmp_path / 'data' / 'argosy.db'}"
    store = open_store(url, KINDS, clock=clock, key_file=tmp_path / "keys" / "keys")
    await store.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "p"}})
    yield store
    await store.close()


@pytest.fixture
def turns() -> Turns:
    return Turns()


Begin = Callable[..., Controller]
Start = Callable[..., Awaitable[Controller]]


@pytest.fixture
async def begin(store: SqlStore, clock: FakeClock, turns: Turns) -> AsyncIterator[Begin]:
    """Begins controllers, and ends them with the test."""
    running: list[asyncio.Task[None]] = []

    def one(watches: Sequence[Watch] = (), through: Store | None = None, **options: Any) -> Controller:
        controller = Controller("Stage", through or store, clock, options.pop("turns", turns), watches, 2, **options)
        running.append(asyncio.create_task(controller.run()))
        return controller

    yield one
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


@pytest.fixture
def start(begin: Begin) -> Start:
    """Begins a controller and waits until it has nothing left to do."""

    async def one(*args: Any, **kwargs: Any) -> Controller:
        controller = begin(*args, **kwargs)
        await until(controller.started.is_set)
        await idle(controller)
        return controller

    return one


async def until(holds: Callable[[], bool]) -> None:
    """Let the store's threads and all tasks work until something holds; fails after five seconds."""
    for _ in range(5_000):
        if holds():
            return
        await asyncio.sleep(0.001)
    raise AssertionError("it never came to be")


async def idle(controller: Controller) -> None:
    """Wait until the controller has seen everything that was written, and has nothing left to do."""
    await asyncio.sleep(0.02)
    await until(lambda: controller.queue.idle)
    await settle()


async def test_everything_present_is_looked_at_once(store: SqlStore, start: Start, turns: Turns) -> None:
    for name in ("a", "b"):
        await store.create(stage(name))
    await start()
    assert sorted(key.name for key in turns.keys) == ["a", "b"]


async def test_creation_change_and_deletion_are_looked_at(store: SqlStore, start: Start, turns: Turns) -> None:
    controller = await start()
    await store.create(stage())
    await idle(controller)
    await store.patch(DEV, {"metadata": {"annotations": {"kargo.akuity.io/refresh": "1"}}})
    await idle(controller)
    await store.patch(DEV, {"spec": {"shard": "s"}})
    await idle(controller)
    await store.delete(DEV)
    await idle(controller)
    assert turns.keys == [DEV] * 4


async def test_writing_its_own_status_calls_for_no_further_turn(store: SqlStore, start: Start, turns: Turns) -> None:
    def answer(key: Key) -> Outcome:
        changes = Changes()
        changes.merge_status(key, {"freightSummary": f"turn {len(turns.keys)}"})
        return changes.outcome()

    turns.answer = answer
    await store.create(stage())
    controller = await start()
    await idle(controller)
    assert (await store.get(DEV)).data["status"] == {"freightSummary": "turn 1"}
    assert turns.keys == [DEV]


async def test_a_resource_deleted_and_made_anew_is_looked_at(store: SqlStore, start: Start, turns: Turns) -> None:
    controller = await start()
    for _ in range(2):
        await store.create(stage())
        await idle(controller)
        await store.delete(DEV)
        await idle(controller)
    assert turns.keys == [DEV] * 4


async def test_it_comes_back_when_the_outcome_says(
    store: SqlStore, start: Start, turns: Turns, clock: FakeClock
) -> None:
    turns.answer = lambda key: Outcome(again_after=30)
    await store.create(stage())
    await start()
    await clock.advance(29)
    assert turns.keys == [DEV]
    await clock.advance(1)
    assert turns.keys == [DEV, DEV]


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(Temporary("x", after=0.5), id="temporary trouble"),
        pytest.param(Invalid("x"), id="an error of ours"),
        pytest.param(Conflict("x"), id="a conflict"),
        pytest.param(ZeroDivisionError("a bug"), id="a bug"),
    ],
)
async def test_after_an_error_it_tries_again_later_and_never_in_a_tight_loop(
    error: Exception, store: SqlStore, start: Start, turns: Turns, clock: FakeClock
) -> None:
    def answer(key: Key) -> Outcome:
        if len(turns.keys) < 3:
            raise error
        return Outcome()

    turns.answer = answer
    await store.create(stage())
    controller = await start()
    assert turns.keys == [DEV]
    await clock.advance(0.5)
    await idle(controller)
    assert turns.keys == [DEV] * 2
    await clock.advance(1)
    await idle(controller)
    assert turns.keys == [DEV] * 3
    await clock.advance(600)
    await idle(controller)
    assert turns.keys == [DEV] * 3


async def test_what_is_not_understood_is_told_in_one_line_without_its_values(
    store: SqlStore, start: Start, turns: Turns, caplog: pytest.LogCaptureFixture
) -> None:
    def answer(key: Key) -> Outcome:
        Secret.model_validate({"metadata": {"name": "s"}, "data": {"password": ["hunter2"]}})
        return Outcome()

    turns.answer = answer
    await store.create(stage())
    await idle(await start())
    (record,) = [each for each in caplog.records if each.name == "argosy.runtime.controller"]
    assert "Stage p/dev" in record.getMessage()
    assert "Secret: data.password" in record.getMessage()
    assert (record.exc_info, "hunter2" in record.getMessage()) == (None, False)


async def of_map(document: Document) -> Iterable[Key]:
    return [DEV]


async def test_what_was_there_before_the_start_concerns_nobody_and_later_changes_do(
    store: SqlStore, start: Start, turns: Turns
) -> None:
    await store.create(config_map("m", a="1"))
    controller = await start([Watch(Query("ConfigMap"), of_map)])
    assert turns.keys == []
    await store.patch(Key("ConfigMap", "p", "m"), {"data": {"a": "2"}})
    await idle(controller)
    assert turns.keys == [DEV]


async def test_only_one_namespace_counts_where_one_is_named(store: SqlStore, start: Start, turns: Turns) -> None:
    await store.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "q"}})
    await store.create(stage(namespace="q"))
    await store.create(stage())
    controller = await start(namespace="p")
    await store.create(stage("late", namespace="q"))
    await store.create(stage("late"))
    await idle(controller)
    assert turns.keys == [DEV, Key("Stage", "p", "late")]


async def test_what_matters_of_its_own_kind_can_be_told(store: SqlStore, start: Start, turns: Turns) -> None:
    await store.create(stage())
    controller = await start(matters=lambda document: document.data.get("status"))
    await store.patch(DEV, {"spec": {"shard": "s"}})
    await idle(controller)
    assert turns.keys == [DEV]
    await store.patch(DEV, {"status": {"freightSummary": "x"}}, status=True)
    await idle(controller)
    assert turns.keys == [DEV, DEV]


async def test_a_watch_passes_over_what_does_not_matter(store: SqlStore, start: Start, turns: Turns) -> None:
    async def change(**data: str) -> int:
        await store.patch(Key("ConfigMap", "p", "m"), {"data": data})
        await idle(controller)
        return len(turns.keys)

    controller = await start([Watch(Query("ConfigMap"), of_map, matters=lambda document: document.data["data"]["a"])])
    await store.create(config_map("m", a="1", b="1"))
    await idle(controller)
    assert len(turns.keys) == 1
    assert await change(b="2") == 1
    assert await change(a="2") == 2
    assert await change(b="3") == 2
    await store.delete(Key("ConfigMap", "p", "m"))
    await idle(controller)
    assert len(turns.keys) == 3


async def test_a_watch_of_existence_hears_of_coming_and_going_alone(
    store: SqlStore, start: Start, turns: Turns
) -> None:
    controller = await start([Watch(Query("ConfigMap"), of_map, matters=existence)])
    await store.create(config_map("m", a="1"))
    await idle(controller)
    await store.patch(Key("ConfigMap", "p", "m"), {"data": {"a": "2"}})
    await idle(controller)
    assert len(turns.keys) == 1
    await store.delete(Key("ConfigMap", "p", "m"))
    await idle(controller)
    assert len(turns.keys) == 2


class Troubled:
    """A store in front of another that fails as told: the next reads of a kind raise."""

    def __init__(self, inner: Store) -> None:
        self._inner = inner
        self.errors: list[Exception] = []
        self.breaks_after_first = False
        self.watched: list[tuple[str, int | None]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def version(self) -> int:
        self._maybe()
        return await self._inner.version()

    def watch(self, query: Query, *, since: int | None = None) -> AsyncGenerator[Event, None]:
        self.watched.append((query.kind, since))
        return self._watch(query, since)

    async def _watch(self, query: Query, since: int | None) -> AsyncGenerator[Event, None]:
        self._maybe()
        async for event in self._inner.watch(query, since=since):
            yield event
            if self.breaks_after_first:
                self.breaks_after_first = False
                raise Unavailable("lost")
            self._maybe()

    def _maybe(self) -> None:
        if self.errors:
            raise self.errors.pop(0)


async def test_an_unavailable_store_is_waited_for(
    store: SqlStore, clock: FakeClock, turns: Turns, begin: Begin
) -> None:
    await store.create(stage())
    troubled = Troubled(store)
    troubled.errors = [Unavailable("busy"), Unavailable("busy")]
    controller = begin(through=troubled)
    for _ in range(2):
        await settle()
        assert turns.keys == []
        await clock.advance(1)
    await until(controller.started.is_set)
    await idle(controller)
    assert turns.keys == [DEV]


async def test_a_list_that_broke_off_is_read_again_from_its_start(
    store: SqlStore, clock: FakeClock, turns: Turns, begin: Begin
) -> None:
    await store.create(stage("z"))
    await store.create(stage("a"))  # listed first, though its version is the newer one
    troubled = Troubled(store)
    troubled.breaks_after_first = True
    controller = begin(through=troubled)
    await until(lambda: not troubled.breaks_after_first)
    await settle()
    await clock.advance(1)
    await until(controller.started.is_set)
    await idle(controller)
    assert troubled.watched == [("Stage", None), ("Stage", None)]
    assert {key.name for key in turns.keys} == {"a", "z"}


async def test_a_store_that_is_closed_is_asked_again_at_times_only(
    store: SqlStore, clock: FakeClock, start: Start
) -> None:
    troubled = Troubled(store)
    await start(through=troubled)
    await store.close()
    await asyncio.sleep(0.02)
    asked = len(troubled.watched)
    for _ in range(3):
        await clock.advance(1)
        await asyncio.sleep(0.02)
    assert len(troubled.watched) - asked == 3


async def test_a_watch_that_fell_too_far_behind_has_everything_looked_at(
    store: SqlStore, start: Start, turns: Turns
) -> None:
    await store.create(stage())
    troubled = Troubled(store)
    controller = await start([Watch(Query("ConfigMap"), of_map)], through=troubled)
    assert turns.keys == [DEV]
    troubled.errors = [Gone("too old")]
    await store.create(config_map("m"))
    await until(lambda: not troubled.errors)
    await until(lambda: len(turns.keys) >= 3)  # told by the event, and once for what may have been missed
    await idle(controller)
    assert set(turns.keys) == {DEV}


async def test_an_unavailable_store_loses_no_relation(
    store: SqlStore, start: Start, turns: Turns, clock: FakeClock
) -> None:
    errors: list[Exception] = [Unavailable("busy")]

    async def related(document: Document) -> Iterable[Key]:
        if errors:
            raise errors.pop()
        return [DEV]

    controller = await start([Watch(Query("ConfigMap"), related)])
    await store.create(config_map("m"))
    await until(lambda: not errors)
    await settle()
    assert turns.keys == []
    await clock.advance(1)
    await idle(controller)
    assert turns.keys == [DEV]


async def test_a_relation_with_a_bug_ends_nothing(
    store: SqlStore, start: Start, turns: Turns, caplog: pytest.LogCaptureFixture
) -> None:
    async def related(document: Document) -> Iterable[Key]:
        raise ZeroDivisionError("a bug")

    controller = await start([Watch(Query("ConfigMap"), related)])
    await store.create(config_map("m"))
    await store.create(stage())
    await idle(controller)
    assert turns.keys == [DEV]
    assert "finding what ConfigMap p/m concerns" in caplog.text


async def test_turns_that_wait_long_keep_no_other_from_beginning(
    store: SqlStore, begin: Begin, clock: FakeClock
) -> None:
    begun: list[str] = []
    answered = asyncio.Event()

    async def wait(key: Key) -> Outcome:
        begun.append(key.name)
        await answered.wait()
        return Outcome()

    for number in range(4):
        await store.create(stage(f"slow-{number}"))
    controller = begin(turns=wait, patience=0.5)
    await until(lambda: len(begun) == 2)
    await settle()
    assert len(begun) == 2
    await clock.advance(0.5)
    await until(lambda: len(begun) == 4)
    # Each of them is still worked on, so that a change comes after and not beside it.
    await store.patch(Key("Stage", "p", "slow-0"), {"metadata": {"labels": {"a": "b"}}})
    await clock.advance(0.5)
    assert len(begun) == 4
    answered.set()
    await until(lambda: begun.count("slow-0") == 2)
    await idle(controller)
    assert len(begun) == 5
