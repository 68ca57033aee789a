"""Every Store keeps these promises about listing and watching, whatever keeps the documents."""

from __future__ import annotations

import asyncio

import pytest
from tests.contract.store_case import (
    STAGE,
    Backend,
    config,
    freight,
    label,
    names,
    namespace,
    stage,
    take,
)

from argosy.errors import Gone, Invalid
from argosy.resources.meta import Key
from argosy.store.base import EventType, Operator, Order, Query, Requirement, Store


class TestList:
    @pytest.fixture(autouse=True)
    async def _fill(self, store: Store) -> None:
        await store.create(namespace("q"))
        await store.create(stage("a", labels={"tier": "front", "x": "1"}))
        await store.create(stage("b", labels={"tier": "back"}))
        await store.create(stage("c"))
        await store.create(stage("a", "q", labels={"tier": "front"}) | {"spec": {"shard": "west"}})

    async def test_is_ordered_by_namespace_and_name(self, store: Store) -> None:
        found = (await store.list(Query("Stage"))).documents
        assert [document.key for document in found] == sorted(document.key for document in found)
        assert len(found) == 4

    async def test_keeps_to_its_namespace(self, store: Store) -> None:
        assert await names(store, Query("Stage", "p")) == ["a", "b", "c"]
        assert await names(store, Query("Stage", "nowhere")) == []

    @pytest.mark.parametrize(
        ("labels", "expected"),
        [
            pytest.param(label("tier", Operator.IN, "front"), ["a", "a"], id="equal"),
            pytest.param(label("tier", Operator.IN, "front", "back"), ["a", "b", "a"], id="one of several"),
            pytest.param(label("tier", Operator.NOT_IN, "front"), ["b", "c"], id="none of: absent ones match"),
            pytest.param(label("tier", Operator.EXISTS), ["a", "b", "a"], id="present"),
            pytest.param(label("tier", Operator.MISSING), ["c"], id="absent"),
            pytest.param(
                label("tier", Operator.EXISTS) + label("x", Operator.MISSING), ["b", "a"], id="present and absent"
            ),
            pytest.param(
                label("tier", Operator.IN, "front") + label("x", Operator.IN, "1"), ["a"], id="two that both hold"
            ),
            pytest.param(label("tier", Operator.IN, "side"), [], id="a value nothing has"),
        ],
    )
    async def test_selects_by_labels(self, store: Store, labels: tuple[Requirement, ...], expected: list[str]) -> None:
        assert await names(store, Query("Stage", labels=labels)) == expected

    @pytest.mark.parametrize(
        ("fields", "excluded", "expected"),
        [
            pytest.param({"spec.shard": "west"}, {}, ["a"], id="a declared field"),
            pytest.param({}, {"spec.shard": "west"}, ["a", "b", "c"], id="a declared field that must differ"),
            pytest.param({"metadata.name": "b"}, {}, ["b"], id="the name"),
            pytest.param({"metadata.namespace": "q"}, {}, ["a"], id="the namespace"),
            pytest.param({}, {"metadata.name": "a"}, ["b", "c"], id="another name"),
            pytest.param({"spec.shard": ""}, {}, [], id="a field that must be empty"),
            pytest.param({}, {"spec.shard": ""}, ["a", "b", "c", "a"], id="a field that must not be empty"),
            pytest.param({"spec.shard": "east", "metadata.name": "c"}, {}, ["c"], id="two fields"),
        ],
    )
    async def test_selects_by_fields(
        self, store: Store, fields: dict[str, str], excluded: dict[str, str], expected: list[str]
    ) -> None:
        assert await names(store, Query("Stage", fields=fields, excluded=excluded)) == expected

    async def test_follows_what_changes(self, store: Store) -> None:
        await store.patch(Key("Stage", "p", "a"), {"metadata": {"labels": {"tier": "back"}}, "spec": {"shard": "n"}})
        assert await names(store, Query("Stage", "p", labels=label("tier", Operator.IN, "back"))) == ["a", "b"]
        assert await names(store, Query("Stage", "p", fields={"spec.shard": "n"})) == ["a"]
        await store.delete(Key("Stage", "p", "a"))
        assert await names(store, Query("Stage", "p", labels=label("tier", Operator.EXISTS))) == ["b"]

    async def test_refuses_a_field_that_is_not_declared(self, store: Store) -> None:
        with pytest.raises(Invalid, match=r"spec\.secret"):
            await store.list(Query("Stage", fields={"spec.secret": "x"}))

    async def test_pages_hold_everything_once(self, store: Store) -> None:
        first = await store.list(Query("Stage"), limit=3)
        second = await store.list(Query("Stage"), limit=3, more=first.more)
        assert [len(first.documents), len(second.documents)] == [3, 1]
        assert second.more == ""
        keys = {document.key for document in (*first.documents, *second.documents)}
        assert len(keys) == 4

    @pytest.mark.parametrize("space", [None, "p"], ids=["all namespaces", "one namespace"])
    async def test_later_pages_show_the_state_of_the_first(self, store: Store, space: str | None) -> None:
        query = Query("Stage", space, labels=label("tier", Operator.EXISTS))
        expected = [document.raw for document in (await store.list(query)).documents]
        first = await store.list(query, limit=1)
        await store.patch(Key("Stage", "p", "b"), {"spec": {"shard": "n"}})
        await store.patch(Key("Stage", "p", "b"), {"metadata": {"labels": None}})
        await store.patch(Key("Stage", "p", "c"), {"metadata": {"labels": {"tier": "front"}}})
        await store.create(stage("bb", labels={"tier": "front"}))
        await store.delete(Key("Stage", "q", "a"))
        second = await store.list(query, more=first.more)
        assert [document.raw for document in (*first.documents, *second.documents)] == expected
        assert second.version == first.version

    async def test_later_pages_show_what_was_written_long_before_the_log_begins(self, store: Store) -> None:
        for number in range(250):
            await store.patch(Key("Stage", "p", "a"), {"spec": {"n": number}})
        expected = [document.raw for document in (await store.list(Query("Stage"))).documents]
        first = await store.list(Query("Stage"), limit=1)
        await store.patch(Key("Stage", "p", "b"), {"spec": {"n": 1}})
        await store.delete(Key("Stage", "p", "c"))
        second = await store.list(Query("Stage"), more=first.more)
        assert [document.raw for document in (*first.documents, *second.documents)] == expected

    async def test_pages_are_gone_when_the_store_no_longer_knows(self, store: Store, backend: Backend) -> None:
        first = await store.list(Query("Stage"), limit=1)
        more, _ = await backend.forget(store, first)
        with pytest.raises(Gone):
            await store.list(Query("Stage"), more=more)

    @pytest.mark.parametrize("token", ["nonsense", "e30=", "WzEsMiwzXQ==", "W3RydWUsInAiLCJhIl0="])
    async def test_refuses_a_token_that_is_not_its_own(self, store: Store, token: str) -> None:
        with pytest.raises(Invalid, match="continue token"):
            await store.list(Query("Stage"), more=token)


