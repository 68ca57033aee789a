"""What runs everywhere, page by page, for those who may see all of it and those who may see some."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from pathlib import Path
from typing import Any

import pytest

from argosy.resources.kinds import KINDS
from argosy.rules.authorization import Action, forbidden
from argosy.store.base import Page, Query, Store
from argosy.store.decorator import Decorator
from argosy.store.running import PROJECTS_AT_ONCE, Everywhere, Place
from argosy.store.sql import SqlStore, open_store
from argosy.testing.clock import FakeClock

KARGO = "kargo.akuity.io/v1alpha1"
REQUEST = {"origin": {"kind": "Warehouse", "name": "app"}, "sources": {"direct": True}}


class Seeing(Decorator):
    """Lets Stages be listed in some namespaces only, or everywhere, and counts the lists."""

    def __init__(self, inner: Store, seen: Collection[str] | None) -> None:
        super().__init__(inner)
        self._seen = seen
        self.lists = 0

    async def list(self, query: Query, *, limit: int = 0, more: str = "") -> Page:
        if self._seen is not None and query.kind == "Stage" and query.namespace not in self._seen:
            raise forbidden(Action("list", "stages", query.namespace or ""), "somebody")
        self.lists += 1
        return await self._inner.list(query, limit=limit, more=more)


def of(kind: str, name: str, namespace: str = "") -> dict[str, Any]:
    meta = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": "v1" if kind == "Namespace" else KARGO, "kind": kind, "metadata": meta}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    url = f"sqlite:///{tmp_path}/data/argosy.db"
    opened = open_store(url, KINDS, clock=FakeClock(), key_file=tmp_path / "keys" / "ring")
    yield opened
    await opened.close()


async def _fill(store: Store, sizes: dict[str, int]) -> None:
    for project, size in sizes.items():
        await store.create(of("Namespace", project))
        await store.create(of("Project", project))
        for number in range(size):
            await store.create(of("Stage", f"s{number}", project) | {"spec": {"requestedFreight": [REQUEST]}})


async def _pages(everywhere: Everywhere, limit: int) -> list[list[str]]:
    pages: list[list[str]] = []
    place: Place | None = Place()
    while place is not None:
        found = await everywhere.of_all(limit, place)
        pages.append([f"{stage.namespace}/{stage.name}" for stage in found.stages])
        place = found.more
    return pages


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
@pytest.mark.parametrize("seen", [None, ("a", "c", "d"), ("c",), ()], ids=["all", "most", "one", "none"])
async def test_pages_have_all_that_may_be_seen_once_and_in_order(
    store: SqlStore, limit: int, seen: Collection[str] | None
) -> None:
    sizes = {"a": 3, "b": 2, "c": 1, "d": 0, "e": 2}
    await _fill(store, sizes)
    visible = sizes if seen is None else seen
    expected = [f"{project}/s{number}" for project in sorted(visible) for number in range(sizes[project])]
    pages = await _pages(Everywhere(Seeing(store, seen), store), limit)
    assert [stage for page in pages for stage in page] == expected
    assert all(len(page) <= limit for page in pages)


async def test_a_page_for_whoever_may_see_little_reads_little(store: SqlStore) -> None:
    many = PROJECTS_AT_ONCE + 10
    await _fill(store, {f"p{number:03}": 1 for number in range(many)})
    theirs, own = Seeing(store, {"p007", f"p{many - 1}"}), Seeing(store, None)
    pages = await _pages(Everywhere(theirs, own), 10)
    assert pages == [["p007/s0"], [f"p{many - 1}/s0"]]
    assert (theirs.lists, own.lists) == (2, 6)


async def test_a_page_for_whoever_may_see_everything_is_one_list(store: SqlStore) -> None:
    await _fill(store, {"a": 2, "b": 2})
    theirs, own = Seeing(store, None), Seeing(store, None)
    assert len((await Everywhere(theirs, own).of_all(3, Place())).stages) == 3
    assert (theirs.lists, own.lists) == (1, 0)
