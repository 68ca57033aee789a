"""Auto-promotion: which policy counts, what is chosen, what holds it, and what is never tried again."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rules.pipeline_case import (
    NOW,
    Raw,
    a_config,
    a_freight,
    a_promotion,
    a_stage,
    ago,
    collection,
    document,
    freight,
    origin,
    reference,
    request,
    resource,
)

from argosy.errors import Invalid
from argosy.resources.freight import Freight
from argosy.resources.promotion import Promotion
from argosy.resources.stage import Stage, StageStatus
from argosy.rules.auto_promotion import (
    apply_holds,
    effective_holds,
    hold_annotations,
    in_question,
    is_enabled,
    offer,
    to_promote,
)
from argosy.rules.freight import available_in
from argosy.rules.obstacle import NEVER

HOLD, RESUME = "kargo.akuity.io/auto-promotion-hold", "kargo.akuity.io/auto-promotion-resume"


def policy(name: str = "", *, enabled: bool = True, **selector: Any) -> Raw:
    return {"stageSelector": {**({"name": name} if name else {}), **selector}, "autoPromotionEnabled": enabled}


def enabled(*policies: Raw, labels: dict[str, str] | None = None) -> bool:
    config = a_config(resource("ProjectConfig", "p", spec={"promotionPolicies": list(policies)}))
    return is_enabled(a_stage("dev", labels=labels or {}), config)


@pytest.mark.parametrize(
    ("policies", "on"),
    [
        pytest.param([], False, id="without policies"),
        pytest.param([policy("dev")], True, id="by its name"),
        pytest.param([policy("prod")], False, id="not by another name"),
        pytest.param([{"stage": "dev", "autoPromotionEnabled": True}], True, id="by the deprecated field"),
        pytest.param([policy("glob:d*")], True, id="by a glob"),
        pytest.param([policy("regex:^d.v$")], True, id="by a regular expression"),
        pytest.param([policy("dev", enabled=False), policy("dev")], False, id="the first that matches counts"),
        pytest.param([policy("prod", enabled=False), policy("glob:*")], True, id="others do not"),
        pytest.param([policy(matchLabels={"tier": "low"})], True, id="by labels"),
        pytest.param([policy("dev", matchLabels={"tier": "high"})], False, id="name and labels must match"),
        pytest.param([policy()], True, id="an empty selector matches all"),
    ],
)
def test_auto_promotion_is_enabled(policies: list[Raw], on: bool) -> None:
    assert enabled(*policies, labels={"tier": "low"}) is on


def test_auto_promotion_is_off_without_configuration() -> None:
    assert not is_enabled(a_stage(), None)


def test_a_pattern_that_cannot_be_read_is_an_error() -> None:
    with pytest.raises(Invalid):
        enabled(policy("regex:("))


def offered(stage: Stage, *items: Raw) -> dict[str, str]:
    chosen = offer(stage, [document(item) for item in items], NOW).candidates
    return {origin: freight.name for origin, freight in chosen.items()}


def aged(name: str, seconds: float, **fields: Any) -> Raw:
    return freight(name, discoveredAt=ago(seconds), **fields)


def test_the_newest_freight_is_chosen_then_the_greatest_name() -> None:
    assert offered(a_stage(), aged("b", 10), aged("a", 5), aged("c", 20)) == {"Warehouse/w": "a"}
    assert offered(a_stage(), aged("a", 10), aged("c", 10), aged("b", 10)) == {"Warehouse/w": "c"}


def test_freight_without_a_discovery_time_is_as_old_as_it_is() -> None:
    old = {**freight("old"), "metadata": {"name": "old", "namespace": "p", "creationTimestamp": ago(5)}}
    del old["discoveredAt"]
    assert offered(a_stage(), old, aged("new", 10)) == {"Warehouse/w": "old"}
    assert offered(a_stage(), old, aged("new", 1)) == {"Warehouse/w": "new"}


def test_each_origin_has_a_candidate_of_its_own() -> None:
    stage = a_stage("dev", request("a"), request("b"))
    items = [aged("x", 10, of="a"), aged("y", 5, of="b"), aged("z", 1, of="c")]
    assert offered(stage, *items) == {"Warehouse/a": "x", "Warehouse/b": "y"}


QA = {"verifiedIn": {"qa": {"verifiedAt": ago(100)}}}
IN_QA = {"currentlyIn": {"qa": {"since": ago(100)}}}


def test_freight_that_is_not_available_is_no_candidate() -> None:
    stage = a_stage("prod", request(stages=["qa"]))
    assert offered(stage, aged("new", 1), aged("old", 10, status=QA)) == {"Warehouse/w": "old"}


def matching(**more: Any) -> Stage:
    return a_stage("prod", request(stages=["qa"], autoPromotionOptions={"selectionPolicy": "MatchUpstream"}, **more))


def test_match_upstream_takes_what_the_upstream_stage_uses_now() -> None:
    newer, used = aged("newer", 1, status=QA), aged("used", 10, status={**QA, **IN_QA})
    assert offered(matching(), newer, used) == {"Warehouse/w": "used"}


def test_match_upstream_takes_nothing_while_the_upstream_stage_is_between_two() -> None:
    items = [aged(name, 10, status={**QA, **IN_QA}) for name in ("a", "b")]
    assert offered(matching(), *items) == {}


def test_match_upstream_restricts_approved_freight_too() -> None:
    approved = {"approvedFor": {"prod": {"approvedAt": ago(1)}}}
    assert offered(matching(), aged("a", 1, status=approved)) == {}
    assert offered(matching(), aged("a", 1, status={**approved, **IN_QA})) == {"Warehouse/w": "a"}


def test_match_upstream_does_not_take_what_is_there_unverified() -> None:
    assert offered(matching(), aged("a", 1, status=IN_QA)) == {}


def test_the_soonest_is_when_newer_freight_will_have_soaked() -> None:
    stage = a_stage("prod", request(stages=["qa"], requiredSoakTime="10m"))
    ready = aged("ready", 50, status={"verifiedIn": {"qa": {"longestSoak": "10m0s"}}})
    soaking = aged("soaking", 10, status={**QA, **IN_QA})
    older = aged("older", 99, status={**QA, "currentlyIn": {"qa": {"since": ago(590)}}})
    found = offer(stage, [document(item) for item in (ready, soaking, older)], NOW)
    assert found.candidates["Warehouse/w"].name == "ready"
    assert found.soonest == 500, "older Freight would not be chosen when it has soaked"
    assert offer(stage, [document(ready)], NOW).soonest == NEVER


STATUSES = st.fixed_dictionaries(
    {},
    optional={
        "verifiedIn": st.dictionaries(st.sampled_from(["qa", "test"]), st.just({"verifiedAt": ago(9)}), max_size=2),
        "currentlyIn": st.dictionaries(st.sampled_from(["qa", "test"]), st.just({"since": ago(60)}), max_size=2),
        "approvedFor": st.dictionaries(st.sampled_from(["prod", "qa"]), st.just({}), max_size=2),
    },
)
SOURCES = st.one_of(
    st.just({"direct": True}),
    st.builds(
        lambda stages, soak, strategy: {"stages": stages, "availabilityStrategy": strategy, **soak},
        st.lists(st.sampled_from(["qa", "test"]), unique=True, max_size=2),
        st.sampled_from([{}, {"requiredSoakTime": "1m"}, {"requiredSoakTime": "1h"}]),
        st.sampled_from(["OneOf", "All"]),
    ),
)


@given(SOURCES, st.lists(st.tuples(st.integers(0, 3), STATUSES), max_size=5))
def test_the_candidate_is_the_newest_of_all_that_is_available(sources: Raw, given: list[tuple[int, Raw]]) -> None:
    stage = a_stage("prod", request(**sources))
    raws = [aged(f"f{index}", age, status=status) for index, (age, status) in enumerate(given)]
    models = [Freight.model_validate(raw) for raw in raws]
    available = [item for item in models if available_in(stage, item, NOW) <= 0]
    newest = max(available, key=lambda item: (item.discovered_at, item.name), default=None)
    assert offered(stage, *raws) == ({"Warehouse/w": newest.name} if newest is not None else {})
    for raw, model in zip(raws, models, strict=True):
        assert in_question(stage, document(raw)) or available_in(stage, model, NOW) == NEVER


def test_freight_of_another_origin_is_not_in_question() -> None:
    assert not in_question(a_stage(), document(freight(of="other")))


def test_choosing_the_candidate_resumes_and_anything_else_holds() -> None:
    assert hold_annotations(a_freight("a"), a_freight("a")) == {RESUME: "Warehouse/w"}
    assert hold_annotations(a_freight("a"), a_freight("b")) == {HOLD: "Warehouse/w"}
    assert hold_annotations(a_freight("a"), None) == {HOLD: "Warehouse/w"}


def chosen(name: str, phase: str, mark: str = "", value: str = "Warehouse/w", **meta: Any) -> Promotion:
    annotations = {**({mark: value} if mark else {}), "kargo.akuity.io/create-actor": "admin"}
    return a_promotion(name, phase, annotations=annotations, creationTimestamp=ago(9), **meta)


@pytest.mark.parametrize("phase", ["Succeeded", "Failed", "Errored"])
def test_every_end_but_an_abort_holds(phase: str) -> None:
    holds = apply_holds({}, chosen("dev.1", phase, HOLD), a_stage())
    hold = holds["Warehouse/w"]
    assert (hold.freight_name, hold.promotion_name, hold.actor) == ("f1", "dev.1", "admin")
    assert str(hold.origin) == "Warehouse/w"
    assert apply_holds(holds, chosen("dev.2", phase, RESUME), a_stage()) == {}


def test_an_abort_takes_back_what_was_wanted() -> None:
    holds = apply_holds({}, chosen("dev.1", "Succeeded", HOLD), a_stage())
    assert apply_holds({}, chosen("dev.2", "Aborted", HOLD), a_stage()) == {}
    assert apply_holds(holds, chosen("dev.2", "Aborted", RESUME), a_stage()) == holds


def test_a_promotion_that_says_nothing_and_an_origin_nobody_requests_change_no_hold() -> None:
    holds = apply_holds({}, chosen("dev.1", "Succeeded", HOLD), a_stage())
    assert apply_holds(holds, chosen("dev.2", "Succeeded"), a_stage()) == holds
    assert apply_holds({}, chosen("dev.2", "Succeeded", HOLD, "Warehouse/other"), a_stage()) == {}


def in_force(status: Raw, *promotions: Promotion) -> set[str]:
    stage = a_stage(status=status)
    holds = effective_holds(stage, stage.status, promotions)
    return {hold.promotion_name for hold in holds.values()}


HELD = {"autoPromotionHolds": {"Warehouse/w": {"freightName": "f0", "origin": origin(), "promotionName": "dev.0"}}}


def test_the_newest_intent_not_yet_recorded_is_in_force() -> None:
    pending, later = chosen("dev.2", "Pending", HOLD), chosen("dev.3", "", RESUME)
    assert in_force({}, pending) == {"dev.2"}
    assert in_force({}, later, pending) == set()
    assert in_force(HELD, chosen("dev.2", "Running", RESUME)) == set()
    assert in_force(HELD) == {"dev.0"}


def test_what_was_recorded_or_aborted_is_not_looked_at_again() -> None:
    recorded = {**HELD, "lastPromotion": {"name": "dev.2"}}
    assert in_force(recorded, chosen("dev.2", "Succeeded", RESUME), chosen("dev.1", "Pending", RESUME)) == {"dev.0"}
    assert in_force(HELD, chosen("dev.3", "Aborted", RESUME)) == {"dev.0"}


def promoted(status: Raw, *promotions: Promotion, candidate: str = "f1", stage: Stage | None = None) -> list[str]:
    found = to_promote(
        stage or a_stage(),
        StageStatus.model_validate(status),
        promotions,
        {"Warehouse/w": a_freight(candidate)},
    )
    return [freight.name for freight in found]


@pytest.mark.parametrize(
    ("status", "promotions"),
    [
        pytest.param({"freightHistory": [collection()]}, [], id="the Stage has it"),
        pytest.param(
            {"currentPromotion": {"name": "dev.1", "freight": reference()}}, [], id="a Promotion on its way brings it"
        ),
        pytest.param({}, [a_promotion("dev.1")], id="a Promotion of it is new"),
        pytest.param({}, [a_promotion("dev.1", "Pending")], id="one waits"),
        pytest.param({}, [a_promotion("dev.1", "Running")], id="one runs"),
        pytest.param({}, [a_promotion("dev.1", "Succeeded")], id="one succeeded and is not recorded yet"),
        *(
            pytest.param(
                {"lastPromotion": {"name": "dev.1"}}, [a_promotion("dev.1", phase)], id=f"the last try {phase.lower()}"
            )
            for phase in ("Failed", "Errored", "Aborted")
        ),
        pytest.param(
            {"lastPromotion": {"name": "dev.2"}},
            [
                a_promotion("dev.1", "Succeeded", creationTimestamp=ago(9)),
                a_promotion("dev.2", "Failed", creationTimestamp=ago(5)),
            ],
            id="it succeeded once, but the newest try failed",
        ),
        pytest.param(
            {"effectiveAutoPromotionHolds": HELD["autoPromotionHolds"]}, [], id="auto-promotion of the origin is held"
        ),
    ],
)
def test_freight_is_not_promoted_when(status: Raw, promotions: list[Promotion]) -> None:
    assert promoted(status, *promotions) == []


@pytest.mark.parametrize(
    ("status", "promotions"),
    [
        pytest.param({}, [], id="the Stage has nothing"),
        pytest.param({"freightHistory": [collection(reference("old"))]}, [], id="the Stage has other Freight"),
        pytest.param(
            {"freightHistory": [collection(reference("old")), collection()], "lastPromotion": {"name": "dev.2"}},
            [a_promotion("dev.1", "Succeeded")],
            id="the Stage had it before and went on to another",
        ),
        pytest.param(
            {"lastPromotion": {"name": "dev.2"}},
            [
                a_promotion("dev.1", "Failed", creationTimestamp=ago(9)),
                a_promotion("dev.2", "Succeeded", creationTimestamp=ago(5)),
            ],
            id="it failed once, but the newest try succeeded",
        ),
    ],
)
def test_freight_is_promoted_when(status: Raw, promotions: list[Promotion]) -> None:
    assert promoted(status, *promotions) == ["f1"]


def test_a_stage_that_governs_targets_is_not_promoted_to_itself() -> None:
    raw = a_stage().dump()
    raw["spec"]["targets"] = {"selectors": []}
    assert promoted({}, stage=Stage.model_validate(raw)) == []


def test_candidates_are_promoted_in_the_order_of_the_requests() -> None:
    stage = a_stage("dev", request("b"), request("a"))
    candidates = {"Warehouse/a": a_freight("x", of="a"), "Warehouse/b": a_freight("y", of="b")}
    assert [item.name for item in to_promote(stage, StageStatus(), (), candidates)] == ["y", "x"]
