"""Who asks for a verification is recorded with the request, as Kargo's webhook does."""

from __future__ import annotations

import pytest

from argosy.rules.verification_request import record_actor

REVERIFY, ABORT = "kargo.akuity.io/reverify", "kargo.akuity.io/abort"
ALICE, SYSTEM = "kubernetes:alice", "controller:stage-controller"


def recorded(before: dict[str, str], after: dict[str, str], actor: str = ALICE) -> dict[str, str]:
    document = {"metadata": {"annotations": dict(after)}}
    record_actor(before, document, actor=actor)
    return document["metadata"]["annotations"]


@pytest.mark.parametrize("name", [REVERIFY, ABORT])
@pytest.mark.parametrize(
    "asked",
    [
        pytest.param("one", id="by the ID alone"),
        pytest.param('{"id":"one"}', id="as JSON"),
        pytest.param('{"id":"one","actor":"kubernetes:bob","controlPlane":true}', id="in another's name"),
    ],
)
def test_people_are_named_whatever_they_wrote(name: str, asked: str) -> None:
    assert recorded({}, {name: asked}) == {name: '{"id":"one","actor":"kubernetes:alice"}'}


def test_an_old_request_keeps_who_made_it() -> None:
    kept = {REVERIFY: '{"id":"one","actor":"kubernetes:bob"}'}
    assert recorded(kept, kept) == kept
    assert recorded(kept, {REVERIFY: '{"id":"two"}'}) == {REVERIFY: '{"id":"two","actor":"kubernetes:alice"}'}


def test_controllers_name_whom_they_act_for() -> None:
    asked = {REVERIFY: '{"id":"one","actor":"kubernetes:bob"}'}
    assert recorded({}, asked, SYSTEM) == {REVERIFY: '{"id":"one","actor":"kubernetes:bob","controlPlane":true}'}


@pytest.mark.parametrize("asked", ["", "{}", "7", '"one"', "[]", '{"id":7}', '{"id":"one","actor":7}', '{"id":""}'])
def test_what_is_no_request_stays_as_it_is(asked: str) -> None:
    assert recorded({}, {REVERIFY: asked}) == {REVERIFY: asked}


def test_nobody_is_named_where_nobody_is_known() -> None:
    assert recorded({}, {REVERIFY: "one"}, "") == {REVERIFY: "one"}
