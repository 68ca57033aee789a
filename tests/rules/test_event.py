"""Events: core/v1 documents with Kargo's annotations that the store accepts as they are."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from tests.rules.pipeline_case import NOW, a_freight, a_promotion, a_stage, ago

from argosy.resources.project import Project
from argosy.resources.validation import validate
from argosy.rules.event import (
    LONGEST_MESSAGE,
    Stamp,
    controller,
    event,
    freight_notes,
    promotion_ended,
    promotion_notes,
)

STAMP = Stamp("0123", NOW)


def test_an_event_names_what_it_is_about_and_is_valid() -> None:
    stage = a_stage(uid="u1", resourceVersion="7")
    told = event(stage, "ReferenceNotFound", "no such Warehouse", STAMP, warning=True, notes={"a": "b"})
    assert validate(told) == []
    assert told["metadata"] == {"name": "dev.0123", "namespace": "p", "annotations": {"a": "b"}}
    assert told["involvedObject"]["kind"] == "Stage"
    assert told["involvedObject"]["uid"] == "u1"
    assert (told["type"], told["reason"], told["message"]) == ("Warning", "ReferenceNotFound", "no such Warehouse")
    assert told["firstTimestamp"] == told["lastTimestamp"] == "2026-01-01T00:00:00Z"
    assert event(stage, "r", "m", STAMP)["type"] == "Normal"


def test_an_event_about_a_cluster_wide_resource_lies_in_the_default_namespace() -> None:
    project = Project.model_validate({"apiVersion": "v", "kind": "Project", "metadata": {"name": "p"}})
    assert event(project, "r", "m", STAMP)["metadata"]["namespace"] == "default"


def test_long_messages_and_names_are_cut() -> None:
    told = event(a_stage("s" * 253), "r", "m" * 2000, STAMP)
    assert len(told["message"]) == LONGEST_MESSAGE
    assert len(told["metadata"]["name"]) <= 253
    assert told["metadata"]["name"].endswith(".0123")
    assert validate(told) == []


NOTE = "event.kargo.akuity.io/"


def test_notes_of_freight_say_what_it_is_and_leave_out_what_is_empty() -> None:
    notes = freight_notes(
        a_freight("f1", alias="fair-wind", meta={"creationTimestamp": ago(3600)}), actor="admin", stage="dev"
    )
    images = orjson.loads(notes.pop(f"{NOTE}freight-images"))
    assert images == [{"repoURL": "registry.example/app", "tag": "f1", "digest": "sha256:1"}]
    assert notes == {
        f"{NOTE}actor": "admin",
        f"{NOTE}project": "p",
        f"{NOTE}freight-name": "f1",
        f"{NOTE}freight-alias": "fair-wind",
        f"{NOTE}freight-create-time": "2025-12-31T23:00:00Z",
        f"{NOTE}freight-warehouse-name": "w",
        f"{NOTE}stage-name": "dev",
    }


def test_notes_of_a_promotion_say_which_and_of_what() -> None:
    promotion = a_promotion("dev.1", creationTimestamp=ago(3600))
    notes = promotion_notes(promotion, a_freight(), actor="admin")
    assert notes[f"{NOTE}promotion-name"] == "dev.1"
    assert notes[f"{NOTE}promotion-create-time"] == "2025-12-31T23:00:00Z"
    assert notes[f"{NOTE}freight-name"] == "f1"
    assert promotion_notes(promotion, None, actor="admin")[f"{NOTE}stage-name"] == "dev"


@pytest.mark.parametrize(
    ("phase", "reason", "type"),
    [
        ("Succeeded", "PromotionSucceeded", "Normal"),
        ("Failed", "PromotionFailed", "Warning"),
        ("Errored", "PromotionErrored", "Warning"),
        ("Aborted", "PromotionAborted", "Warning"),
    ],
)
def test_the_end_of_a_promotion_is_told(phase: str, reason: str, type: str) -> None:
    def told(**status: Any) -> dict[str, Any]:
        found = promotion_ended(a_promotion("dev.1", phase, status=status), None, STAMP, actor="a")
        assert found is not None
        return found

    assert (told()["reason"], told()["type"], told()["message"]) == (reason, type, f"Promotion {phase}")
    assert told(message="why")["message"] == f"Promotion {phase}: why"
    assert validate(told()) == []


def test_a_promotion_on_its_way_has_no_end_to_tell() -> None:
    assert promotion_ended(a_promotion("dev.1", "Running"), None, STAMP, actor="a") is None


def test_controllers_sign_what_they_do() -> None:
    assert controller("stage") == "controller:stage-controller"