class TestListByAge:
    @pytest.fixture(autouse=True)
    async def _fill(self, store: Store) -> None:
        await store.create(namespace("q"))
        await store.create(freight("b", "2026-01-02T00:00:00Z"))
        await store.create(freight("d", "2026-01-04T00:00:00Z"))
        await store.create(freight("a", "2026-01-03T00:00:00Z"))
        await store.create(freight("c", "2026-01-03T00:00:00Z", "api"))
        await store.create(freight("e", "2026-01-01T00:00:00Z", "api"))
        await store.create(freight("f", "2026-01-02T12:00:00Z", space="q"))

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            pytest.param(
                Query("Freight", "p", order=Order.NEWEST), "dcabe", id="newest first, then by name from the end"
            ),
            pytest.param(Query("Freight", "p", order=Order.OLDEST), "ebacd", id="oldest first"),
            pytest.param(Query("Freight", order=Order.NEWEST), "dcafbe", id="of all namespaces"),
            pytest.param(
                Query("Freight", "p", fields={"origin.name": "api"}, order=Order.NEWEST), "ce", id="of one origin"
            ),
            pytest.param(
                Query("Freight", "p", excluded={"origin.name": "api"}, order=Order.OLDEST),
                "bad",
                id="of all origins but one",
            ),
            pytest.param(Query("Freight", "p", fields={"metadata.name": "c"}, order=Order.OLDEST), "c", id="by name"),
        ],
    )
    async def test_is_ordered_by_when_each_was_found(self, store: Store, query: Query, expected: str) -> None:
        assert "".join(await names(store, query)) == expected
        found: list[str] = []
        more = ""
        while more or not found:
            page = await store.list(query, limit=2, more=more)
            assert len(page.documents) <= 2
            found += [document.key.name for document in page.documents]
            more = page.more
        assert "".join(found) == expected

    async def test_what_comes_and_goes_moves_nothing_to_another_page(self, store: Store) -> None:
        query = Query("Freight", "p", order=Order.NEWEST)
        first = await store.list(query, limit=2)
        await store.create(freight("g", "2026-01-05T00:00:00Z"))
        await store.delete(Key("Freight", "p", "c"))
        await store.patch(Key("Freight", "p", "b"), {"alias": "changed"})
        second = await store.list(query, limit=2, more=first.more)
        assert [document.key.name for document in second.documents] == ["a", "b"]
        assert second.documents[1].data["alias"] == "changed"

    async def test_follows_what_moves(self, store: Store) -> None:
        query = Query("Freight", "p", fields={"origin.name": "web"}, order=Order.NEWEST)
        await store.patch(Key("Freight", "p", "b"), {"discoveredAt": "2026-01-09T00:00:00Z"})
        assert await names(store, query) == ["b", "d", "a"]

    @pytest.mark.parametrize("token", ["nonsense", "e30=", "WzEsMiwzXQ==", "WyJhIiwiYiJd", "\u00fc"])
    async def test_refuses_a_token_that_is_not_its_own(self, store: Store, token: str) -> None:
        with pytest.raises(Invalid, match="continue token"):
            await store.list(Query("Freight", "p", order=Order.NEWEST), more=token)


