"""Verification: healthy Freight is verified once, again when asked, and survives a verification that fails later."""

from __future__ import annotations

from typing import Any

import pytest
from tests.rules.pipeline_case import NOW, Raw, a_stage, ago, collection

from argosy.resources.stage import Stage, StageStatus
from argosy.rules.stage import View
from argosy.rules.verification import confirmed, reverify_asked, verified_by, verify

REVERIFY = "kargo.akuity.io/reverify"


def stage_with(status: Raw, *, verification: bool = False, **meta: Any) -> Stage:
    raw = a_stage(status=status, **meta).dump()
    if verification:
        raw["spec"]["verification"] = {"analysisTemplates": [{"name": "t"}]}
    return Stage.model_validate(raw)


def verified(status: Raw, **more: Any) -> StageStatus:
    stage = stage_with(status, **more)
    return verify(View(stage, (), None, (), NOW), stage.status, "new")


def told(status: StageStatus) -> tuple[str, str]:
    condition = next(item for item in status.conditions if item.type == "Verified")
    return condition.status, condition.reason


def phases(status: StageStatus) -> list[tuple[str, str]]:
    assert status.current_freight is not None
    return [(info.id, info.phase) for info in status.current_freight.verification_history]


def at(health: str, *history: Raw, **more: Any) -> Raw:
    return {"freightHistory": [{**collection(), "verificationHistory": list(history)}], "health": {"status": health}}


def info(id: str, phase: str) -> Raw:
    return {"id": id, "phase": phase, "finishTime": ago(60), "message": "m"}


def test_healthy_freight_is_verified_at_once() -> None:
    status = verified(at("Healthy"))
    assert phases(status) == [("new", "Successful")]
    assert told(status) == ("True", "Verified")
    assert verified_by(status, "new")
    assert status.current_freight is not None
    assert status.current_freight.verification_history[0].finish_time == NOW


@pytest.mark.parametrize("health", ["Unhealthy", "Unknown", "Progressing", "NotApplicable"])
def test_freight_is_not_verified_unless_exactly_healthy(health: str) -> None:
    assert phases(verified(at(health))) == []


def test_verified_freight_is_not_verified_again() -> None:
    status = verified(at("Healthy", info("old", "Successful")))
    assert phases(status) == [("old", "Successful")]
    assert not verified_by(status, "new")


def test_nothing_is_verified_without_freight_or_during_a_promotion() -> None:
    assert told(verified({})) == ("Unknown", "NoFreight")
    assert phases(verified({**at("Healthy"), "currentPromotion": {"name": "dev.1"}})) == []


@pytest.mark.parametrize(
    ("asked", "id"),
    [
        ("old", "old"),
        ('{"id": "old", "actor": "admin"}', "old"),
        ('{"actor": "admin"}', ""),
        ("", ""),
        ("7", ""),
        ("[]", ""),
    ],
)
def test_what_is_asked_to_be_verified_again(asked: str, id: str) -> None:
    assert reverify_asked({REVERIFY: asked}) == id
    assert reverify_asked({}) == ""


def test_a_verification_is_repeated_once_when_its_id_is_asked_for() -> None:
    again = verified(at("Healthy", info("old", "Failed")), annotations={REVERIFY: "old"})
    assert phases(again) == [("new", "Successful"), ("old", "Failed")]
    other = verified(at("Healthy", info("old", "Failed")), annotations={REVERIFY: "older"})
    assert phases(other) == [("old", "Failed")]
    not_healthy = verified(at("Unhealthy", info("old", "Failed")), annotations={REVERIFY: "old"})
    assert phases(not_healthy) == [("old", "Failed")]


def test_ten_verifications_are_kept() -> None:
    old = [info(f"v{index}", "Failed") for index in range(10)]
    kept = verified(at("Healthy", *old), annotations={REVERIFY: "v0"})
    assert [id for id, _ in phases(kept)] == ["new", *(f"v{index}" for index in range(9))]


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ([("a", "Pending")], ("Unknown", "VerificationPending")),
        ([("a", "Running")], ("Unknown", "VerificationRunning")),
        ([("a", "Failed")], ("False", "VerificationFailed")),
        ([("a", "Error")], ("False", "VerificationError")),
        ([("a", "Aborted")], ("False", "VerificationAborted")),
        ([("a", "Inconclusive")], ("Unknown", "VerificationInconclusive")),
        ([("b", "Failed"), ("a", "Successful")], ("True", "Verified")),
    ],
)
def test_what_the_condition_says(history: list[tuple[str, str]], expected: tuple[str, str]) -> None:
    assert told(verified(at("Healthy", *(info(*item) for item in history)))) == expected


def test_spec_verification_is_not_run_and_says_so_until_it_is_removed() -> None:
    status = verified(at("Healthy"), verification=True)
    assert phases(status) == []
    assert told(status) == ("Unknown", "VerificationNotSupported")
    assert phases(verified(status.compact())) == [("new", "Successful")]


@pytest.mark.parametrize(
    ("health", "history", "id"),
    [
        pytest.param("Healthy", [("a", "Successful")], "a", id="verified and healthy"),
        pytest.param("Unhealthy", [("a", "Successful")], None, id="no longer healthy"),
        pytest.param("Healthy", [], None, id="not verified"),
        pytest.param("Healthy", [("b", "Failed"), ("a", "Successful")], None, id="the latest failed"),
        pytest.param("Healthy", [("b", "Running"), ("a", "Successful")], None, id="being verified again"),
    ],
)
def test_which_verification_marks_freight(health: str, history: list[tuple[str, str]], id: str | None) -> None:
    found = confirmed(stage_with(at(health, *(info(*item) for item in history))).status)
    assert (found.id if found else None) == id
