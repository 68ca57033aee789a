"""Rollback: what a Stage goes back to, and what it does not."""

from __future__ import annotations

from typing import Any

import pytest
from tests.rules.pipeline_case import Raw, a_stage, ago, collection, reference, request

from argosy.errors import Invalid
from argosy.resources.promotion import Promotion
from argosy.rules.event import promotion_notes
from argosy.rules.rollback import before, promotion


def used(*names: str, **verified: str) -> list[Raw]:
    """What a Stage has used, the newest first; `verified` says the phase of a verification."""
    return [collection(reference(name), verified=verified.get(name, ""), id=name) for name in names]


def ended(phase: str, name: str, **more: Any) -> Raw:
    """The last Promotion, which brought Freight of that name."""
    status = {"phase": phase, "startedAt": ago(9), "freightCollection": collection(reference(name)), **more}
    return {"name": "dev.1", "status": status}


BACK = {
    "what it used before": ({"freightHistory": used("c", "b", "a")}, "b"),
    "what it used before and verified": ({"freightHistory": used("c", "b", b="Successful")}, "b"),
    "not what it could not verify": ({"freightHistory": used("c", "b", "a", b="Failed")}, "a"),
    "not what it uses, promoted once more": ({"freightHistory": used("b", "b", "a")}, "a"),
    "after a failed Promotion, what it used before that": (
        {"freightHistory": used("b", "a"), "lastPromotion": ended("Failed", "c")},
        "b",
    ),
    "after an aborted one, too": ({"freightHistory": used("b", "a"), "lastPromotion": ended("Aborted", "c")}, "b"),
    "after a failed try of what it used before that": (
        {"freightHistory": used("b", "a"), "lastPromotion": ended("Failed", "b")},
        "a",
    ),
    "after one that never began, what it used before what it uses": (
        {"freightHistory": used("b", "a"), "lastPromotion": ended("Aborted", "c", startedAt=None)},
        "a",
    ),
    "after one that succeeded, what it used before": (
        {"freightHistory": used("b", "a"), "lastPromotion": ended("Succeeded", "b")},
        "a",
    ),
}


@pytest.mark.parametrize(("status", "name"), BACK.values(), ids=BACK)
def test_a_stage_goes_back_to(status: Raw, name: str) -> None:
    assert before(a_stage(status=status)).name == name


def test_of_several_origins_the_one_that_differs_goes_back() -> None:
    history = [
        collection(reference("x2", "x"), reference("y1", "y")),
        collection(reference("x1", "x"), reference("y1", "y")),
    ]
    stage = a_stage("dev", request("x"), request("y"), status={"freightHistory": history})
    assert before(stage).name == "x1"


def test_several_that_differ_must_be_told_apart() -> None:
    history = [
        collection(reference("x2", "x"), reference("y2", "y")),
        collection(reference("x1", "x"), reference("y1", "y")),
    ]
    stage = a_stage("dev", request("x"), request("y"), status={"freightHistory": history})
    with pytest.raises(Invalid, match="several other pieces of Freight before: x1, y1") as caught:
        before(stage)
    assert "--to" in caught.value.advice
    assert before(stage, "y1").name == "y1"


@pytest.mark.parametrize(
    "status",
    [
        pytest.param({}, id="one that never used anything"),
        pytest.param({"freightHistory": used("a")}, id="one that used nothing else"),
        pytest.param({"freightHistory": used("b", "a", a="Error")}, id="one that could not verify what it used before"),
        pytest.param(
            {"freightHistory": [*used("b"), collection(reference("z", "gone"))]}, id="an origin not asked for"
        ),
    ],
)
def test_there_is_nothing_to_go_back_to_for(status: Raw) -> None:
    with pytest.raises(Invalid, match="nothing that Stage 'dev' could go back to"):
        before(a_stage(status=status))


def test_only_what_is_remembered_and_not_there_can_be_named() -> None:
    stage = a_stage(status={"freightHistory": used("c", "b", "a", a="Failed")})
    assert before(stage, "a").name == "a", "also what could not be verified, for somebody wants that"
    with pytest.raises(Invalid, match="does not remember to have used Freight 'z'"):
        before(stage, "z")
    with pytest.raises(Invalid, match="uses Freight 'c' already"):
        before(stage, "c")


def test_the_promotion_and_its_events_are_marked() -> None:
    raw = promotion(a_stage(), "a")
    assert raw["spec"] == {"stage": "dev", "freight": "a"}
    made = Promotion.model_validate({**raw, "spec": {**raw["spec"], "steps": [{"uses": "fail"}]}})
    assert promotion_notes(made, None, actor="admin")["event.kargo.akuity.io/rollback"] == "true"
