"""What is told of a pipeline."""

from __future__ import annotations

from typing import Any

from argosy.rules.pipeline import age, freight, promotion, shown, stage, warehouse


def piece(name: str, found: str, warehouse: str = "app", **status: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": name, "managedFields": [1]},
        "discoveredAt": found,
        "origin": {"name": warehouse},
        "status": status,
    }


def names(pieces: list[dict[str, Any]], most: int) -> list[str]:
    return [name for _, name in shown([(age(each), each["metadata"]["name"]) for each in pieces], most)]


def test_the_newest_of_each_warehouse_are_told_and_what_is_in_use() -> None:
    pieces = [
        piece("old", "2026-01-01", currentlyIn={"dev": {}}),
        piece("older", "2025-01-01"),
        piece("new", "2026-01-03"),
        piece("web", "2024-01-01", "web"),
    ]
    assert names(pieces, 1) == ["new", "old", "web"]
    assert names(pieces, 0) == ["old"]


def test_nobody_draws_what_is_left_out() -> None:
    assert "managedFields" not in freight(piece("a", "2026"))["metadata"]
    told = warehouse({"metadata": {}, "spec": {"interval": "1m"}, "status": {"discoveredArtifacts": {"x": 1}}})
    assert told == {"metadata": {}, "spec": {"interval": "1m"}, "status": {}}
    steps = [{"uses": "git-clone", "as": "clone", "config": {"repoURL": "x"}}]
    drawn = stage(
        {
            "metadata": {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": "all", "mine": "1"}},
            "spec": {"requestedFreight": [], "vars": [1], "promotionTemplate": {"spec": {"steps": steps, "vars": [1]}}},
            "status": {"freightHistory": [{"id": "b"}, {"id": "a"}], "health": {"status": "Healthy", "output": "big"}},
        }
    )
    assert drawn["metadata"] == {"annotations": {"mine": "1"}}
    assert drawn["spec"]["promotionTemplate"] == {"spec": {"steps": [{"uses": "git-clone", "as": "clone"}]}}
    assert drawn["status"] == {"freightHistory": [{"id": "b"}], "health": {"status": "Healthy"}}
    made = promotion(
        {"metadata": {}, "spec": {"stage": "a", "steps": steps}, "status": {"state": {}, "phase": "Running"}}
    )
    assert made["spec"] == {"stage": "a", "steps": [{"uses": "git-clone", "as": "clone"}]}
    assert made["status"] == {"phase": "Running", "stepExecutionMetadata": []}
