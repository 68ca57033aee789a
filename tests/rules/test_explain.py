"""Explanations: reasons and decisions are the same thing, whatever the Stage and the Freight; and the words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rules.pipeline_case import (
    NOW,
    Raw,
    a_config,
    a_stage,
    ago,
    auto,
    collection,
    document,
    freight,
    promotion,
    reference,
    request,
)
from tests.rules.test_auto_promotion import SOURCES, STATUSES, aged

from argosy.resources.freight import Freight
from argosy.resources.promotion import Promotion
from argosy.rules.auto_promotion import offer_of, passed_over, to_promote, withheld
from argosy.rules.explain import Situation, explain_stage
from argosy.rules.freight import available_in, obstacles
from argosy.rules.obstacle import NEVER, Code, Obstacle
from argosy.rules.reason import WORDS, Place, reason_of
from argosy.rules.shelf import Shelf
from argosy.rules.stage import View, before_next

HOLD = "kargo.akuity.io/auto-promotion-hold"
TRIED = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(["", "Running", "Succeeded", "Failed", "Aborted"])), max_size=2
)


@given(SOURCES, st.lists(st.tuples(st.integers(0, 3), STATUSES), min_size=1, max_size=4), TRIED)
def test_a_decision_is_the_absence_of_reasons(
    sources: Raw, given: list[tuple[int, Raw]], tried: list[tuple[int, str]]
) -> None:
    stage = a_stage("prod", request(**sources), status={"freightHistory": [collection(reference("f0"))]})
    raws = [aged(f"f{index}", age, status=status) for index, (age, status) in enumerate(given)]
    models = [Freight.model_validate(raw) for raw in raws]
    offered = offer_of(stage, Shelf(document(raw) for raw in raws), NOW)
    promotions = [
        Promotion.model_validate(promotion(f"prod.{number}", phase, to="prod", of=f"f{index}"))
        for number, (index, phase) in enumerate(tried)
    ]
    taken = {each.name for each in to_promote(stage, stage.status, promotions, offered.candidates)}
    for model in models:
        barred = obstacles(stage, model, NOW)
        assert (not barred) == (available_in(stage, model, NOW) == 0)
        free = not barred and not passed_over(stage, model, offered)
        assert free == (model.name in {each.name for each in offered.candidates.values()})
        assert (free and not withheld(stage, stage.status, model, promotions)) == (model.name in taken)


def situation(*raws: Raw, promotions: tuple[Raw, ...] = (), **status: Any) -> Situation:
    """Stage `prod` after `qa`, where auto-promotion is on."""
    stage = a_stage("prod", request(stages=["qa"], requiredSoakTime="1h"), status=status)
    unfinished = tuple(Promotion.model_validate(raw) for raw in promotions)
    view = View(stage, unfinished, a_config(auto("prod")), (), NOW)
    return Situation(view, Shelf(document(raw) for raw in raws), [document(raw) for raw in promotions])


SOAKING = {"verifiedIn": {"qa": {"verifiedAt": ago(600)}}, "currentlyIn": {"qa": {"since": ago(600)}}}


def test_soaking_freight_says_how_long_and_until_when() -> None:
    (told,) = explain_stage(situation(freight(status=SOAKING, alias="wonky-wombat"))).candidates
    (reason,) = told.reasons
    assert (reason.code, reason.message) == ("Soaking", "it must stay in qa for 1h, 50m0s of which are left")
    assert reason.until is not None
    assert (reason.until - NOW).total_seconds() == 3000
    assert reason.advice.startswith("Wait until 2026-01-01 00:50:00 UTC; `argosy approve --project p --freight-alias ")


def test_what_is_older_than_what_is_there_is_told_only_when_asked_for() -> None:
    raws = [aged("new", 1), aged("now", 5), aged("old", 9)]
    asked = situation(*raws, freightHistory=[collection(reference("now"))])
    assert [each.freight for each in explain_stage(asked).candidates] == ["new"]
    assert [each.freight for each in explain_stage(asked, "old").candidates] == ["old"]


def test_freight_that_is_gone_is_still_told_as_what_is_there() -> None:
    (told,) = explain_stage(situation(freightHistory=[collection(reference("gone"))])).current
    assert (told.freight, told.alias, told.since) == ("gone", "", None)


def test_a_hold_is_told_with_who_wanted_it() -> None:
    held = {"freightName": "old", "origin": {"kind": "Warehouse", "name": "w"}, "actor": "email:me@example.com"}
    raws = [aged("old", 9, alias="tame-tapir"), aged("new", 1, status=QA_LONG)]
    told = explain_stage(situation(*raws, autoPromotionHolds={"Warehouse/w": held}))
    (reason,) = told.candidates[0].automatic_reasons
    assert reason.message == (
        "auto-promotion is held at Freight tame-tapir, which was chosen by hand by email:me@example.com"
    )
    assert (told.holds[0].alias, told.candidates[0].available, told.candidates[0].automatic) == (
        "tame-tapir",
        True,
        False,
    )


def test_what_is_missing_and_what_is_not_acted_on_is_noted() -> None:
    config = auto("prod")
    config["spec"]["promotionWindows"] = [{"name": "nights", "kind": "Deny"}]
    view = View(a_stage("prod"), (), a_config(config), ("Warehouse 'w' does not exist",), NOW)
    notes = explain_stage(Situation(view, Shelf(()))).notes
    assert (len(notes), notes[0]) == (2, "Warehouse 'w' does not exist")
    assert "promotion windows" in notes[1]


QA_LONG = {"verifiedIn": {"qa": {"longestSoak": "2h"}}}


def test_promotions_say_what_they_wait_for() -> None:
    running = promotion("prod.1", "Running", to="prod", of="a")
    waiting = promotion("prod.2", "Pending", to="prod", of="b")
    told = explain_stage(situation(promotions=(waiting, running), currentPromotion={"name": "prod.1"}))
    assert told.promotion is not None
    assert told.promotion.promotion == "prod.1"
    assert [(each.promotion, [why.code for why in each.reasons]) for each in told.waiting] == [
        ("prod.2", ["PromotionRuns"])
    ]
    healing = {"freightHistory": [collection()], "health": {"status": "Healthy"}}
    (next_,) = explain_stage(situation(promotions=(waiting,), **healing)).waiting
    assert [why.code for why in next_.reasons] == ["ToBeVerified"]


@pytest.mark.parametrize(
    ("history", "code"),
    [
        pytest.param({"verified": "Running"}, Code.BEING_VERIFIED, id="being verified"),
        pytest.param({}, Code.TO_BE_VERIFIED, id="not yet verified"),
        pytest.param({"verified": "Failed"}, None, id="verified without success"),
    ],
)
def test_nothing_begins_before_what_is_there_was_verified(history: dict[str, str], code: Code | None) -> None:
    asked = situation(freightHistory=[collection(reference("now"), **history)])
    assert [each.code for each in before_next(asked.view, asked.status)] == ([code] if code else [])


def test_names_of_strangers_are_no_commands() -> None:
    told = reason_of(Obstacle(Code.NOT_VERIFIED_UPSTREAM, "qa; rm -rf ~"), Place("p", "prod"))
    assert "`argosy explain stage 'qa; rm -rf ~' --project p`" in told.advice


@pytest.mark.parametrize("code", Code, ids=str)
def test_words_are_whole(code: Code) -> None:
    place = Place("p", "prod").of(Freight.model_validate(freight(alias="{odd}")))
    told = reason_of(Obstacle(code, "qa", NEVER, "1h"), place)
    assert told.code == code
    assert told.message
    assert not told.message.endswith(".")
    assert "{" not in (told.message + told.advice).replace("{odd}", "")
    assert not WORDS[code][1] or told.advice.endswith(".") or code is Code.STEPS_UNUSABLE
