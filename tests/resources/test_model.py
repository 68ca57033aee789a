"""What the models themselves can tell."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from argosy.resources.artifact import FreightOrigin
from argosy.resources.freight import Freight, FreightCollection, FreightReference
from argosy.resources.promotion import Promotion, PromotionPhase, PromotionStepStatus
from argosy.resources.secret import Secret
from argosy.resources.stage import HealthState, Stage
from argosy.resources.step import PromotionStep
from argosy.resources.verification import VerificationInfo
from argosy.resources.warehouse import Warehouse

ORIGIN = {"kind": "Warehouse", "name": "shop"}


def stage(**spec: object) -> Stage:
    requested = [{"origin": ORIGIN, "sources": {"direct": True}}]
    return Stage.model_validate({"spec": {"requestedFreight": requested, **spec}})


@pytest.mark.parametrize(
    ("step", "alias"),
    [
        ({"uses": "git-clone"}, "step-3"),
        ({"task": {"name": "publish"}}, "task-3"),
        ({"uses": "git-clone", "as": "clone"}, "clone"),
    ],
)
def test_a_step_has_an_alias_counted_from_one(step: dict[str, object], alias: str) -> None:
    assert PromotionStep.model_validate(step).alias(2) == alias


def test_a_stage_without_steps_only_controls_the_flow() -> None:
    assert stage().is_control_flow
    assert stage(promotionTemplate={"spec": {"vars": []}}).is_control_flow
    assert not stage(promotionTemplate={"spec": {"steps": [{"uses": "fail"}]}}).is_control_flow


def test_an_origin_is_written_as_kind_and_name_and_read_back() -> None:
    origin = FreightOrigin(kind="Warehouse", name="shop")
    assert str(origin) == "Warehouse/shop"
    assert FreightOrigin.parse("Warehouse/shop") == origin


@pytest.mark.parametrize("text", ["", "shop", "Warehouse/", "Stage/shop", "Warehouse/a/b"])
def test_what_is_no_origin_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Warehouse/<name>"):
        FreightOrigin.parse(text)


def test_subscriptions_have_the_defaults_of_kargo() -> None:
    warehouse = Warehouse.model_validate(
        {"spec": {"subscriptions": [{"git": {"repoURL": "https://h/r"}}, {"image": {"repoURL": "r"}}]}}
    )
    git, image = warehouse.spec.subscriptions[0].git, warehouse.spec.subscriptions[1].image
    assert git is not None
    assert image is not None
    assert (git.commit_selection_strategy, git.discovery_limit, git.strict_semvers) == ("NewestFromBranch", 20, True)
    assert (image.image_selection_strategy, image.discovery_limit, image.strict_semvers) == ("SemVer", 20, True)
    assert (warehouse.spec.interval, warehouse.spec.freight_creation_policy) == ("5m0s", "Automatic")


def test_a_subscription_of_another_type_is_kept_as_it_was_written() -> None:
    written = {"spec": {"subscriptions": [{"name": "model", "bucket": {"config": {"region": "eu"}}}]}}
    warehouse = Warehouse.model_validate(written)
    assert warehouse.spec.subscriptions[0].type == "bucket"
    assert warehouse.dump() == written


def test_availability_is_one_of_unless_all_is_asked_for() -> None:
    sources = stage().spec.requested_freight[0].sources
    assert (sources.availability_strategy, sources.requires_all, sources.matches_upstream) == ("OneOf", False, False)


def test_freight_without_discovery_time_counts_from_its_creation() -> None:
    created = {"metadata": {"creationTimestamp": "2026-01-02T03:04:05Z"}, "origin": ORIGIN}
    assert Freight.model_validate(created).discovered == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    found = Freight.model_validate({**created, "discoveredAt": "2026-01-01T00:00:00Z"})
    assert found.discovered == datetime(2026, 1, 1, tzinfo=UTC)


def test_the_reference_of_freight_carries_its_artifacts() -> None:
    freight = Freight.model_validate({"metadata": {"name": "f"}, "origin": ORIGIN, "images": [{"repoURL": "r"}]})
    assert freight.reference.dump()["images"] == [{"repoURL": "r"}]
    assert freight.reference.name == "f"


def test_a_collection_lists_its_freight_by_origin() -> None:
    items = {f"Warehouse/{name}": FreightReference(name=name) for name in ("b", "a")}
    collection = FreightCollection(id="x", items=items)
    assert [reference.name for reference in collection.references] == ["a", "b"]
    assert collection.includes("a")
    assert not collection.includes("c")


@pytest.mark.parametrize(
    ("phase", "ended"),
    [("", False), ("Pending", False), ("Running", False), ("Succeeded", True), ("Aborted", True), ("New", False)],
)
def test_a_promotion_has_ended_in_its_terminal_phases(phase: str, ended: bool) -> None:
    spec = {"stage": "dev", "freight": "f", "steps": [{"uses": "fail"}]}
    assert Promotion.model_validate({"spec": spec, "status": {"phase": phase}}).status.is_terminal is ended


def test_phases_and_statuses_know_which_are_final_and_which_worse() -> None:
    assert [phase for phase in PromotionPhase if not phase.is_terminal] == ["Pending", "Running"]
    assert PromotionStepStatus.ERRORED.severity > PromotionStepStatus.FAILED.severity > 0
    assert HealthState.PROGRESSING.merge(HealthState.UNHEALTHY) is HealthState.UNHEALTHY
    assert HealthState.UNKNOWN.merge(HealthState.HEALTHY) is HealthState.UNKNOWN


@pytest.mark.parametrize(("phase", "ended"), [("", False), ("Running", False), ("Inconclusive", True)])
def test_a_verification_has_ended_in_its_terminal_phases(phase: str, ended: bool) -> None:
    assert VerificationInfo(phase=phase).is_terminal is ended


def test_a_secret_decodes_its_values_and_shows_none() -> None:
    secret = Secret.model_validate({"data": {"a": "eA\n=="}, "stringData": {"b": "hunter2"}})
    assert secret.values == {"a": b"x", "b": b"hunter2"}
    assert "hunter2" not in repr(secret)
    assert "eA" not in repr(secret)


@pytest.mark.parametrize("moment", ["2026-01-01", "1700000000", 5, "2026-01-01T00:00:00"])
def test_a_time_needs_date_time_and_zone(moment: object) -> None:
    with pytest.raises(ValidationError):
        Freight.model_validate({"origin": ORIGIN, "discoveredAt": moment})


def test_times_are_written_in_utc_and_whole_seconds() -> None:
    freight = Freight.model_validate({"origin": ORIGIN, "discoveredAt": "2026-01-01T02:00:00.5+02:00"})
    assert freight.dump()["discoveredAt"] == "2026-01-01T00:00:00Z"
