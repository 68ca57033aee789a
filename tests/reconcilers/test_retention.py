"""Retention in the real store: what is old goes, what is in use stays, rounds without anything due write nothing."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.reconcilers.conftest import Project
from tests.rules.pipeline_case import resource, stage, warehouse

from argosy.errors import Unavailable
from argosy.reconcilers import retention
from argosy.reconcilers.retention import Retention, RetentionLimits
from argosy.resources.meta import Key
from argosy.rules.retention import Limit
from argosy.store.base import Page, Query
from argosy.testing.clock import settle

DAY = 86_400.0
LIMITS = RetentionLimits(Limit(2, 14 * DAY), Limit(2, 14 * DAY), event_ttl=7 * DAY, every=3600.0)


@pytest.fixture
def collector(project: Project) -> Retention:
    return Retention(project.store, project.clock, LIMITS)


async def add_freight(project: Project, count: int) -> list[str]:
    """Freight of so many tags, one a day; returns the names, oldest first."""
    await project.store.create(warehouse())
    await project.store.create(stage())
    names = []
    for number in range(count):
        names.append(await project.freight(f"1.0.{number}"))
        await project.clock.advance(DAY)
    return names


async def left(project: Project, kind: str, names: list[str]) -> list[int]:
    """Which of some resources are still there, by their place."""
    found = await project.names(kind)
    return [place for place, name in enumerate(names) if name in found]


async def use(project: Project, freight: str) -> None:
    history = [{"id": "1", "items": {"Warehouse/w": {"name": freight, "origin": {"kind": "Warehouse", "name": "w"}}}}]
    await project.set_status("Stage", "dev", freightHistory=history)


async def promotions(project: Project, freight: str, phases: list[str]) -> list[str]:
    """Promotions to dev, one a day, oldest first, in these phases."""
    names = []
    for phase in phases:
        name = await project.promote(freight)
        if phase:
            await project.set_status("Promotion", name, phase=phase)
        names.append(name)
        await project.clock.advance(DAY)
    return names


async def test_old_freight_goes_and_the_newest_stay(project: Project, collector: Retention) -> None:
    names = await add_freight(project, 5)
    assert await collector.collect() == 0, "it is young"
    await project.clock.advance(11 * DAY)  # the oldest is 16 days old, then 15, 14, 13, 12
    assert await collector.collect() == 3
    assert await left(project, "Freight", names) == [3, 4]


async def test_young_freight_stays_however_much_there_is(project: Project, collector: Retention) -> None:
    names = await add_freight(project, 5)
    await project.clock.advance(10 * DAY - 1)
    await collector.collect()
    assert await left(project, "Freight", names) == [1, 2, 3, 4]


async def test_freight_of_a_stage_and_two_before_it_stay(project: Project, collector: Retention) -> None:
    names = await add_freight(project, 6)
    await use(project, names[3])
    await project.clock.advance(30 * DAY)
    await collector.collect()
    assert await left(project, "Freight", names) == [1, 2, 3, 4, 5]


async def test_freight_that_a_promotion_is_bringing_stays(project: Project, collector: Retention) -> None:
    names = await add_freight(project, 6)
    await promotions(project, names[0], [""])
    await project.clock.advance(30 * DAY)
    await collector.collect()
    assert await left(project, "Freight", names) == [0, 1, 2, 3, 4, 5]


async def test_old_promotions_go_when_they_have_ended(project: Project, collector: Retention) -> None:
    (freight,) = await add_freight(project, 1)
    names = await promotions(project, freight, ["Succeeded", "Failed", "Errored", "", "Aborted", "Succeeded"])
    await project.clock.advance(30 * DAY)
    await collector.collect()
    assert await left(project, "Promotion", names) == [1, 2, 3, 4, 5], "one is pending, two before it are kept"
    await project.set_status("Promotion", names[3], phase="Aborted")
    await collector.collect()
    assert await left(project, "Promotion", names) == [4, 5]


async def test_the_last_promotion_of_a_stage_stays_so_that_what_failed_is_not_tried_again(project: Project) -> None:
    (freight,) = await add_freight(project, 1)
    names = await promotions(project, freight, ["Succeeded", "Failed"])
    await project.set_status("Stage", "dev", lastPromotion={"name": names[1]})
    nothing = RetentionLimits(Limit(0, 0), Limit(0, 14 * DAY), event_ttl=None, every=3600.0)
    await Retention(project.store, project.clock, nothing).collect()
    assert await left(project, "Promotion", names) == [1]


async def test_each_stage_keeps_its_own(project: Project, collector: Retention) -> None:
    (freight,) = await add_freight(project, 1)
    await project.store.create(stage("qa"))
    names = await promotions(project, freight, ["Succeeded"] * 2)
    for _ in range(2):
        name = await project.promote(freight, "qa")
        await project.set_status("Promotion", name, phase="Succeeded")
        names.append(name)
    await project.clock.advance(30 * DAY)
    await collector.collect()
    assert await left(project, "Promotion", names) == [0, 1, 2, 3]


async def test_events_expire(project: Project, collector: Retention) -> None:
    (freight,) = await add_freight(project, 1)
    await promotions(project, freight, ["Succeeded"])
    assert await project.events() == ["PromotionCreated"]
    await project.clock.advance(6 * DAY - 1)
    await collector.collect()
    assert await project.events() == ["PromotionCreated"]
    await project.clock.advance(1)
    await collector.collect()
    assert await project.events() == []


async def test_events_stay_where_the_store_has_its_own_ways(project: Project) -> None:
    (freight,) = await add_freight(project, 1)
    await promotions(project, freight, ["Succeeded"])
    await project.clock.advance(30 * DAY)
    limits = RetentionLimits(LIMITS.promotions, LIMITS.freight, event_ttl=None, every=3600.0)
    await Retention(project.store, project.clock, limits).collect()
    assert await project.events() == ["PromotionCreated"]


async def test_other_namespaces_are_nobodys_concern(project: Project, collector: Retention) -> None:
    names = await add_freight(project, 5)
    await project.store.patch(Key("Namespace", "", "p"), {"metadata": {"labels": {"kargo.akuity.io/project": None}}})
    await project.clock.advance(30 * DAY)
    assert await collector.collect() == 0
    assert await left(project, "Freight", names) == [0, 1, 2, 3, 4]


async def test_many_are_read_page_by_page(
    project: Project, collector: Retention, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = await add_freight(project, 7)
    monkeypatch.setattr(retention, "PAGE", 2)
    await project.clock.advance(30 * DAY)
    await collector.collect()
    assert await left(project, "Freight", names) == [5, 6]


class Stubborn:
    """A store that fails to list one kind, and where a Stage takes old Freight just before that is deleted."""

    def __init__(self, project: Project, *, fails: str = "", takes: str = "") -> None:
        self._project, self._fails, self._takes = project, fails, takes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._project.store, name)

    async def list(self, query: Query, *, limit: int = 0, more: str = "") -> Page:
        if query.kind == self._fails and query.namespace == "p":
            raise Unavailable("the store is out")
        return await self._project.store.list(query, limit=limit, more=more)

    async def delete(self, key: Key, **how: Any) -> Any:
        if self._takes:
            await use(self._project, self._takes)
            self._takes = ""
        return await self._project.store.delete(key, **how)


async def test_freight_that_a_stage_takes_meanwhile_stays(project: Project) -> None:
    names = await add_freight(project, 5)
    await project.clock.advance(30 * DAY)
    taken = Stubborn(project, takes=names[1])
    assert await Retention(taken, project.clock, LIMITS).collect() == 2
    assert await left(project, "Freight", names) == [1, 3, 4]


async def test_trouble_in_one_project_is_not_that_of_others(project: Project) -> None:
    names = await add_freight(project, 5)
    await project.store.create({**resource("Project", "q"), "metadata": {"name": "q"}})
    await project.store.create({**warehouse(), "metadata": {"name": "w", "namespace": "q"}})
    for number in range(5):
        await project.clock.advance(DAY)
        raw = await project.get("Freight", names[number])
        meta = {"namespace": "q", "generateName": "f-"}
        await project.store.create({**raw, "metadata": meta, "alias": ""})
    await project.clock.advance(30 * DAY)
    assert await Retention(Stubborn(project, fails="Promotion"), project.clock, LIMITS).collect() == 3
    assert await left(project, "Freight", names) == [0, 1, 2, 3, 4]


async def test_rounds_go_on_by_the_clock_and_write_only_what_is_due(project: Project) -> None:
    names = await add_freight(project, 5)
    collector = Retention(project.store, project.clock, LIMITS)
    running = asyncio.create_task(collector.run())
    try:
        before = await project.store.version()
        for _ in range(3):
            await _pass_time(project, 3600)
        assert await project.store.version() == before
        assert await left(project, "Freight", names) == [0, 1, 2, 3, 4]
        await _pass_time(project, 30 * DAY)
        await _pass_time(project, 3600)  # the round that was due in between may have looked before it was over
        assert await left(project, "Freight", names) == [3, 4]
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def _pass_time(project: Project, seconds: float) -> None:
    """Let time pass, and then rounds that were due come to their end in the threads of the store."""
    await project.clock.advance(seconds)
    for _ in range(20):
        await project.store.version()
        await settle()
    await asyncio.sleep(0.05)
