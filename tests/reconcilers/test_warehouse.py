"""Warehouses in the real store: look when it is time, make Freight once, and say what went wrong once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.reconcilers.conftest import Project
from tests.rules.pipeline_case import IMAGE, Raw, warehouse

from argosy.errors import ArgosyError, Conflict, Permanent, Temporary, Unavailable
from argosy.reconcilers.warehouse import WarehouseReconciler
from argosy.resources.discovery import DiscoveredArtifacts
from argosy.resources.meta import Key
from argosy.resources.warehouse import Warehouse
from argosy.runtime.change import Outcome

KEY = Key("Warehouse", "p", "w")
LEAST = 10.0


def images(*tags: str, **more: Any) -> DiscoveredArtifacts:
    references = [{"tag": tag, "digest": f"sha256:{tag.encode().hex()}"} for tag in tags]
    return DiscoveredArtifacts.model_validate({"images": [{"repoURL": IMAGE, "references": references, **more}]})


@dataclass
class FakeDiscovery:
    """Finds what it is told, or fails as told; notes how old a look may be."""

    finds: DiscoveredArtifacts = field(default_factory=lambda: images("1"))
    fails: ArgosyError | None = None
    ages: list[float] = field(default_factory=list)

    async def discover(self, warehouse: Warehouse, *, max_age: float) -> DiscoveredArtifacts:
        self.ages.append(max_age)
        if self.fails is not None:
            raise self.fails
        return self.finds


@pytest.fixture
def discovery() -> FakeDiscovery:
    return FakeDiscovery()


@pytest.fixture
def warehouses(project: Project, discovery: FakeDiscovery) -> WarehouseReconciler:
    return WarehouseReconciler(project.store, discovery, project.clock, least_interval=LEAST)


class Drive:
    def __init__(self, project: Project, warehouses: WarehouseReconciler) -> None:
        self.project = project
        self._warehouses = warehouses

    async def create(self, *subscriptions: Raw, **spec: Any) -> None:
        await self.project.store.create(warehouse("w", *subscriptions, **spec))

    async def turn(self) -> Outcome:
        return await self.project.turn(self._warehouses.reconcile, KEY)

    async def later(self, seconds: float = 300) -> Outcome:
        await self.project.clock.advance(seconds)
        return await self.turn()

    async def status(self) -> Any:
        return await self.project.status("Warehouse", "w")

    async def condition(self, type: str) -> tuple[str, str] | None:
        return await self.project.condition("Warehouse", "w", type)


@pytest.fixture
def drive(project: Project, warehouses: WarehouseReconciler) -> Drive:
    return Drive(project, warehouses)


async def test_a_first_look_makes_freight_of_the_newest(drive: Drive, discovery: FakeDiscovery) -> None:
    discovery.finds = images("2", "1")
    await drive.create()
    assert (await drive.turn()).again_after == 300
    (name,) = await drive.project.names("Freight")
    freight = await drive.project.get("Freight", name)
    assert freight["images"] == [{"repoURL": IMAGE, "tag": "2", "digest": "sha256:32"}]
    assert freight["origin"] == {"kind": "Warehouse", "name": "w"}
    assert freight["discoveredAt"] == "2026-01-01T00:00:00Z"
    status = await drive.status()
    assert (status["lastFreightID"], status["observedGeneration"]) == (name, 1)
    assert status["discoveredArtifacts"]["discoveredAt"] == "2026-01-01T00:00:00Z"
    assert await drive.condition("FreightCreated") == ("True", "NewFreight")
    assert await drive.project.events("FreightCreated") == ["Freight created from discovered artifacts"]


async def test_between_two_looks_nothing_happens(drive: Drive, discovery: FakeDiscovery) -> None:
    await drive.create()
    await drive.turn()
    assert await drive.turn() == Outcome(again_after=300)
    assert await drive.later(100) == Outcome(again_after=200)
    assert len(discovery.ages) == 1


async def test_known_freight_is_not_made_again(drive: Drive) -> None:
    await drive.create()
    await drive.turn()
    await drive.later()
    await drive.later()
    assert len(await drive.project.names("Freight")) == 1
    assert await drive.condition("FreightCreated") == ("False", "AlreadyExists")
    assert len(await drive.project.events("FreightCreated")) == 1


async def test_a_look_that_finds_the_same_writes_nothing(drive: Drive, discovery: FakeDiscovery) -> None:
    await drive.create()
    await drive.turn()
    await drive.later()
    before = await drive.status()
    looks = len(discovery.ages)
    assert (await drive.later()).changes == ()
    assert await drive.status() == before
    assert len(discovery.ages) == looks + 1
    assert await drive.later(100) == Outcome(again_after=200)


async def test_newer_artifacts_make_newer_freight(drive: Drive, discovery: FakeDiscovery) -> None:
    await drive.create()
    await drive.turn()
    discovery.finds = images("2", "1")
    await drive.later()
    assert len(await drive.project.names("Freight")) == 2
    newest = await drive.project.get("Freight", (await drive.status())["lastFreightID"])
    assert newest["images"][0]["tag"] == "2"


async def test_a_manual_warehouse_makes_no_freight(drive: Drive) -> None:
    await drive.create(freightCreationPolicy="Manual")
    await drive.turn()
    assert await drive.project.names("Freight") == []
    assert await drive.condition("Ready") == ("True", "ArtifactsDiscovered")


async def test_criteria_that_are_not_met_hold_freight_back(drive: Drive, discovery: FakeDiscovery) -> None:
    await drive.create(freightCreationCriteria={"expression": f"imageFrom('{IMAGE}').Tag == '2'"})
    await drive.turn()
    assert await drive.project.names("Freight") == []
    assert await drive.condition("FreightCreationCriteriaSatisfied") == ("False", "CriteriaNotSatisfied")
    discovery.finds = images("2")
    await drive.later()
    assert len(await drive.project.names("Freight")) == 1
    assert await drive.condition("FreightCreationCriteriaSatisfied") == ("True", "CriteriaSatisfied")


async def test_criteria_that_cannot_be_computed_are_told_once_and_not_looked_at_in_a_loop(
    drive: Drive, discovery: FakeDiscovery
) -> None:
    await drive.create(freightCreationCriteria={"expression": "nobody.knows"})
    assert (await drive.turn()).again_after == 300
    assert await drive.condition("Ready") == ("False", "CriteriaEvaluationFailed")
    assert (await drive.status())["observedGeneration"] == 1
    assert await drive.turn() == Outcome(again_after=300)
    await drive.later()
    assert len(discovery.ages) == 2
    assert len(await drive.project.events("CriteriaEvaluationFailed")) == 1


async def test_freight_that_admission_refuses_is_told(drive: Drive, discovery: FakeDiscovery) -> None:
    await drive.create()
    discovery.finds = DiscoveredArtifacts.model_validate(
        {"images": [{"repoURL": "other", "references": [{"tag": "1", "digest": "sha256:1"}]}]}
    )
    await drive.turn()
    assert await drive.condition("Healthy") == ("False", "FreightBuildFailure")
    assert await drive.condition("Ready") == ("False", "FreightCreationFailure")
    assert len(await drive.project.events("FreightBuildFailure")) == 1
    assert await drive.turn() == Outcome(again_after=300)


async def test_too_little_for_freight_is_told(drive: Drive, discovery: FakeDiscovery) -> None:
    discovery.finds = images()
    await drive.create()
    await drive.turn()
    assert await drive.condition("Healthy") == ("False", "NoImageReferencesDiscovered")
    assert await drive.project.names("Freight") == []


async def test_a_look_that_fails_is_told_once_and_comes_again(drive: Drive, discovery: FakeDiscovery) -> None:
    discovery.fails = Permanent("unauthorized", advice="Add a Secret.")
    await drive.create()
    assert (await drive.turn()).again_after == 300
    assert await drive.condition("Healthy") == ("False", "DiscoveryFailed")
    assert await drive.condition("Ready") == ("False", "DiscoveryFailure")
    again = await drive.later()
    assert again.changes == ()
    message = "Unable to discover artifacts: unauthorized. Add a Secret."
    assert await drive.project.events("DiscoveryFailed") == [message]
    discovery.fails = None
    await drive.later()
    assert await drive.condition("Ready") == ("True", "ArtifactsDiscovered")
    discovery.fails = Permanent("gone")
    await drive.later()
    assert len(await drive.project.events("DiscoveryFailed")) == 2
    assert (await drive.status())["lastFreightID"]


@pytest.mark.parametrize(("after", "seconds"), [(20.0, 20), (0.0, LEAST), (9000.0, 300)])
async def test_passing_trouble_is_looked_at_again_when_it_says(
    drive: Drive, discovery: FakeDiscovery, after: float | None, seconds: float
) -> None:
    discovery.fails = Temporary("429", after=after)
    await drive.create()
    assert (await drive.turn()).again_after == seconds


async def test_passing_trouble_is_looked_at_again_soon_and_then_ever_less_often(
    drive: Drive, discovery: FakeDiscovery
) -> None:
    discovery.fails = Temporary("connection reset")
    await drive.create()
    pauses = [(await drive.turn()).again_after]
    for _ in range(7):
        pauses.append((await drive.later(pauses[-1] or 0)).again_after)
    assert pauses == [10, 10, 20, 40, 80, 160, 300, 300]
    assert len(await drive.project.events("DiscoveryFailed")) == 1
    discovery.fails = None
    await drive.later()
    discovery.fails = Temporary("connection reset")
    assert (await drive.later()).again_after == 10


@pytest.mark.parametrize("error", [Unavailable("disk full"), Conflict("changed")])
async def test_trouble_of_our_own_store_is_no_fault_of_the_repository(
    drive: Drive, discovery: FakeDiscovery, error: ArgosyError
) -> None:
    discovery.fails = error
    await drive.create()
    with pytest.raises(type(error)):
        await drive.turn()
    assert await drive.status() == {}


async def test_a_refresh_looks_at_once_and_accepts_no_earlier_look(drive: Drive, discovery: FakeDiscovery) -> None:
    await drive.create()
    await drive.turn()
    await drive.later()
    annotate = {"metadata": {"annotations": {"kargo.akuity.io/refresh": "now"}}}
    await drive.project.store.patch(KEY, annotate)
    await drive.turn()
    assert discovery.ages == [0, LEAST / 2, 0]
    assert (await drive.status())["lastHandledRefresh"] == "now"
    assert (await drive.turn()).again_after == 300


async def test_a_refresh_that_fails_is_answered_too(drive: Drive, discovery: FakeDiscovery) -> None:
    await drive.create()
    await drive.turn()
    discovery.fails = Permanent("gone")
    await drive.project.store.patch(KEY, {"metadata": {"annotations": {"kargo.akuity.io/refresh": "now"}}})
    await drive.turn()
    assert (await drive.status())["lastHandledRefresh"] == "now"


async def test_a_changed_spec_is_looked_at_at_once(drive: Drive, discovery: FakeDiscovery) -> None:
    await drive.create()
    await drive.turn()
    await drive.project.store.patch(KEY, {"spec": {"interval": "10m0s"}})
    assert (await drive.turn()).again_after == 600
    assert discovery.ages == [0, 0]
    assert (await drive.status())["observedGeneration"] == 2


async def test_the_interval_has_a_minimum(drive: Drive) -> None:
    await drive.create(interval="1s")
    assert (await drive.turn()).again_after == LEAST


async def test_a_warehouse_that_is_gone_or_going_is_left_alone(drive: Drive, discovery: FakeDiscovery) -> None:
    assert await drive.turn() == Outcome()
    await drive.create()
    await drive.project.store.patch(KEY, {"metadata": {"finalizers": ["example.org/mine"]}})
    await drive.project.store.delete(KEY)
    assert await drive.turn() == Outcome()
    assert discovery.ages == []
