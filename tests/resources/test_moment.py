"""When resources came about, as lists by age see it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from argosy.resources.kinds import KINDS
from argosy.resources.moment import created, discovered, happened, promoted
from argosy.rules.promotion import Ulids, promotion_name

META = {"name": "x", "creationTimestamp": "2026-01-01T00:00:00Z"}
THEN = "2025-12-31T00:00:00Z"


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        pytest.param("Stage", {"metadata": META}, META["creationTimestamp"], id="when it was created"),
        pytest.param("Freight", {"metadata": META}, META["creationTimestamp"], id="Freight of nobody knows when"),
        pytest.param("Freight", {"metadata": META, "discoveredAt": THEN}, THEN, id="Freight, when it was found"),
        pytest.param("Event", {"metadata": META, "lastTimestamp": THEN}, THEN, id="an Event, when it happened last"),
        pytest.param(
            "Event", {"metadata": META, "lastTimestamp": None, "eventTime": THEN}, THEN, id="an Event of the newer form"
        ),
        pytest.param(
            "Promotion", {"metadata": META}, META["creationTimestamp"], id="a Promotion with a name of its own"
        ),
        pytest.param(
            "Promotion",
            {"metadata": META | {"name": "dev.eu.abc"}},
            META["creationTimestamp"],
            id="a Promotion whose name only looks like it",
        ),
        pytest.param("Stage", {}, "", id="nothing at all"),
    ],
)
def test_a_kind_tells_when_its_resources_came_about(kind: str, data: dict[str, Any], expected: str) -> None:
    assert KINDS[kind].moment(data) == expected


def test_promotions_of_one_second_are_in_the_order_in_which_they_were_made() -> None:
    ulids = Ulids(Random(7))
    now = datetime(2026, 1, 1, 10, tzinfo=UTC)
    names = [promotion_name(stage, "f" * 40, ulids.next(now)) for stage in ("prod", "dev", "test")]
    moments = [promoted({"metadata": {"name": name}}) for name in names]
    assert moments == sorted(moments)
    later = promotion_name("dev", "f" * 40, ulids.next(now + timedelta(milliseconds=1)))
    assert promoted({"metadata": {"name": later}}) > moments[-1]


def test_whatever_a_document_holds_a_moment_is_text() -> None:
    odd = {"metadata": {"name": 7, "creationTimestamp": 5}, "discoveredAt": 3, "lastTimestamp": [1]}
    assert [read(odd) for read in (created, discovered, happened, promoted)] == ["5", "3", "[1]", "5"]
