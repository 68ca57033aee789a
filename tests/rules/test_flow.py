"""Which of the Promotions that wait still run, by what the Stage asks for."""

from __future__ import annotations

from typing import Any

import pytest
from tests.rules.pipeline_case import ago, freight, origin, stage

from argosy.resources.freight import Freight
from argosy.resources.promotion import Promotion
from argosy.resources.stage import Stage
from argosy.rules.flow import (
    Flow,
    Waiting,
    flow_of,
    flow_problems,
    is_waiting,
    outdated,
    request,
    superseded,
    was_superseded,
)

KEY = "argosy/promotion-flow"
HOLD = {"kargo.akuity.io/auto-promotion-hold": "{}"}


def a_stage(flow: str, **status: Any) -> Stage:
    return Stage.model_validate(stage(status=status, annotations={KEY: flow}))


def waits(name: str, age: float, *, of: str = "w", back: bool = False) -> Waiting:
    """A Promotion `name` of Freight that was discovered `age` seconds ago."""
    meta = {"name": name, "namespace": "p", "annotations": HOLD if back else {}}
    promotion = Promotion.model_validate(
        {"metadata": meta, "spec": {"stage": "dev", "freight": f"f-{name}", "steps": [{"uses": "fail"}]}}
    )
    raw = {**freight(f"f-{name}", discoveredAt=ago(age)), "origin": origin(of)}
    return Waiting(promotion, Freight.model_validate(raw))


OLD, MIDDLE, NEW = waits("a", 300), waits("b", 100), waits("c", 200)


@pytest.mark.parametrize(
    ("flow", "waiting", "ended"),
    [
        pytest.param("queue", [OLD, MIDDLE, NEW], [], id="a queue runs all"),
        pytest.param("", [OLD, MIDDLE, NEW], [], id="so does a Stage that asks for nothing"),
        pytest.param("anything", [OLD, MIDDLE, NEW], [], id="or for what is not known"),
        pytest.param("supersede", [NEW, OLD, MIDDLE], ["a", "b"], id="the last one made takes the place of all"),
        pytest.param("supersede", [OLD], [], id="one alone runs"),
        pytest.param("supersede", [OLD, waits("b", 1, of="other")], [], id="origins do not compete"),
        pytest.param("newest-only", [OLD, MIDDLE, NEW], ["a", "c"], id="the newest Freight wins, whenever asked for"),
        pytest.param(
            "newest-only", [MIDDLE, waits("c", 500, back=True)], ["b"], id="going back wins over what was before"
        ),
        pytest.param(
            "newest-only",
            [waits("a", 500, back=True), MIDDLE, NEW],
            ["a", "c"],
            id="and what comes after over going back",
        ),
    ],
)
def test_which_promotions_end(flow: str, waiting: list[Waiting], ended: list[str]) -> None:
    found = superseded(a_stage(flow), waiting)
    assert sorted(found) == ended
    left = {each.name for each in waiting} - set(ended)
    assert all(any(f"superseded by Promotion {name}" == why for name in left) for why in found.values())


@pytest.mark.parametrize(
    ("flow", "waiting", "ended"),
    [
        ("newest-only", waits("newer", 100), False),
        ("newest-only", waits("older", 200), True),
        ("newest-only", waits("older", 200, back=True), False),
        ("newest-only", waits("older", 200, of="other"), False),
        ("supersede", waits("older", 200), False),
    ],
)
def test_nothing_older_than_what_the_stage_has_runs(flow: str, waiting: Waiting, ended: bool) -> None:
    present = {"Warehouse/w": waits("has", 150).freight}
    found = outdated(a_stage(flow), [waiting], present)
    assert found == ({"older": "superseded: the Stage has newer Freight, f-has"} if ended else {})


def test_what_runs_does_not_wait() -> None:
    running = a_stage("supersede", currentPromotion={"name": "a"})
    assert not is_waiting(OLD.promotion, running)
    assert is_waiting(MIDDLE.promotion, running)
    ended = MIDDLE.promotion.model_copy(
        update={"status": MIDDLE.promotion.status.model_copy(update={"phase": "Succeeded"})}
    )
    assert not is_waiting(ended, running)


def test_a_superseded_promotion_is_known_by_its_request() -> None:
    meta = {"name": "a", "namespace": "p", "annotations": {"kargo.akuity.io/abort": request("superseded by x")}}
    spec = {"stage": "dev", "freight": "f", "steps": [{"uses": "fail"}]}
    assert was_superseded(Promotion.model_validate({"metadata": meta, "spec": spec}))
    assert not was_superseded(
        Promotion.model_validate({"metadata": meta, "spec": spec, "status": {"startedAt": ago(1)}})
    )
    by_hand = {**meta, "annotations": {"kargo.akuity.io/abort": "terminate"}}
    assert not was_superseded(Promotion.model_validate({"metadata": by_hand, "spec": spec}))


def test_what_is_not_known_is_told_with_a_guess() -> None:
    assert flow_of(a_stage("newest-only")) is Flow.NEWEST_ONLY
    assert flow_problems({}) == flow_problems({KEY: "queue"}) == []
    (problem,) = flow_problems({KEY: "newest"})
    assert problem.field == "metadata.annotations[argosy/promotion-flow]"
    assert problem.advice == "Did you mean 'newest-only'?"
    assert flow_problems({KEY: "x"})[0].advice == "Write one of queue, supersede, newest-only."
