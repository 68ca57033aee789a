"""What is told of a pipeline."""

from __future__ import annotations

from argosy.rules.pipeline import freight, origin, origins, promotion, stage, used, warehouse


def test_freight_comes_from_the_warehouses_and_whatever_else_stages_ask_for() -> None:
    asking = {"spec": {"requestedFreight": [{"origin": {"name": "web"}}, {"origin": {"name": "gone"}}, {}]}}
    assert origins(["app", "web"], [{"spec": {}}, asking]) == ["app", "web", "gone"]
    assert (origin({"origin": {"name": "app"}}), origin({})) == ("app", "")


def test_freight_is_used_by_the_stages_it_is_in_and_the_promotions_that_move_it() -> None:
    history = [{"items": {"Warehouse/app": {"name": "now"}, "Warehouse/web": {}}}, {"items": {"x": {"name": "before"}}}]
    stages = [{"status": {"freightHistory": history}}, {"status": {}}]
    assert used(stages, [{"spec": {"freight": "next"}}, {}]) == {"now", "next"}


def test_nobody_draws_what_is_left_out() -> None:
    assert "managedFields" not in freight({"metadata": {"name": "a", "managedFields": [1]}})["metadata"]
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
