"""The history of a Stage, of what the Stage and its Promotions know."""

from __future__ import annotations

from typing import Any

from argosy.resources.freight import FreightCollection
from argosy.resources.promotion import Promotion
from argosy.rules.history import history


def collection(id: str, phase: str = "") -> FreightCollection:
    verified = [{"id": "v", "phase": phase}] if phase else []
    return FreightCollection.model_validate({"id": id, "items": {}, "verificationHistory": verified})


def promotion(ulid: str, brought: str, phase: str = "Succeeded", **marks: str) -> Promotion:
    data: dict[str, Any] = {
        "metadata": {"name": f"dev.{ulid}.abc", "annotations": {f"kargo.akuity.io/{k}": v for k, v in marks.items()}},
        "spec": {"stage": "dev", "freight": brought, "steps": [{"uses": "fail"}]},
        "status": {"phase": phase, "freightCollection": {"id": brought, "items": {}}},
    }
    return Promotion.model_validate(data)


def told(*arguments: Any) -> list[tuple[str, str]]:
    return [(entry.id, entry.promotion) for entry in history(*arguments)]


def test_each_promotion_that_succeeded_is_an_entry_newest_first() -> None:
    promotions = [promotion("1", "a"), promotion("3", "c", "Failed"), promotion("2", "b")]
    assert told([collection("b"), collection("a")], promotions) == [("b", "dev.2.abc"), ("a", "dev.1.abc")]


def test_what_only_the_stage_remembers_is_told_in_its_place() -> None:
    remembered = [collection("c"), collection("b"), collection("a")]
    assert told(remembered, [promotion("2", "b")]) == [("c", ""), ("b", "dev.2.abc"), ("a", "")]


def test_what_the_stage_has_forgotten_is_told_by_promotions() -> None:
    assert told([collection("b")], [promotion("1", "a"), promotion("2", "b")]) == [
        ("b", "dev.2.abc"),
        ("a", "dev.1.abc"),
    ]


def test_the_same_brought_twice_counts_twice_and_has_one_verification() -> None:
    entries = list(history([collection("a", "Successful")], [promotion("1", "a"), promotion("2", "a")]))
    phases = [entry.verification.phase if entry.verification else "" for entry in entries]
    assert phases == ["Successful", "Successful"]


def test_ways_back_and_who_wanted_them_are_told() -> None:
    made = promotion("1", "a", **{"create-actor": "email:a@example.com", "rollback": "true"})
    (entry,) = history([], [made])
    assert (entry.promoted, entry.actor, entry.rollback) == ("a", "email:a@example.com", True)
