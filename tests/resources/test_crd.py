"""CRDs are structural and cover the fields of the Kargo API; schemas accept what the models accept."""

from pathlib import Path
from typing import Any

import pytest
from tests.resources.kargo_case import nodes

from argosy.resources.crd import crd
from argosy.resources.kind import Kind
from argosy.resources.kinds import KARGO, KINDS
from argosy.resources.schema import json_schema

FIELDS = (Path(__file__).parent / "fields.txt").read_text().split()
SERVED = [kind for kind in KINDS.values() if kind.is_custom]


def schema(kind: Kind) -> dict[str, Any]:
    whole: dict[str, Any] = crd(kind)["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    return whole


def at(kind: str, path: str) -> dict[str, Any]:
    return dict(nodes(schema(KINDS[kind])))[path]


def test_every_field_of_the_kargo_api_is_there() -> None:
    ours = {f"{kind.name}{path}" for kind in SERVED if kind.group == KARGO for path, _ in nodes(schema(kind))}
    assert not set(FIELDS) - ours


@pytest.mark.parametrize("kind", SERVED, ids=lambda kind: kind.name)
def test_a_schema_is_structural(kind: Kind) -> None:
    for path, node in nodes(schema(kind)):
        assert "type" in node or node.get("x-kubernetes-preserve-unknown-fields"), path
        assert not {"$ref", "$defs", "anyOf", "oneOf", "title", "const", "x-persisted", "deprecated"} & set(node), path
        assert not ("properties" in node and "additionalProperties" in node), path


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_field_is_described(kind: Kind) -> None:
    for path, node in nodes(json_schema(kind)):
        if path and not path.endswith(("]", "}")):
            assert node.get("description"), f"{kind.name}{path}"


def test_names_scope_and_columns_are_those_of_the_kind() -> None:
    whole = crd(KINDS["Promotion"])
    assert whole["metadata"]["name"] == "promotions.kargo.akuity.io"
    assert whole["spec"]["names"] == {
        "kind": "Promotion",
        "listKind": "PromotionList",
        "plural": "promotions",
        "singular": "promotion",
        "shortNames": ["promo", "promos"],
    }
    assert whole["spec"]["scope"] == "Namespaced"
    version = whole["spec"]["versions"][0]
    fields = [{"jsonPath": path} for path in (".spec.stage", ".spec.freight", ".status.phase")]
    assert version["selectableFields"] == fields
    assert version["subresources"] == {"status": {}}
    assert version["additionalPrinterColumns"][1] == {"name": "Stage", "type": "string", "jsonPath": ".spec.stage"}
    assert crd(KINDS["PromotionTask"])["spec"]["versions"][0]["subresources"] == {}
    assert crd(KINDS["Project"])["spec"]["scope"] == "Cluster"


def test_core_kinds_have_no_definition() -> None:
    with pytest.raises(ValueError, match="a kind of Kubernetes"):
        crd(KINDS["Secret"])


def test_what_restricts_a_field_is_in_the_schema() -> None:
    assert at("Warehouse", ".spec.interval")["default"] == "5m0s"
    assert at("Warehouse", ".spec.freightCreationPolicy")["enum"] == ["Automatic", "Manual"]
    assert at("Stage", ".spec.requestedFreight")["minItems"] == 1
    assert at("Stage", ".spec.requestedFreight[].origin.kind")["enum"] == ["Warehouse"]
    assert "default" not in at("Stage", ".spec.requestedFreight[].sources.availabilityStrategy")
    assert at("Promotion", ".spec.stage")["maxLength"] == 253
    assert at("Promotion", "")["required"] == ["spec"]
    assert at("Promotion", ".spec.steps[].config")["x-kubernetes-preserve-unknown-fields"] is True
    assert at("Warehouse", ".spec.subscriptions[]")["x-kubernetes-preserve-unknown-fields"] is True
    assert at("Warehouse", ".spec.subscriptions[].git")["x-kubernetes-preserve-unknown-fields"] is True
    assert "other" not in at("Warehouse", ".spec.subscriptions[]")["properties"]


def test_rules_between_fields_are_written_as_cel() -> None:
    rules = at("Promotion", ".spec")["x-kubernetes-validations"]
    assert [rule["rule"] for rule in rules] == ["has(self.freight) != has(self.origin)"]
    step = at("Stage", ".spec.promotionTemplate.spec.steps[]")["x-kubernetes-validations"]
    assert [rule["rule"] for rule in step] == [
        "has(self.uses) ? !has(self.task) : has(self.task)",
        "!has(self.task) || !has(self.continueOnError)",
        "!has(self.task) || !has(self.retry)",
    ]
    assert "x-kubernetes-validations" in at("ProjectConfig", ".spec.promotionPolicies[]")


def test_conditions_merge_by_their_type() -> None:
    conditions = at("Stage", ".status.conditions")
    assert conditions["x-kubernetes-list-type"] == "map"
    assert conditions["x-kubernetes-list-map-keys"] == ["type"]


def test_metadata_is_left_to_the_api_server_in_a_definition_and_told_in_a_schema() -> None:
    assert schema(KINDS["Stage"])["properties"]["metadata"] == {"type": "object"}
    assert "labels" in json_schema(KINDS["Stage"])["properties"]["metadata"]["properties"]
