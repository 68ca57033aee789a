"""The SQL store against a model of it: any sequence of writes leaves both in the same state."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from tests.store.store_case import audit, database, namespace, open_at, ship

from argosy.errors import AlreadyExists, Conflict, Denied, Invalid, NotFound
from argosy.resources.meta import Key
from argosy.store.base import Event, EventType, Operator, Query, Requirement
from argosy.store.sql import SqlStore
from argosy.store.watching import QUEUE
from argosy.testing.clock import FakeClock

NAMES = st.sampled_from(["a", "b", "c"])
PORTS = st.sampled_from(["kiel", "ulm", ""])
LABELS = st.dictionaries(st.sampled_from(["tier", "x"]), st.sampled_from(["front", "back"]), max_size=2)
FINALIZER = "example.org/hold"
Model = dict[str, dict[str, Any]]


class StoreMachine(RuleBasedStateMachine):
    """Ships in one namespace: created, changed, held by finalizers, owned by each other, deleted."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.runner = asyncio.Runner()
        self.store = self.run(self.open())
        self.model: Model = {}
        self.run(self.store.create(namespace()))
        self.start = self.run(self.store.version())
        self.writes = 0

    async def open(self) -> SqlStore:
        return open_at(self.folder, FakeClock())

    def run(self, awaitable: Any) -> Any:
        return self.runner.run(awaitable)

    def expect(self, error: type[Exception] | None, write: Any) -> Any:
        if error is None:
            return self.run(write)
        with pytest.raises(error):
            self.run(write)
        return None

    @rule(name=NAMES, port=PORTS, labels=LABELS, held=st.booleans(), owned=st.booleans())
    def create(self, name: str, port: str, labels: dict[str, str], held: bool, owned: bool) -> None:
        owners = {owner for owner in self.model if owner != name} if owned else set()
        references = [
            {"apiVersion": "example.org/v1", "kind": "Ship", "name": owner, "uid": self.model[owner]["uid"]}
            for owner in sorted(owners)
        ]
        finalizers = [FINALIZER] if held else []
        document = ship(name, port, labels=labels, finalizers=finalizers, ownerReferences=references)
        made = self.expect(AlreadyExists if name in self.model else None, self.store.create(document))
        if made is not None:
            uids = {self.model[owner]["uid"] for owner in owners}
            self.model[name] = {
                "uid": made.uid,
                "port": port,
                "labels": labels,
                "held": held,
                "owners": uids,
                "generation": 1,
                "status": None,
                "deleting": False,
            }
            self.writes += 1

    @rule(name=NAMES, port=PORTS, labels=LABELS)
    def update(self, name: str, port: str, labels: dict[str, str]) -> None:
        patch = {"spec": {"port": port}, "metadata": {"labels": {"tier": None, "x": None, **labels}}}
        found = self.model.get(name)
        self.expect(None if found else NotFound, self.store.patch(Key("Ship", "p", name), patch))
        if found:
            self.writes += (found["port"], found["labels"]) != (port, labels)
            found["generation"] += found["port"] != port
            found |= {"port": port, "labels": labels}

    @rule(name=NAMES, status=st.integers(0, 2))
    def set_status(self, name: str, status: int) -> None:
        found = self.model.get(name)
        write = self.store.patch(Key("Ship", "p", name), {"spec": {"no": 1}, "status": {"n": status}}, status=True)
        self.expect(None if found else NotFound, write)
        if found:
            self.writes += found["status"] != status
            found["status"] = status

    @rule(name=NAMES, stale=st.booleans())
    def replace_by_version(self, name: str, stale: bool) -> None:
        if name not in self.model:
            return
        document = self.run(self.store.get(Key("Ship", "p", name)))
        version = str(document.version - 1 if stale else document.version)
        data = {**document.data, "metadata": {**document.meta, "resourceVersion": version}}
        self.expect(Conflict if stale else None, self.store.update(data))

    @rule(name=NAMES)
    def delete(self, name: str) -> None:
        self.expect(None if name in self.model else NotFound, self.store.delete(Key("Ship", "p", name)))
        if name in self.model:
            self.forget(name)

    @rule(name=NAMES)
    def release(self, name: str) -> None:
        found = self.model.get(name)
        write = self.store.patch(Key("Ship", "p", name), {"metadata": {"finalizers": None}})
        self.expect(None if found else NotFound, write)
        if found and found["held"]:
            found["held"] = False
            if found["deleting"]:
                self.forget(name)
            else:
                self.writes += 1

    @rule(name=NAMES)
    def hold(self, name: str) -> None:
        found = self.model.get(name)
        late = found and found["deleting"] and not found["held"]
        write = self.store.patch(Key("Ship", "p", name), {"metadata": {"finalizers": [FINALIZER]}})
        self.expect(NotFound if not found else Invalid if late else None, write)
        if found and not late:
            self.writes += not found["held"]
            found["held"] = True

    def forget(self, name: str) -> None:
        """What a deletion does to the model, and what it leads to."""
        found = self.model[name]
        if found["held"]:
            self.writes += not found["deleting"]
            found["generation"] += not found["deleting"]
            found["deleting"] = True
            return
        del self.model[name]
        self.writes += 1
        for other in [other for other, it in self.model.items() if found["uid"] in it["owners"]]:
            if other not in self.model or self.model[other]["deleting"]:
                continue
            living = {it["uid"] for it in self.model.values()}
            if self.model[other]["owners"] & living:
                self.model[other]["owners"] -= {found["uid"]}
                self.writes += 1
            else:
                self.forget(other)

    @precondition(lambda self: self.model)
    @rule()
    def reopen(self) -> None:
        self.run(self.store.close())
        audit(database(self.folder))
        self.store = self.run(self.open())

    @invariant()
    def lists_agree(self) -> None:
        page = self.run(self.store.list(Query("Ship")))
        assert {document.key.name: self.seen(document.data) for document in page.documents} == {
            name: {key: value for key, value in found.items() if key != "owners"} for name, found in self.model.items()
        }
        assert page.version == self.start + self.writes

    @invariant()
    def selections_agree(self) -> None:
        query = Query("Ship", labels=(Requirement("tier", Operator.NOT_IN, ("front",)),), fields={"spec.port": "kiel"})
        page = self.run(self.store.list(query))
        assert {document.key.name for document in page.documents} == {
            name
            for name, found in self.model.items()
            if found["labels"].get("tier") != "front" and found["port"] == "kiel"
        }

    def seen(self, data: dict[str, Any]) -> dict[str, Any]:
        meta = data["metadata"]
        return {
            "uid": meta["uid"],
            "port": data["spec"]["port"],
            "labels": meta.get("labels", {}),
            "held": FINALIZER in meta.get("finalizers", []),
            "generation": meta["generation"],
            "status": data.get("status", {}).get("n"),
            "deleting": "deletionTimestamp" in meta,
        }

    async def replay(self) -> Model:
        """The state that a watcher of everything since the beginning arrives at."""
        state: Model = {}
        events = self.store.watch(Query("Ship"), since=self.start)
        for _ in range(self.writes):
            event: Event = await anext(events)
            assert event.document is not None
            name = event.document.key.name
            assert (event.type is EventType.ADDED) == (name not in state)
            state[name] = self.seen(event.document.data)
            if event.type is EventType.DELETED:
                del state[name]
        await events.aclose()
        return state

    def teardown(self) -> None:
        replayed = self.run(self.replay())
        self.lists_agree()
        assert set(replayed) == set(self.model)
        self.run(self.store.close())
        audit(database(self.folder))
        self.runner.close()
        shutil.rmtree(self.folder)


