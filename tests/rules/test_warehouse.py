"""Warehouses: when to look, whether what was found suffices, and what their status says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.rules.pipeline_case import GIT, IMAGE, NOW, Raw, a_warehouse, ago

from argosy.resources.discovery import DiscoveredArtifacts
from argosy.resources.meta import Condition
from argosy.resources.warehouse import Warehouse, WarehouseStatus
from argosy.rules.warehouse import (
    Made,
    Trouble,
    asked_anew,
    discovered,
    due_in,
    failed,
    interval,
    lacking,
)

COMMITS = {"repoURL": GIT, "subscriptionName": "code", "commits": [{"id": "abc", "subject": "s", "tag": "v1"}]}
IMAGES = {"repoURL": IMAGE, "references": [{"tag": "v1", "digest": "sha256:1"}, {"tag": "v0", "digest": "sha256:0"}]}
CHARTS = {"repoURL": "https://charts.example", "name": "app", "versions": ["2.0.0", "1.0.0"]}


def looked(seconds: float, **more: Any) -> Raw:
    return {"discoveredArtifacts": {"discoveredAt": ago(seconds), "images": [IMAGES]}, "observedGeneration": 1, **more}


def found(**results: list[Raw]) -> DiscoveredArtifacts:
    return DiscoveredArtifacts.model_validate({"discoveredAt": ago(0), **results})


def with_status(status: Raw, *, every: str = "5m0s", **meta: Any) -> Warehouse:
    raw = a_warehouse(interval=every).dump()
    return Warehouse.model_validate(
        {**raw, "metadata": {"name": "w", "namespace": "p", "generation": 1, **meta}, "status": status}
    )


REFRESH = {"kargo.akuity.io/refresh": "token"}


@pytest.mark.parametrize(
    ("warehouse", "seconds", "anew"),
    [
        pytest.param(with_status({}), 0, True, id="it never looked"),
        pytest.param(with_status({"discoveredArtifacts": {}}), 0, True, id="nobody knows when it looked"),
        pytest.param(with_status(looked(100)), 200, False, id="the rest of the interval"),
        pytest.param(with_status(looked(300)), 0, False, id="the interval has passed"),
        pytest.param(with_status(looked(1), every="2s"), 9, False, id="the system's minimum is longer"),
        pytest.param(with_status(looked(100), annotations=REFRESH), 0, True, id="somebody asks for a refresh"),
        pytest.param(
            with_status(looked(100, lastHandledRefresh="token"), annotations=REFRESH), 200, False, id="it was done"
        ),
        pytest.param(with_status(looked(100), generation=2), 0, True, id="its spec changed"),
    ],
)
def test_when_it_looks_again(warehouse: Warehouse, seconds: float, anew: bool) -> None:
    assert due_in(warehouse, 10, NOW) == seconds
    assert asked_anew(warehouse) is anew


def test_a_look_that_found_nothing_new_counts_from_memory() -> None:
    warehouse = with_status(looked(1000))
    assert due_in(warehouse, 10, NOW) == 0
    assert due_in(warehouse, 10, NOW, NOW - timedelta(seconds=100)) == 200
    assert due_in(warehouse, 10, NOW, NOW - timedelta(seconds=2000)) == 0


def test_the_interval_is_at_least_the_minimum() -> None:
    assert interval(with_status({}), 10) == 300
    assert interval(with_status({}, every="1s"), 10) == 10


@pytest.mark.parametrize(
    ("results", "reasons"),
    [
        pytest.param({}, ("MissingArtifacts", "MissingArtifacts"), id="nothing at all"),
        pytest.param({"git": [{"repoURL": GIT}]}, ("NoCommitsDiscovered", "MissingCommits"), id="no commits"),
        pytest.param(
            {"images": [IMAGES, {"repoURL": IMAGE}]},
            ("NoImageReferencesDiscovered", "MissingImageReferences"),
            id="no image of one of two",
        ),
        pytest.param(
            {"charts": [{"repoURL": "https://charts.example", "name": "app"}]},
            ("NoChartVersionsDiscovered", "MissingChartVersions"),
            id="no chart",
        ),
        pytest.param({"results": [{"name": "x"}]}, ("MissingArtifacts", "MissingArtifacts"), id="no other artifact"),
    ],
)
def test_what_lacks_for_freight(results: dict[str, list[Raw]], reasons: tuple[str, str]) -> None:
    trouble = lacking(found(**results))
    assert trouble is not None
    assert (trouble.healthy, trouble.ready) == reasons


def test_nothing_lacks_when_each_subscription_found_something() -> None:
    assert lacking(found(git=[COMMITS], images=[IMAGES], charts=[CHARTS])) is None


def conditions(status: WarehouseStatus) -> dict[str, Condition]:
    return {condition.type: condition for condition in status.conditions}


def told(status: WarehouseStatus) -> dict[str, tuple[str, str]]:
    return {type: (condition.status, condition.reason) for type, condition in conditions(status).items()}


def test_a_look_that_found_new_freight() -> None:
    status = discovered(with_status({}, annotations=REFRESH), found(images=[IMAGES]), Made("f1"), NOW)
    assert told(status) == {
        "Healthy": ("True", "ReconciliationSucceeded"),
        "Ready": ("True", "ArtifactsDiscovered"),
        "FreightCreationCriteriaSatisfied": ("True", "CriteriaSatisfied"),
        "FreightCreated": ("True", "NewFreight"),
    }
    assert (status.last_freight_id, status.last_handled_refresh, status.observed_generation) == ("f1", "token", 1)


def test_a_look_that_found_known_freight() -> None:
    status = discovered(with_status({}), found(images=[IMAGES]), Made("f1", existed=True), NOW)
    assert told(status)["FreightCreated"] == ("False", "AlreadyExists")


def test_a_look_whose_criteria_forbid_freight() -> None:
    status = discovered(
        with_status(looked(300, lastFreightID="f0")), found(images=[IMAGES]), Made(unsatisfied=True), NOW
    )
    assert told(status)["FreightCreationCriteriaSatisfied"] == ("False", "CriteriaNotSatisfied")
    assert told(status)["Ready"] == ("True", "ArtifactsDiscovered")
    assert "FreightCreated" not in told(status)
    assert status.last_freight_id == "f0"


def test_a_manual_warehouse_says_nothing_about_freight() -> None:
    assert set(told(discovered(with_status({}), found(images=[IMAGES]), Made(), NOW))) == {"Healthy", "Ready"}


def test_a_look_that_found_too_little_is_kept_and_told() -> None:
    status = discovered(with_status({}), found(images=[{"repoURL": IMAGE}]), Made(), NOW)
    assert told(status) == {
        "Healthy": ("False", "NoImageReferencesDiscovered"),
        "Ready": ("False", "MissingImageReferences"),
    }
    assert status.discovered_artifacts is not None


def test_freight_that_could_not_be_made_is_told_and_the_artifacts_are_kept() -> None:
    trouble = Trouble("FreightBuildFailure", "FreightCreationFailure", "refused")
    status = discovered(with_status({}, generation=4), found(images=[IMAGES]), Made(trouble=trouble), NOW)
    assert told(status) == {
        "Healthy": ("False", "FreightBuildFailure"),
        "Ready": ("False", "FreightCreationFailure"),
    }
    assert status.discovered_artifacts is not None
    assert status.observed_generation == 4


def test_a_look_that_failed_keeps_what_was_found_before_and_ends_the_refresh() -> None:
    warehouse = with_status(looked(300, lastFreightID="f0"), annotations=REFRESH, generation=2)
    status = failed(warehouse, Trouble("DiscoveryFailed", "DiscoveryFailure", "no route"), NOW)
    assert told(status) == {"Healthy": ("False", "DiscoveryFailed"), "Ready": ("False", "DiscoveryFailure")}
    assert status.discovered_artifacts == warehouse.status.discovered_artifacts
    assert status.last_handled_refresh == "token"
    assert status.observed_generation == 1, "the new spec was not looked at"


def test_times_of_conditions_move_only_with_what_they_say() -> None:
    first = discovered(with_status({}), found(images=[IMAGES]), Made("f1", existed=True), NOW)
    later = with_status(first.compact())
    again = discovered(later, found(images=[IMAGES]), Made("f1", existed=True), NOW + timedelta(hours=1))
    assert again.conditions == first.conditions
    broken = failed(later, Trouble("DiscoveryFailed", "DiscoveryFailure", "x"), NOW + timedelta(hours=1))
    assert conditions(broken)["Healthy"].last_transition_time == NOW + timedelta(hours=1)
