"""What is old enough to go: never what is in use, and a number of what came before it neither."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from argosy.clock import rfc3339
from argosy.resources.meta import Document, Key
from argosy.rules.retention import (
    Item,
    Limit,
    current_freight,
    due,
    freight_item,
    is_expired,
    promoted_freight,
    promotion_item,
    stage_of,
    warehouse_of,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY = 86_400.0


def items(used: str) -> list[Item]:
    """One a day, the first today; `u` is one in use."""
    return [
        Item(Key("Freight", "p", str(days)), str(days), NOW - timedelta(days=days), used=letter == "u")
        for days, letter in enumerate(used)
    ]


CASES = {
    "nothing in use": ("------", Limit(2, 0), "2345"),
    "what is in use, and what is newer, does not count": ("--u---", Limit(2, 0), "5"),
    "the oldest in use decides": ("u--u--", Limit(1, 0), "5"),
    "the last is in use": ("-----u", Limit(0, 0), ""),
    "as many as are kept": ("------", Limit(6, 0), ""),
    "none is kept": ("u-----", Limit(0, 0), "12345"),
    "young ones stay": ("------", Limit(1, 3 * DAY), "345"),
    "nothing at all": ("", Limit(0, 0), ""),
}


@pytest.mark.parametrize(("used", "limit", "gone"), CASES.values(), ids=CASES)
def test_what_may_go(used: str, limit: Limit, gone: str) -> None:
    for given in (items(used), items(used)[::-1]):
        assert [item.key.name for item in due(given, limit, now=NOW)] == list(gone)


def test_what_began_at_one_moment_goes_by_name() -> None:
    given = [Item(Key("Promotion", "p", name), name, NOW) for name in ("b", "c", "a")]
    assert [item.key.name for item in due(given, Limit(2, 0), now=NOW)] == ["a"]


def document(kind: str, **fields: Any) -> Document:
    meta = {"name": "x", "namespace": "p", "uid": "1", "creationTimestamp": rfc3339(NOW)}
    return Document.of({"kind": kind, "metadata": meta, **fields})


@pytest.mark.parametrize(
    ("phase", "used"),
    [
        (None, True),
        ("Pending", True),
        ("Running", True),
        ("Succeeded", False),
        ("Failed", False),
        ("Errored", False),
        ("Aborted", False),
        ("Brooding", True),
    ],
)
def test_a_promotion_is_in_use_until_it_has_ended(phase: str | None, used: bool) -> None:
    found = document("Promotion", status={"phase": phase}) if phase else document("Promotion")
    assert promotion_item(found) == Item(Key("Promotion", "p", "x"), "1", NOW, used)


def test_freight_counts_from_its_discovery() -> None:
    before = NOW - timedelta(days=1)
    found = document("Freight", discoveredAt=rfc3339(before), origin={"kind": "Warehouse", "name": "w"})
    assert freight_item(found, frozenset({"y"})) == Item(Key("Freight", "p", "x"), "1", before, False)
    assert freight_item(document("Freight"), frozenset({"x"})) == Item(Key("Freight", "p", "x"), "1", NOW, True)
    assert warehouse_of(found) == "w"


def test_what_a_promotion_is_about() -> None:
    found = document("Promotion", spec={"stage": "s", "freight": "f"})
    assert (stage_of(found), promoted_freight(found)) == ("s", "f")


def test_only_the_present_collection_of_a_stage_is_in_use() -> None:
    history = [
        {"items": {"Warehouse/a": {"name": "1"}, "Warehouse/b": {"name": "2"}}},
        {"items": {"Warehouse/a": {"name": "0"}}},
    ]
    assert current_freight(document("Stage", status={"freightHistory": history})) == {"1", "2"}
    assert current_freight(document("Stage")) == frozenset()


@pytest.mark.parametrize(
    ("fields", "expired"),
    [
        ({"lastTimestamp": -2, "firstTimestamp": -9}, True),
        ({"lastTimestamp": -1, "firstTimestamp": -9}, False),
        ({"eventTime": -3}, True),
        ({"eventTime": -1}, False),
        ({}, False),
    ],
    ids=["old", "repeated since", "old, in the newer form", "new, in the newer form", "only created"],
)
def test_events_expire_after_they_happened_last(fields: dict[str, int], expired: bool) -> None:
    times = {name: rfc3339(NOW + timedelta(days=days)) for name, days in fields.items()}
    assert is_expired(document("Event", **times), 2 * DAY, now=NOW) is expired