StoreMachine.TestCase.settings = settings(
    max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
TestStoreAgainstItsModel = StoreMachine.TestCase


async def test_a_watcher_that_falls_behind_its_queue_reads_the_log(tmp_path: Path) -> None:
    store = open_at(tmp_path, FakeClock())
    await store.create(namespace())
    events = store.watch(Query("Ship"), since=await store.version())
    await store.create(ship("first"))
    seen = [await anext(events)]
    await asyncio.gather(*(store.create(ship(f"s{number}")) for number in range(QUEUE + 100)))
    seen += [await anext(events) for _ in range(QUEUE + 100)]
    versions = [event.version for event in seen]
    assert versions == list(range(versions[0], versions[0] + QUEUE + 101))
    await events.aclose()
    await store.close()


async def test_one_refused_write_does_not_touch_the_others_of_its_group(tmp_path: Path) -> None:
    store = open_at(tmp_path, FakeClock())
    await store.create(namespace())
    names = ["a", "B", "c", "a", "d", "_"]
    results = await asyncio.gather(*(store.create(ship(name)) for name in names), return_exceptions=True)
    assert [type(result).__name__ for result in results] == [
        "Document",
        "Invalid",
        "Document",
        "AlreadyExists",
        "Document",
        "Invalid",
    ]
    found = (await store.list(Query("Ship"))).documents
    assert [document.key.name for document in found] == ["a", "c", "d"]
    await store.close()
    audit(database(tmp_path))


async def test_a_namespace_that_goes_takes_nothing_new_while_its_contents_go(tmp_path: Path) -> None:
    store = open_at(tmp_path, FakeClock())
    await store.create(namespace())
    await asyncio.gather(*(store.create(ship(f"s{number}")) for number in range(1000)))
    results = await asyncio.gather(
        store.delete(Key("Namespace", "", "p")),
        *(store.create(ship(f"late{number}")) for number in range(5)),
        return_exceptions=True,
    )
    assert all(isinstance(result, Denied) for result in results[1:])
    async with asyncio.timeout(20):
        while (await store.list(Query("Namespace"))).documents:  # noqa: ASYNC110 - nothing tells of the end
            await asyncio.sleep(0.005)
    assert (await store.list(Query("Ship"))).documents == []
    await store.close()
    audit(database(tmp_path))


async def test_the_contents_of_a_namespace_go_on_going_after_a_restart(tmp_path: Path) -> None:
    store = open_at(tmp_path, FakeClock())
    await store.create(namespace())
    await asyncio.gather(*(store.create(ship(f"s{number}")) for number in range(1000)))
    await store.delete(Key("Namespace", "", "p"))
    await store.close()
    store = open_at(tmp_path, FakeClock())
    async with asyncio.timeout(20):
        while (await store.list(Query("Namespace"))).documents:  # noqa: ASYNC110 - nothing tells of the end
            await asyncio.sleep(0.005)
    assert (await store.list(Query("Ship"))).documents == []
    await store.close()


async def test_the_log_keeps_its_length(tmp_path: Path) -> None:
    store = open_at(tmp_path, FakeClock(), log_length=80)
    await store.create(namespace())
    await store.create(ship("a"))
    for number in range(300):
        await store.patch(Key("Ship", "p", "a"), {"spec": {"n": number}})
    newest = await store.version()
    events = store.watch(Query("Ship"), since=newest - 80)
    assert [(await anext(events)).version for _ in range(80)] == list(range(newest - 79, newest + 1))
    await events.aclose()
    await store.close()
    audit(database(tmp_path))


async def test_bookmarks_come_within_a_minute(tmp_path: Path) -> None:
    clock = FakeClock()
    store = open_at(tmp_path, clock)
    await store.create(namespace())
    events = store.watch(Query("Ship"))
    assert (await anext(events)).type is EventType.BOOKMARK
    waiting = asyncio.ensure_future(anext(events))
    await asyncio.sleep(0.05)
    other = await store.create(namespace("q"))
    await clock.advance(60)
    assert await asyncio.wait_for(waiting, 10) == Event(EventType.BOOKMARK, other.version, None)
    await events.aclose()
    await store.close()