class TestWatch:
    async def test_begins_with_what_is_there_and_goes_on(self, store: Store) -> None:
        await store.create(stage("a"))
        events = store.watch(Query("Stage"))
        assert await take(events, 2) == [("ADDED", "a"), ("BOOKMARK", "")]
        await store.create(stage("b"))
        await store.patch(Key("Stage", "p", "b"), {"spec": {"n": 1}})
        await store.delete(Key("Stage", "p", "a"))
        assert await take(events, 3) == [("ADDED", "b"), ("MODIFIED", "b"), ("DELETED", "a")]
        await events.aclose()

    async def test_resumes_after_a_version(self, store: Store) -> None:
        first = await store.create(stage("a"))
        await store.create(config())
        await store.create(stage("b"))
        events = store.watch(Query("Stage"), since=first.version)
        assert await take(events, 1) == [("ADDED", "b")]
        await store.create(stage("c"))
        assert await take(events, 1) == [("ADDED", "c")]
        await events.aclose()

    async def test_delivers_the_document_of_each_version(self, store: Store) -> None:
        start = await store.version()
        written = [await store.create(stage())]
        for number in range(3):
            written.append(await store.patch(STAGE, {"spec": {"n": number}}))
        events = store.watch(Query("Stage"), since=start)
        seen = [await anext(events) for _ in range(4)]
        assert [event.version for event in seen] == [document.version for document in written]
        assert [event.document.raw for event in seen if event.document] == [document.raw for document in written]
        await events.aclose()

    async def test_a_deletion_has_a_version_of_its_own(self, store: Store) -> None:
        document = await store.create(stage())
        events = store.watch(Query("Stage"), since=document.version)
        await store.delete(STAGE)
        event = await anext(events)
        assert event.version > document.version
        assert event.document is not None
        assert event.document.meta["resourceVersion"] == str(event.version)
        await events.aclose()

    @pytest.mark.parametrize("live", [True, False], ids=["while it happens", "from the log"])
    async def test_selectors_turn_changes_into_added_and_deleted(self, store: Store, live: bool) -> None:
        query = Query("Stage", labels=label("tier", Operator.IN, "front"))
        start = await store.version()
        events = store.watch(query, since=start)
        first = asyncio.ensure_future(anext(events)) if live else None
        await asyncio.sleep(0.05 if live else 0)
        await store.create(stage())
        await store.patch(STAGE, {"metadata": {"labels": {"tier": "front"}}})
        await store.patch(STAGE, {"spec": {"n": 1}})
        await store.patch(STAGE, {"metadata": {"labels": None}})
        await store.patch(STAGE, {"spec": {"n": 2}})
        types = [(await first).type] if first else []
        while len(types) < 3:
            types.append((await anext(events)).type)
        assert types == [EventType.ADDED, EventType.MODIFIED, EventType.DELETED]
        await events.aclose()

    async def test_writes_that_change_nothing_make_no_event(self, store: Store) -> None:
        document = await store.create(stage())
        events = store.watch(Query("Stage"), since=document.version)
        await store.update(document.data)
        await store.patch(STAGE, {})
        await store.patch(STAGE, {"spec": {"n": 1}}, dry_run=True)
        await store.create(stage("b"))
        assert await take(events, 1) == [("ADDED", "b")]
        await events.aclose()

    async def test_is_gone_when_the_store_no_longer_knows(self, store: Store, backend: Backend) -> None:
        await store.create(stage("a"))
        await store.create(stage("b"))
        _, since = await backend.forget(store, await store.list(Query("Stage"), limit=1))
        with pytest.raises(Gone):
            await anext(store.watch(Query("Stage"), since=since))

    async def test_is_gone_when_the_version_is_newer_than_the_store(self, store: Store) -> None:
        with pytest.raises(Gone):
            await anext(store.watch(Query("Stage"), since=10**9))

    async def test_a_slow_watcher_misses_nothing(self, store: Store) -> None:
        events = store.watch(Query("ConfigMap"), since=await store.version())
        await store.create(config("first"))
        assert await take(events, 1) == [("ADDED", "first")]
        expected = []
        for number in range(90):
            expected.append((await store.create(config(f"c{number}"))).version)
        assert [(await anext(events)).version for _ in range(90)] == expected
        await events.aclose()

    async def test_many_watchers_see_the_same_order(self, store: Store) -> None:
        watches = [store.watch(Query("ConfigMap"), since=await store.version()) for _ in range(5)]
        seen = [asyncio.ensure_future(take(events, 40)) for events in watches]
        await asyncio.gather(*(store.create(config(f"c{number}")) for number in range(40)))
        orders = await asyncio.gather(*seen)
        assert all(order == orders[0] for order in orders)
        assert len(set(orders[0])) == 40
        for events in watches:
            await events.aclose()

    async def test_refuses_a_field_that_is_not_declared(self, store: Store) -> None:
        with pytest.raises(Invalid):
            await anext(store.watch(Query("Stage", fields={"spec.secret": "x"})))

    async def test_ends_when_the_store_closes(self, store: Store) -> None:
        events = store.watch(Query("Stage"))
        await take(events, 1)
        ended = asyncio.ensure_future(anext(events, None))
        await asyncio.sleep(0.01)
        await store.close()
        assert await asyncio.wait_for(ended, 10) is None
