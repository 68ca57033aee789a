"""Server-side apply, whatever keeps the documents: what is applied, whose it is, and who is refused."""

from __future__ import annotations

from typing import Any

import pytest
from tests.contract.store_case import config, stage

from argosy.errors import Conflict, Invalid, NotFound
from argosy.resources.meta import Key
from argosy.store.base import Applying, Store
from argosy.store.manager import manager

KEY = Key("ConfigMap", "p", "c")
ONE, TWO = Applying("one"), Applying("two")


def wanted(**data: str) -> dict[str, Any]:
    return {**config("c"), "data": data}


async def test_creates_and_then_merges(store: Store) -> None:
    made = await store.apply(wanted(a="1", b="1"), ONE)
    assert made.data["data"] == {"a": "1", "b": "1"}
    merged = await store.apply(wanted(c="1"), TWO)
    assert merged.data["data"] == {"a": "1", "b": "1", "c": "1"}
    assert (await store.get(KEY)).raw == merged.raw


async def test_removes_what_its_manager_no_longer_applies(store: Store) -> None:
    await store.apply(wanted(a="1", b="1"), ONE)
    await store.apply(wanted(b="1"), TWO)
    left = await store.apply(wanted(), ONE)
    assert left.data["data"] == {"b": "1"}


async def test_applying_the_same_again_writes_nothing(store: Store) -> None:
    first = await store.apply(wanted(a="1"), ONE)
    assert (await store.apply(wanted(a="1"), ONE)).raw == first.raw


async def test_refuses_what_others_own_unless_it_is_forced(store: Store) -> None:
    await store.apply(wanted(a="1"), ONE)
    with pytest.raises(Conflict, match=r'conflict with "one": \.data\.a'):
        await store.apply(wanted(a="2"), TWO)
    assert (await store.get(KEY)).data["data"] == {"a": "1"}
    assert (await store.apply(wanted(a="2"), Applying("two", force=True))).data["data"] == {"a": "2"}


async def test_other_writes_own_what_they_change(store: Store) -> None:
    await store.apply(wanted(a="1"), ONE)
    token = manager.set("editor")
    await store.patch(KEY, {"data": {"a": "2"}})
    manager.reset(token)
    with pytest.raises(Conflict, match=r"using v1: \.data\.a"):
        await store.apply(wanted(a="1"), ONE)


async def test_a_dry_run_keeps_nothing(store: Store) -> None:
    assert (await store.apply(wanted(a="1"), Applying("one", dry_run=True))).data["data"] == {"a": "1"}
    with pytest.raises(NotFound):
        await store.get(KEY)


async def test_a_status_is_applied_to_what_is_there(store: Store) -> None:
    document = {**stage("s"), "status": {"freightSummary": "1/1"}}
    how = Applying("one", status=True)
    with pytest.raises(NotFound):
        await store.apply(document, how)
    await store.create(stage("s"))
    assert (await store.apply(document, how)).data["status"] == {"freightSummary": "1/1"}


async def test_needs_a_manager(store: Store) -> None:
    with pytest.raises(Invalid):
        await store.apply(wanted(a="1"), Applying(""))


async def test_compares_the_version_that_is_named(store: Store) -> None:
    first = await store.apply(wanted(a="1"), ONE)
    document = wanted(a="2")
    document["metadata"]["resourceVersion"] = str(first.version)
    second = await store.apply(document, ONE)
    assert second.version > first.version
    with pytest.raises(Conflict):
        await store.apply({**document, "data": {"a": "3"}}, ONE)
