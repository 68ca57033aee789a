"""Stages: promotions one at a time and in order, history, holds, readiness; and nothing moves while nothing happens."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.rules.pipeline_case import (
    NOW,
    Raw,
    a_config,
    a_promotion,
    a_stage,
    ago,
    auto,
    collection,
    origin,
    reference,
    request,
)

from argosy.resources.meta import Condition
from argosy.resources.promotion import Promotion
from argosy.resources.stage import Health, Stage, StageStatus
from argosy.rules import health, verification
from argosy.rules.stage import (
    View,
    begin,
    control_flow,
    hold,
    summarize,
    summary,
    sync_promotions,
    troubled,
    waits_for_next,
)


def view(stage: Stage, *promotions: Promotion, now: datetime = NOW, missing: tuple[str, ...] = (), **more: Any) -> View:
    return View(stage, promotions, more.get("config"), missing, now)


def synced(status: Raw, *promotions: Promotion, stage: Stage | None = None, **more: Any) -> StageStatus:
    raw = (stage or a_stage()).dump()
    whole = Stage.model_validate({**raw, "status": status})
    seen = view(whole, *promotions, **more)
    return sync_promotions(seen, begin(seen))


def condition(status: StageStatus, type: str) -> Condition | None:
    return next((item for item in status.conditions if item.type == type), None)


def ended(name: str, phase: str = "Succeeded", *, of: str = "f1", **status: Any) -> Promotion:
    told = {
        "startedAt": ago(20),
        "finishedAt": ago(10),
        "freight": reference(of),
        "freightCollection": collection(reference(of)),
        "message": f"{name} {phase}",
        **status,
    }
    return a_promotion(name, phase, of=of, status=told)


def current(name: str) -> Raw:
    return {"currentPromotion": {"name": name}}


def test_the_first_in_order_becomes_current_and_the_others_wait() -> None:
    status = synced({}, a_promotion("dev.2"), a_promotion("dev.1", "Pending"))
    assert status.current_promotion is not None
    assert status.current_promotion.name == "dev.1"
    promoting = condition(status, "Promoting")
    assert promoting is not None
    assert (promoting.status, promoting.reason) == ("True", "ActivePromotion")


def test_a_running_promotion_stays_current_whatever_its_name() -> None:
    running = a_promotion("dev.9", "Running", status={"freight": reference()})
    status = synced(current("dev.9"), a_promotion("dev.1", "Pending"), running)
    assert status.current_promotion is not None
    assert status.current_promotion.name == "dev.9"
    assert status.current_promotion.freight is not None


def test_a_finished_one_is_recorded_before_the_next_begins() -> None:
    status = synced(current("dev.1"), ended("dev.1"), a_promotion("dev.2", "Pending"))
    assert status.current_promotion is None
    assert status.last_promotion is not None
    assert status.last_promotion.name == "dev.1"
    assert condition(status, "Promoting") is None
    assert waits_for_next(view(a_stage(), a_promotion("dev.2")), status) is False, "the new Freight is verified first"


def test_success_makes_its_freight_current_and_health_unknown() -> None:
    status = synced(
        {**current("dev.1"), "freightHistory": [collection(reference("old"))], "health": {"status": "Healthy"}},
        ended("dev.1"),
    )
    assert status.current_freight is not None
    assert status.current_freight.includes("f1")
    assert [item.includes("old") for item in status.freight_history] == [False, True]
    assert status.health is None
    healthy, verified = condition(status, "Healthy"), condition(status, "Verified")
    assert healthy is not None
    assert verified is not None
    assert (healthy.reason, verified.reason) == ("WaitingForHealthCheck", "WaitingForVerification")


@pytest.mark.parametrize("phase", ["Failed", "Errored", "Aborted"])
def test_an_unsuccessful_promotion_leaves_the_freight_as_it_was(phase: str) -> None:
    before = {**current("dev.1"), "freightHistory": [collection(reference("old"))]}
    status = synced(before, ended("dev.1", phase))
    assert status.current_freight is not None
    assert status.current_freight.includes("old")
    assert status.last_promotion is not None
    assert status.last_promotion.status is not None
    assert status.last_promotion.status.phase == phase


def test_all_that_ended_unseen_are_recorded_oldest_first() -> None:
    ended_ones = [ended("dev.3", of="f3"), ended("dev.1", of="f1"), ended("dev.2", "Failed", of="f2")]
    status = synced(current("dev.1"), *ended_ones)
    names = [item.references[0].name for item in status.freight_history]
    assert names == ["f3", "f1"]
    assert status.last_promotion is not None
    assert status.last_promotion.name == "dev.3"


def test_what_was_recorded_already_is_not_recorded_again() -> None:
    before = {**current("dev.2"), "lastPromotion": {"name": "dev.1"}, "freightHistory": [collection()]}
    status = synced(before, ended("dev.1"), ended("dev.2", of="f2"))
    assert [item.references[0].name for item in status.freight_history] == ["f2", "f1"]


def test_history_keeps_ten() -> None:
    old = [collection(reference(f"f{index}")) for index in range(10)]
    status = synced({**current("dev.1"), "freightHistory": old}, ended("dev.1", of="new"))
    names = [item.references[0].name for item in status.freight_history]
    assert names == ["new", *(f"f{index}" for index in range(9))]


def test_the_stage_remembers_no_journal_of_its_promotions() -> None:
    status = synced(current("dev.1"), ended("dev.1", journal={"intents": {"push": {"commit": "x"}}}, state={"a": {}}))
    assert status.last_promotion is not None
    assert "journal" not in status.compact()["lastPromotion"]["status"]
    assert status.compact()["lastPromotion"]["status"]["state"] == {"a": {}}


def test_one_that_never_started_hands_on_the_freight_of_the_one_before() -> None:
    """Otherwise Freight of other origins would be forgotten."""
    known = collection(reference("x", "a"), reference("y", "b"))
    before = {"lastPromotion": {"name": "dev.1", "status": {"phase": "Succeeded", "freightCollection": known}}}
    status = synced({**current("dev.2"), **before}, a_promotion("dev.2", "Aborted", status={"finishedAt": ago(1)}))
    assert status.last_promotion is not None
    assert status.last_promotion.status is not None
    assert status.last_promotion.status.freight_collection is not None
    assert set(status.last_promotion.status.freight_collection.items) == {"Warehouse/a", "Warehouse/b"}


def test_a_current_promotion_that_was_deleted_is_forgotten() -> None:
    assert synced(current("dev.1")).current_promotion is None
    status = synced(current("dev.1"), a_promotion("dev.2"))
    assert status.current_promotion is None
    assert waits_for_next(view(a_stage(), a_promotion("dev.2")), status)


WAITING = [
    pytest.param(collection(), None, True, id="unverified and not assessed"),
    pytest.param(collection(), "Healthy", True, id="unverified and healthy"),
    pytest.param(collection(), "Unhealthy", False, id="unverified and unhealthy: a promotion may mend it"),
    pytest.param(collection(), "Unknown", False, id="unverified after an unsuccessful promotion"),
    pytest.param(collection(verified="Running"), "Unhealthy", True, id="being verified, whatever its health"),
    pytest.param(collection(verified="Pending"), "Healthy", True, id="about to be verified"),
    pytest.param(collection(verified="Successful"), "Healthy", False, id="verified"),
    pytest.param(collection(verified="Failed"), "Healthy", False, id="refused by verification"),
]


@pytest.mark.parametrize(("freight", "state", "waits"), WAITING)
def test_the_next_promotion_waits_while_the_freight_is(freight: Raw, state: str | None, waits: bool) -> None:
    before = {"freightHistory": [freight], **({"health": {"status": state}} if state else {})}
    status = synced(before, a_promotion("dev.2"))
    assert (status.current_promotion is None) == waits
    assert (condition(status, "Promoting") is None) == waits


def test_nothing_waits_for_a_verification_that_nobody_makes() -> None:
    raw = a_stage().dump()
    raw["spec"]["verification"] = {"analysisTemplates": [{"name": "t"}]}
    before = {"freightHistory": [collection()], "health": {"status": "Healthy"}}
    status = synced(before, a_promotion("dev.2"), stage=Stage.model_validate(raw))
    assert status.current_promotion is not None


HOLD = {"kargo.akuity.io/auto-promotion-hold": "Warehouse/w"}
HELD = {"Warehouse/w": {"freightName": "f1", "origin": origin(), "promotionName": "dev.1"}}


def test_holds_are_recorded_with_the_promotion_while_auto_promotion_is_on() -> None:
    promotion = ended("dev.1", "Failed").model_copy(
        update={"metadata": a_promotion("dev.1", annotations=HOLD).metadata}
    )
    on = synced(current("dev.1"), promotion, config=a_config())
    assert set(on.auto_promotion_holds) == {"Warehouse/w"}
    off = synced(current("dev.1"), promotion)
    assert off.auto_promotion_holds == {}


def test_holds_end_with_auto_promotion_and_with_the_request_for_their_origin() -> None:
    before = {"autoPromotionHolds": HELD}
    assert synced(before, config=a_config()).auto_promotion_holds != {}
    assert synced(before).auto_promotion_holds == {}
    other = a_stage("dev", request("other"))
    assert synced(before, stage=other, config=a_config()).auto_promotion_holds == {}


def test_the_holds_in_force_are_told_while_auto_promotion_is_on() -> None:
    stage = a_stage(status={"autoPromotionHolds": HELD})
    on = hold(view(stage, config=a_config()), stage.status)
    assert (on.auto_promotion_enabled, set(on.effective_auto_promotion_holds)) == (True, {"Warehouse/w"})
    off = hold(view(stage, config=a_config(auto("other"))), stage.status)
    assert (off.auto_promotion_enabled, off.effective_auto_promotion_holds) == (False, {})


def test_a_refresh_is_taken_note_of() -> None:
    stage = a_stage(annotations={"kargo.akuity.io/refresh": "token"})
    assert begin(view(stage)).last_handled_refresh == "token"
    kept = a_stage(status={"lastHandledRefresh": "before"})
    assert begin(view(kept)).last_handled_refresh == "before"


def test_dangling_references_are_a_condition_until_they_are_mended() -> None:
    status = begin(view(a_stage(), missing=("Warehouse 'w' does not exist", "Stage 'x' does not exist")))
    stalled = condition(status, "Stalled")
    assert stalled is not None
    assert (stalled.status, stalled.reason) == ("True", "ReferenceNotFound")
    assert stalled.message == "Warehouse 'w' does not exist; Stage 'x' does not exist"
    mended = begin(view(Stage.model_validate({**a_stage().dump(), "status": status.compact()})))
    assert condition(mended, "Stalled") is None


def ready(status: Raw) -> tuple[str, str, str]:
    seen = StageStatus.model_validate(status)
    found = condition(summarize(view(a_stage()), seen), "Ready")
    assert found is not None
    return found.status, found.reason, found.message


def says(type: str, status: str, reason: str = "Because", message: str = "so it is") -> Raw:
    return {"type": type, "status": status, "reason": reason, "message": message, "lastTransitionTime": ago(99)}


WELL, SURE = says("Healthy", "True"), says("Verified", "True", "Verified", "Freight has been verified")


@pytest.mark.parametrize(
    ("status", "told"),
    [
        pytest.param(
            {"conditions": [says("Promoting", "True", "ActivePromotion", "busy"), WELL, SURE]},
            ("False", "ActivePromotion", "busy"),
            id="while it promotes",
        ),
        pytest.param(
            {"conditions": [WELL, SURE], "lastPromotion": {"name": "x", "status": {"phase": "Failed", "message": "m"}}},
            ("False", "LastPromotionFailed", "m"),
            id="when the last promotion failed",
        ),
        pytest.param({"conditions": []}, ("False", "Unhealthy", "Stage is not healthy"), id="before health is known"),
        pytest.param(
            {"conditions": [says("Healthy", "False", "Unhealthy", "down"), SURE]},
            ("False", "Unhealthy", "down"),
            id="when it is not healthy",
        ),
        pytest.param(
            {"conditions": [WELL]}, ("False", "PendingVerification", "Stage is not verified"), id="before verification"
        ),
        pytest.param(
            {"conditions": [WELL, says("Verified", "Unknown", "VerificationRunning", "m")]},
            ("False", "VerificationRunning", "m"),
            id="while it is verified",
        ),
        pytest.param(
            {"conditions": [WELL, SURE]}, ("True", "Verified", "Freight has been verified"), id="when all is well"
        ),
    ],
)
def test_whether_a_stage_is_ready(status: Raw, told: tuple[str, str, str]) -> None:
    assert ready(status) == told


def test_trouble_is_told_and_ends_with_its_cause() -> None:
    whole = StageStatus.model_validate({"conditions": [WELL, SURE]})
    bad = summarize(view(a_stage()), whole, "no such task")
    told = condition(bad, "Ready")
    assert told is not None
    assert (told.status, told.reason, told.message) == ("False", "ReconcileError", "no such task")
    assert condition(bad, "Reconciling") is not None
    good = summarize(view(a_stage()), bad)
    told = condition(good, "Ready")
    assert told is not None
    assert told.status == "True"
    assert condition(good, "Reconciling") is None


def test_trouble_that_stops_everything_leaves_the_rest_of_the_status() -> None:
    stage = a_stage(status={"conditions": [WELL, SURE], "freightHistory": [collection()], "autoPromotionHolds": HELD})
    status = troubled(stage, "a policy cannot be read", NOW)
    told = condition(status, "Ready")
    assert told is not None
    assert (told.status, told.message) == ("False", "a policy cannot be read")
    assert status.freight_history == stage.status.freight_history
    assert status.auto_promotion_holds == stage.status.auto_promotion_holds


@pytest.mark.parametrize(
    ("requested", "held", "told"),
    [
        (1, [], "0/1 Fulfilled"),
        (1, [reference("f1")], "f1"),
        (2, [reference("f1", "a")], "1/2 Fulfilled"),
        (2, [reference("f1", "a"), reference("f2", "b")], "2/2 Fulfilled"),
        (1, [reference("f1", "a"), reference("f2", "b")], "2/1 Fulfilled"),
    ],
)
def test_freight_in_a_word(requested: int, held: list[Raw], told: str) -> None:
    status = StageStatus.model_validate({"freightHistory": [collection(*held)]} if held else {})
    assert summary(requested, status.current_freight) == told


def test_a_control_flow_stage_is_ready_and_forgets_what_it_was() -> None:
    before = {
        "conditions": [says("Ready", "False"), WELL, SURE],
        "freightHistory": [collection()],
        "health": {"status": "Healthy"},
        "lastPromotion": {"name": "x"},
        "autoPromotionEnabled": True,
        "autoPromotionHolds": HELD,
        "metadata": {"kept": 1},
    }
    status = control_flow(view(a_stage(steps=(), status=before, generation=3), missing=("Stage 'x' does not exist",)))
    assert [(item.type, item.status) for item in status.conditions] == [("Ready", "True"), ("Stalled", "True")]
    assert status.freight_summary == "N/A"
    assert status.observed_generation == 3
    assert status.metadata == {"kept": 1}
    rest = {"freight_history", "health", "last_promotion", "auto_promotion_enabled", "auto_promotion_holds"}
    assert status.model_dump(include=rest) == StageStatus().model_dump(include=rest)


SETTLED: dict[str, tuple[Raw, list[Promotion], Health | None]] = {
    "a Stage that has nothing": ({}, [], None),
    "a promotion that runs": ({}, [a_promotion("dev.1", "Running", status={"freight": reference()})], None),
    "a promotion that waits": ({}, [a_promotion("dev.1")], None),
    "a promotion that ended well": (current("dev.1"), [ended("dev.1")], None),
    "one that ended badly": (current("dev.1"), [ended("dev.1", "Failed")], None),
    "unhealthy Freight": (current("dev.1"), [ended("dev.1")], Health(status="Unhealthy", issues=("down",))),
    "unhealthy Freight, and a promotion that waits": (
        current("dev.1"),
        [ended("dev.1"), a_promotion("dev.2")],
        Health(status="Unhealthy", issues=("down",)),
    ),
}


@pytest.mark.parametrize(("before", "promotions", "checked"), SETTLED.values(), ids=SETTLED.keys())
def test_once_settled_nothing_changes_though_time_passes(
    before: Raw, promotions: list[Promotion], checked: Health | None
) -> None:
    def decide(status: StageStatus, now: datetime) -> StageStatus:
        stage = Stage.model_validate({**a_stage().dump(), "status": status.compact()})
        seen = view(stage, *promotions, now=now, missing=("Warehouse 'w' does not exist",))
        status = health.assess(seen, sync_promotions(seen, begin(seen)), checked)
        return summarize(seen, hold(seen, verification.verify(seen, status, f"v at {now}")))

    status = StageStatus.model_validate(before)
    for minute in range(4):
        status = decide(status, NOW + timedelta(minutes=minute))
    assert decide(status, NOW + timedelta(hours=1)).compact() == status.compact()
