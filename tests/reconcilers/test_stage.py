"""Stages in the real store: one promotion at a time, Freight that says where it is, and rest when nothing happens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.reconcilers.conftest import Project
from tests.rules.pipeline_case import Raw, auto, origin, reference, request, resource, stage, warehouse

from argosy.clock import rfc3339
from argosy.errors import Invalid, Unavailable
from argosy.reconcilers.interest import Interests
from argosy.reconcilers.stage import LOOK_EVERY, StageReconciler, progress, whereabouts
from argosy.resources.duration import parse_duration
from argosy.resources.meta import Document, Key
from argosy.resources.promotion import HealthCheckStep
from argosy.resources.stage import Health
from argosy.runtime.change import Outcome, Patch
from argosy.store.base import Query, Store

DEV, PROD, GATE = Key("Stage", "p", "dev"), Key("Stage", "p", "prod"), Key("Stage", "p", "gate")
FINALIZER = "kargo.akuity.io/finalizer"


@dataclass
class FakeChecks:
    """Judges as told, and notes what it was asked."""

    verdict: Health = field(default_factory=lambda: Health(status="Healthy"))
    asked: list[tuple[str, str, list[str]]] = field(default_factory=list)

    async def assess(self, project: str, stage: str, checks: tuple[HealthCheckStep, ...]) -> Health:
        self.asked.append((project, stage, [check.uses for check in checks]))
        return self.verdict

    def subjects(self, checks: tuple[HealthCheckStep, ...]) -> tuple[str, ...]:
        return tuple(f"subject of {check.uses}" for check in checks)


@pytest.fixture
def checks() -> FakeChecks:
    return FakeChecks()


@pytest.fixture
def stages(project: Project, checks: FakeChecks) -> StageReconciler:
    return StageReconciler(project.store, checks, project.clock)


class Drive:
    """Drives the Stages of a project, playing the engine by hand."""

    def __init__(self, project: Project, stages: StageReconciler) -> None:
        self.project = project
        self.stages = stages

    async def settle(self, key: Key = DEV) -> Outcome:
        return await self.project.settle(self.stages.reconcile, key)

    async def end(self, promotion: str, phase: str = "Succeeded", *, of: tuple[str, ...] = ("w",), **more: Any) -> None:
        """A promotion runs and ends; `of` are the origins of the Freight it brings along, its own first."""
        freight = (await self.project.get("Promotion", promotion))["spec"]["freight"]
        items = {f"Warehouse/{of[0]}": reference(freight, of[0])}
        status = {
            "phase": phase,
            "startedAt": rfc3339(self.project.clock.now()),
            "finishedAt": rfc3339(self.project.clock.now()),
            "freight": reference(freight, of[0]),
            "freightCollection": {"id": freight, "items": items},
        }
        await self.project.set_status("Promotion", promotion, **{**status, **more})

    async def bring(self, freight: str, key: Key = DEV, **more: Any) -> str:
        """A whole promotion that succeeds, recorded and verified."""
        promotion = await self.project.promote(freight, key.name)
        await self.settle(key)
        assert (await self.current(key)) == promotion
        await self.end(promotion, **more)
        await self.settle(key)
        return promotion

    async def current(self, key: Key = DEV) -> str:
        return str(((await self.project.status("Stage", key.name)).get("currentPromotion") or {}).get("name", ""))

    async def summary(self, key: Key = DEV) -> str:
        return str((await self.project.status("Stage", key.name))["freightSummary"])


@pytest.fixture
def drive(project: Project, stages: StageReconciler) -> Drive:
    return Drive(project, stages)


async def set_up(project: Project, *documents: Raw) -> None:
    await project.store.create(warehouse())
    for document in documents or (stage(),):
        await project.store.create(document)


async def test_a_stage_gets_a_finalizer_and_comes_to_rest(project: Project, drive: Drive) -> None:
    await set_up(project)
    outcome = await drive.settle()
    assert (await project.get("Stage", "dev"))["metadata"]["finalizers"] == [FINALIZER]
    assert await project.condition("Stage", "dev", "Ready") == ("False", "NoFreight")
    assert await drive.summary() == "0/1 Fulfilled"
    assert outcome.again_after is None


async def test_a_stage_that_is_gone_is_nothing_to_do(stages: StageReconciler) -> None:
    assert await stages.reconcile(DEV) == Outcome()


async def test_promotions_run_one_at_a_time_and_in_order(project: Project, drive: Drive) -> None:
    await set_up(project)
    first = await project.promote(await project.freight("1"))
    second = await project.promote(await project.freight("2"))
    await drive.settle()
    assert await drive.current() == first
    assert await project.condition("Stage", "dev", "Promoting") == ("True", "ActivePromotion")
    await project.set_status("Promotion", first, phase="Running")
    await drive.settle()
    assert await drive.current() == first
    await drive.end(first)
    await drive.settle()
    assert await drive.current() == second


@pytest.mark.parametrize(("flow", "kept"), [("supersede", 2), ("newest-only", 1)])
async def test_promotions_that_wait_give_way_where_the_stage_wants_it(
    project: Project, drive: Drive, flow: str, kept: int
) -> None:
    await set_up(project, stage(annotations={"argosy/promotion-flow": flow}))
    freight = []
    for tag in ("1", "2", "3"):
        freight.append(await project.freight(tag))
        await project.clock.advance(10)
    running = await project.promote(freight[0])
    await drive.settle()
    waiting = [running, await project.promote(freight[2]), await project.promote(freight[1])]
    await drive.settle()
    assert await drive.current() == running
    given_way = waiting[3 - kept]
    asked = (await project.get("Promotion", given_way))["metadata"]["annotations"]["kargo.akuity.io/abort"]
    assert f"superseded by Promotion {waiting[kept]}" in asked
    await project.set_status("Promotion", given_way, phase="Aborted")
    await drive.end(running)
    await drive.settle()
    assert (await project.status("Stage", "dev"))["lastPromotion"]["name"] == running
    assert set((await project.status("Freight", freight[0])).get("verifiedIn", {})) == {"dev"}
    assert await drive.current() == waiting[kept]


async def test_a_way_for_promotions_to_wait_is_checked(project: Project) -> None:
    with pytest.raises(Invalid) as raised:
        await set_up(project, stage(annotations={"argosy/promotion-flow": "superseed"}))
    assert "Did you mean 'supersede'?" in str(raised.value)


async def test_freight_that_arrives_is_healthy_verified_and_says_so(project: Project, drive: Drive) -> None:
    await set_up(project)
    freight = await project.freight("1")
    await drive.bring(freight)
    assert await drive.summary() == freight
    assert await project.condition("Stage", "dev", "Ready") == ("True", "Verified")
    status = await project.status("Freight", freight)
    assert set(status["currentlyIn"]) == {"dev"}
    verification = (await project.status("Stage", "dev"))["freightHistory"][0]["verificationHistory"]
    assert [info["phase"] for info in verification] == ["Successful"]
    assert status["verifiedIn"] == {"dev": {"verifiedAt": verification[0]["finishTime"]}}
    assert await project.events() == ["PromotionCreated", "FreightVerificationSucceeded"]
    assert "journal" not in (await project.status("Stage", "dev"))["lastPromotion"]["status"]


async def test_freight_that_leaves_takes_its_longest_soak_along(project: Project, drive: Drive) -> None:
    await set_up(project)
    one, two = await project.freight("1"), await project.freight("2")

    async def stay(seconds: float) -> float:
        """The first Freight comes, stays for a while, and goes; returns its longest soak in seconds."""
        await drive.bring(one)
        await project.clock.advance(seconds)
        await drive.bring(two)
        status = await project.status("Freight", one)
        assert not status.get("currentlyIn")
        return parse_duration(status["verifiedIn"]["dev"]["longestSoak"])

    first = await stay(100)
    assert 100 <= first < 120
    assert await stay(10) == first, "a shorter stay does not shorten it"
    assert await stay(500) >= 500


async def test_an_unsuccessful_promotion_leaves_the_freight_and_is_never_retried(
    project: Project, drive: Drive
) -> None:
    await set_up(project)
    await project.store.create(auto())
    freight = await project.freight("1")
    await drive.settle()
    promotions = await project.names("Promotion")
    assert len(promotions) == 1
    await drive.end(promotions[0], "Failed", message="the push was refused")
    await drive.settle()
    assert await project.names("Promotion") == promotions
    assert await project.condition("Stage", "dev", "Ready") == ("False", "LastPromotionFailed")
    assert (await project.status("Stage", "dev"))["health"]["status"] == "Unknown"
    assert "currentlyIn" not in await project.status("Freight", freight)
    await drive.bring(freight)
    assert await drive.summary() == freight


async def test_history_keeps_ten(project: Project, drive: Drive) -> None:
    await set_up(project)
    names = [await project.freight(str(index)) for index in range(12)]
    for name in names:
        await drive.bring(name)
    history = (await project.status("Stage", "dev"))["freightHistory"]
    assert [item["id"] for item in history] == list(reversed(names))[:10]
    inside = [name for name in names if (await project.status("Freight", name)).get("currentlyIn")]
    assert inside == [names[-1]]


async def test_origins_are_kept_side_by_side(project: Project, drive: Drive) -> None:
    await set_up(project, stage("dev", request("w"), request("v")))
    await project.store.create(warehouse("v"))
    w = await project.freight("1")
    v = await project.freight("2", of="v")
    await drive.bring(w)
    assert await drive.summary() == "1/2 Fulfilled"
    both = {"id": "both", "items": {"Warehouse/w": reference(w), "Warehouse/v": reference(v, "v")}}
    await drive.bring(v, of=("v",), freightCollection=both)
    assert await drive.summary() == "2/2 Fulfilled"
    for name in (w, v):
        assert set((await project.status("Freight", name))["currentlyIn"]) == {"dev"}
        assert set((await project.status("Freight", name))["verifiedIn"]) == {"dev"}


async def test_health_checks_decide_and_come_back(project: Project, drive: Drive, checks: FakeChecks) -> None:
    await set_up(project)
    freight = await project.freight("1")
    checks.verdict = Health(status="Unhealthy", issues=("down",))
    await drive.bring(freight, healthChecks=[{"uses": "alive"}])
    assert await project.condition("Stage", "dev", "Healthy") == ("False", "Unhealthy")
    assert "verifiedIn" not in await project.status("Freight", freight)
    assert set(map(str, checks.asked)) == {"('p', 'dev', ['alive'])"}
    outcome = await drive.settle()
    assert outcome.again_after == LOOK_EVERY
    checks.verdict = Health(status="Healthy")
    await drive.settle()
    assert set((await project.status("Freight", freight))["verifiedIn"]) == {"dev"}
    assert await project.condition("Stage", "dev", "Ready") == ("True", "Verified")


async def test_a_stage_with_verification_says_that_it_is_not_run_and_goes_on(project: Project, drive: Drive) -> None:
    raw = stage()
    raw["spec"]["verification"] = {"analysisTemplates": [{"name": "t"}]}
    await set_up(project, raw)
    first = await project.freight("1")
    await drive.bring(first)
    assert await project.condition("Stage", "dev", "Verified") == ("Unknown", "VerificationNotSupported")
    assert "verifiedIn" not in await project.status("Freight", first)
    second = await project.freight("2")
    await drive.bring(second)
    assert await drive.summary() == second


async def test_verification_is_repeated_and_told_again_when_asked(project: Project, drive: Drive) -> None:
    await set_up(project)
    await drive.bring(await project.freight("1"))

    async def history() -> list[str]:
        infos = (await project.status("Stage", "dev"))["freightHistory"][0]["verificationHistory"]
        return [info["id"] for info in infos]

    (first,) = await history()
    await project.store.patch(DEV, {"metadata": {"annotations": {"kargo.akuity.io/reverify": first}}})
    await drive.settle()
    assert len(await history()) == 2
    assert (await project.events()).count("FreightVerificationSucceeded") == 2


async def test_auto_promotion_takes_the_newest_and_records_who(project: Project, drive: Drive) -> None:
    await set_up(project)
    await project.store.create(auto())
    await project.freight("1")
    await project.clock.advance(10)
    newest = await project.freight("2")
    await drive.settle()
    (name,) = await project.names("Promotion")
    promotion = await project.get("Promotion", name)
    assert promotion["spec"]["freight"] == newest
    assert "kargo.akuity.io/create-actor" not in promotion["metadata"]["annotations"]
    assert await project.events() == ["PromotionCreated"]
    assert (await project.status("Stage", "dev"))["autoPromotionEnabled"] is True


async def test_without_a_policy_nothing_is_promoted(project: Project, drive: Drive) -> None:
    await set_up(project)
    await project.store.create(auto("prod"))
    await project.freight("1")
    await drive.settle()
    assert await project.names("Promotion") == []


async def test_freight_passes_to_the_next_stage_once_it_has_soaked(project: Project, drive: Drive) -> None:
    await set_up(project, stage(), stage("prod", request("w", stages=["dev"], requiredSoakTime="1h")))
    await project.store.create(auto("prod"))
    freight = await project.freight("1")
    outcome = await drive.settle(PROD)
    assert outcome.again_after is None
    await drive.bring(freight)
    outcome = await drive.settle(PROD)
    assert outcome.again_after is not None
    assert 3500 < outcome.again_after <= 3600
    assert len(await project.names("Promotion")) == 1
    await project.clock.advance(outcome.again_after)
    await drive.settle(PROD)
    assert len(await project.names("Promotion")) == 2


async def test_choosing_other_freight_holds_until_the_candidate_is_chosen(project: Project, drive: Drive) -> None:
    await set_up(project)
    await project.store.create(auto())
    old = await project.freight("1")
    await drive.settle()
    await drive.end((await project.names("Promotion"))[0])
    await drive.settle()
    await project.clock.advance(10)
    new = await project.freight("2")
    held = await project.promote(old)
    await drive.settle()
    status = await project.status("Stage", "dev")
    assert status["effectiveAutoPromotionHolds"]["Warehouse/w"]["promotionName"] == held
    assert len(await project.names("Promotion")) == 2
    await drive.end(held)
    await drive.settle()
    hold = (await project.status("Stage", "dev"))["autoPromotionHolds"]["Warehouse/w"]
    assert (hold["freightName"], hold["actor"], hold["origin"]) == (old, "admin", origin())
    assert len(await project.names("Promotion")) == 2, "the newer Freight is not promoted"
    await drive.bring(new)
    status = await project.status("Stage", "dev")
    assert "autoPromotionHolds" not in status
    assert "effectiveAutoPromotionHolds" not in status
    newer = await project.freight("3")
    await drive.settle()
    promoted = [(await project.get("Promotion", name))["spec"]["freight"] for name in await project.names("Promotion")]
    assert promoted.count(newer) == 1


async def test_dangling_references_are_a_condition_and_one_event(project: Project, drive: Drive) -> None:
    steps = ({"task": {"name": "bump"}}, {"task": {"name": "all", "kind": "ClusterPromotionTask"}})
    await project.store.create(stage("prod", request("w", stages=["dev"]), steps=steps))
    for _ in range(3):
        await drive.settle(PROD)
    message = (
        "Warehouse 'w' does not exist; upstream Stage 'dev' does not exist; PromotionTask 'bump' does not exist; "
        "ClusterPromotionTask 'all' does not exist"
    )
    assert await project.condition("Stage", "prod", "Stalled") == ("True", "ReferenceNotFound")
    assert await project.events("ReferenceNotFound") == [message]
    await set_up(project)
    await drive.settle(PROD)
    assert len(await project.events("ReferenceNotFound")) == 2, "something else is missing now"
    task = {"steps": [{"uses": "fail"}]}
    await project.store.create(resource("PromotionTask", "bump", spec=task))
    raw = resource("ClusterPromotionTask", "all", spec=task)
    del raw["metadata"]["namespace"]
    await project.store.create(raw)
    await drive.settle(PROD)
    assert await project.condition("Stage", "prod", "Stalled") is None


async def test_what_cannot_be_promoted_is_told_on_the_stage_until_it_can(project: Project, drive: Drive) -> None:
    await set_up(project, stage("dev", steps=({"task": {"name": "bump"}},)))
    spec = {"vars": [{"name": "image"}], "steps": [{"uses": "fail"}]}
    await project.store.create(resource("PromotionTask", "bump", spec=spec))
    await project.store.create(auto())
    await project.freight("1")
    outcome = await drive.settle()
    assert outcome.again_after == LOOK_EVERY
    assert await project.condition("Stage", "dev", "Ready") == ("False", "ReconcileError")
    assert await project.condition("Stage", "dev", "Reconciling") == ("True", "RetryAfterError")
    ready = next(item for item in (await project.status("Stage", "dev"))["conditions"] if item["type"] == "Ready")
    assert "needs a value for its variable 'image'" in ready["message"]
    key = Key("PromotionTask", "p", "bump")
    await project.store.patch(key, {"spec": {"vars": [{"name": "image", "value": "i"}]}})
    await drive.settle()
    assert len(await project.names("Promotion")) == 1
    assert await project.condition("Stage", "dev", "Reconciling") is None


async def test_a_policy_that_cannot_be_read_is_told_and_costs_no_hold(project: Project, drive: Drive) -> None:
    await set_up(project)
    await project.store.create(auto("regex:("))
    holds = {"Warehouse/w": {"freightName": "f", "origin": origin(), "promotionName": "x"}}
    await project.set_status("Stage", "dev", autoPromotionHolds=holds)
    await drive.settle()
    assert await project.condition("Stage", "dev", "Ready") == ("False", "ReconcileError")
    assert (await project.status("Stage", "dev"))["autoPromotionHolds"] == holds


async def test_a_refresh_is_answered(project: Project, drive: Drive) -> None:
    await set_up(project)
    await project.store.patch(DEV, {"metadata": {"annotations": {"kargo.akuity.io/refresh": "now"}}})
    await drive.settle()
    assert (await project.status("Stage", "dev"))["lastHandledRefresh"] == "now"


async def test_a_control_flow_stage_verifies_what_is_available_to_it(project: Project, drive: Drive) -> None:
    await set_up(project, stage(), stage("gate", request("w", stages=["dev"]), steps=()))
    one, two = await project.freight("1"), await project.freight("2")
    await drive.bring(one)
    outcome = await drive.settle(GATE)
    assert outcome.again_after is None
    assert set((await project.status("Freight", one))["verifiedIn"]) == {"dev", "gate"}
    assert "gate" not in (await project.status("Freight", one))["currentlyIn"]
    assert await project.status("Freight", two) == {}
    assert await project.condition("Stage", "gate", "Ready") == ("True", "Ready")
    assert await drive.summary(GATE) == "N/A"
    verified = await project.events("FreightVerificationSucceeded")
    assert len(verified) == 2


async def test_a_control_flow_stage_waits_for_soaking_freight(project: Project, drive: Drive) -> None:
    gate = stage("gate", request("w", stages=["dev"], requiredSoakTime="10m"), steps=())
    await set_up(project, stage(), gate)
    freight = await project.freight("1")
    await drive.bring(freight)
    outcome = await drive.settle(GATE)
    assert outcome.again_after is not None
    await project.clock.advance(outcome.again_after)
    await drive.settle(GATE)
    assert set((await project.status("Freight", freight))["verifiedIn"]) == {"dev", "gate"}


async def test_a_stage_that_loses_its_steps_lets_its_freight_go(project: Project, drive: Drive) -> None:
    await set_up(project)
    freight = await project.freight("1")
    await drive.bring(freight)
    await project.store.patch(DEV, {"spec": {"promotionTemplate": None}})
    await drive.settle()
    assert (
        "currentlyIn" not in await project.status("Freight", freight)
        or not (await project.status("Freight", freight))["currentlyIn"]
    )
    status = await project.status("Stage", "dev")
    assert not {"freightHistory", "lastPromotion", "health"} & set(status)


async def test_a_stage_that_is_deleted_is_forgotten_by_freight_and_takes_its_promotions_along(
    project: Project, drive: Drive
) -> None:
    await set_up(project, stage(), stage("prod"))
    freight = await project.freight("1")
    await drive.bring(freight)
    await drive.settle(PROD)
    await project.set_status("Freight", freight, approvedFor={"dev": {}, "prod": {}})
    await project.store.delete(DEV)
    assert await project.exists("Stage", "dev"), "its finalizer keeps it"
    await project.turn(drive.stages.reconcile, DEV)
    assert not await project.exists("Stage", "dev")
    status = await project.status("Freight", freight)
    assert [name for name in ("verifiedIn", "currentlyIn") if status.get(name)] == []
    assert set(status["approvedFor"]) == {"prod"}
    assert await project.turn(drive.stages.reconcile, DEV) == Outcome()


async def test_a_deletion_is_left_to_finalizers_of_others(project: Project, drive: Drive) -> None:
    await set_up(project, stage(finalizers=["example.org/mine"]))
    await drive.settle()
    await project.store.delete(DEV)
    await project.turn(drive.stages.reconcile, DEV)
    assert (await project.get("Stage", "dev"))["metadata"]["finalizers"] == ["example.org/mine"]
    assert (await project.turn(drive.stages.reconcile, DEV)).changes == ()


async def test_freight_is_written_before_the_stage(project: Project, drive: Drive) -> None:
    """When the process ends in between, the Stage does not yet know of its promotion, and does all again."""
    await set_up(project)
    freight = await project.freight("1")
    promotion = await project.promote(freight)
    await drive.settle()
    await drive.end(promotion)
    outcome = await drive.stages.reconcile(DEV)
    patched = [change.key.kind for change in outcome.changes if isinstance(change, Patch)]
    assert patched == ["Freight", "Stage"]


class Counting:
    """Counts the reads of a store."""

    def __init__(self, inner: Store) -> None:
        self._inner = inner
        self.gets: list[Key] = []
        self.lists: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def get(self, key: Key) -> Document:
        self.gets.append(key)
        return await self._inner.get(key)

    async def list(self, query: Query, **more: Any) -> Any:
        self.lists.append(query.kind)
        return await self._inner.list(query, **more)


async def test_a_look_costs_few_reads_however_much_has_happened(
    project: Project, drive: Drive, checks: FakeChecks
) -> None:
    await set_up(project)
    for index in range(12):
        await drive.bring(await project.freight(str(index)))
    counting = Counting(project.store)
    outcome = await StageReconciler(counting, checks, project.clock).reconcile(DEV)
    assert outcome.changes == ()
    assert sorted(key.kind for key in counting.gets) == ["Freight", "ProjectConfig", "Stage", "Warehouse"]
    assert counting.lists == ["Promotion"]


async def test_trouble_of_the_store_is_no_condition(project: Project, checks: FakeChecks) -> None:
    class Busy(Counting):
        async def list(self, query: Query, **more: Any) -> Any:
            raise Unavailable("busy")

    await set_up(project)
    busy = StageReconciler(Busy(project.store), checks, project.clock)
    await project.turn(busy.reconcile, DEV)
    with pytest.raises(Unavailable):
        await busy.reconcile(DEV)


async def concerned(stages: StageReconciler, raw: Mapping[str, Any]) -> list[str]:
    document = Document.of(raw)
    related = {"Promotion": stages.of_promotion, "Freight": stages.of_freight}.get(raw["kind"], stages.of_subject)
    return [key.name for key in await related(document)]


async def test_events_find_the_stages_they_concern_without_reading(project: Project, drive: Drive) -> None:
    steps = ({"task": {"name": "bump"}},)
    await set_up(project, stage(), stage("prod", request("w", stages=["dev"]), steps=steps), stage("x", request("v")))
    for key in (DEV, PROD, Key("Stage", "p", "x")):
        await drive.settle(key)
    stages = drive.stages
    counting = Counting(project.store)
    stages._store = counting
    assert await concerned(stages, resource("Freight", "f") | {"origin": origin()}) == ["dev", "prod"]
    assert await concerned(stages, resource("Freight", "f") | {"origin": origin("v")}) == ["x"]
    assert await concerned(stages, resource("Warehouse", "w")) == ["dev", "prod"]
    assert await concerned(stages, resource("Stage", "dev")) == ["prod"]
    assert await concerned(stages, resource("PromotionTask", "bump")) == ["prod"]
    assert await concerned(stages, resource("ProjectConfig", "p")) == ["dev", "prod", "x"]
    assert await concerned(stages, resource("Promotion", "dev.1", spec={"stage": "dev"})) == ["dev"]
    assert await concerned(stages, {**resource("Freight", "f", namespace="q"), "origin": origin()}) == []
    assert (counting.gets, counting.lists) == ([], [])
    await project.store.patch(PROD, {"spec": {"requestedFreight": [request("v")]}})
    stages._store = project.store
    await drive.settle(PROD)
    assert await concerned(stages, resource("Warehouse", "w")) == ["dev"]
    await project.store.patch(DEV, {"metadata": {"finalizers": None}})
    await project.store.delete(DEV)
    await project.turn(stages.reconcile, DEV)
    assert await concerned(stages, resource("Warehouse", "w")) == []


def test_interests_forget() -> None:
    interests = Interests()
    subject, other = Key("Warehouse", "p", "w"), Key("Warehouse", "p", "v")
    interests.learn(DEV, [subject, other])
    interests.learn(PROD, [subject])
    assert interests.of(subject) == [DEV, PROD]
    interests.learn(DEV, [other])
    assert interests.of(subject) == [PROD]
    interests.learn(PROD, [])
    assert interests.of(subject) == []
    assert interests.of(other) == [DEV]


def test_what_matters_of_promotions_and_freight() -> None:
    def promotion(**status: Any) -> Document:
        return Document.of(resource("Promotion", "x", status=status))

    def freight(**status: Any) -> Document:
        return Document.of(resource("Freight", "x", status=status))

    assert progress(promotion(phase="Running", currentStep=1)) == progress(promotion(phase="Running", currentStep=2))
    assert progress(promotion(phase="Running")) != progress(promotion(phase="Failed"))
    assert whereabouts(freight(metadata={"a": 1})) == whereabouts(freight(metadata={"a": 2}))
    for name in ("verifiedIn", "currentlyIn", "approvedFor"):
        assert whereabouts(freight(**{name: {"dev": {}}})) != whereabouts(freight())
