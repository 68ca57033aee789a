"""The OpenAPI document says what is served, completely, and all that Kargo's says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from argosy.api.v1beta1.app import described

Data = dict[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")
KARGO = [
    line.split()
    for line in (Path(__file__).parent / "operations.txt").read_text("utf-8").splitlines()
    if line[0] != "#"
]


@pytest.fixture(scope="module")
def document() -> Data:
    return described("0.1.0").openapi()


def operations(document: Data) -> Iterator[tuple[str, Data]]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield f"{method.upper()} {path}", item[method]


def test_every_operation_of_kargo_is_there(document: Data) -> None:
    ours = dict(operations(document))
    assert len(KARGO) == 119
    missing: list[str] = []
    for method, path, name, code, body, parameters in KARGO:
        found = ours.get(f"{method} {path}")
        if found is None:
            missing.append(f"{method} {path}")
            continue
        known = {each["name"] for each in found.get("parameters", ()) if each["in"] == "query"}
        wanted = {each.rstrip("!") for each in parameters.split(",") if each != "-"}
        faults = [
            (found["operationId"] != name, "its name"),
            (code not in found["responses"], f"the status {code}"),
            (("requestBody" in found) != (body == "body"), "the body"),
            (not wanted <= known, f"the parameters {wanted - known}"),
        ]
        missing += [f"{method} {path}: {what}" for is_wrong, what in faults if is_wrong]
    assert missing == []


def test_every_operation_is_described_and_named_once(document: Data) -> None:
    names = Counter(operation["operationId"] for _, operation in operations(document))
    assert [name for name, count in names.items() if count > 1] == []
    for place, operation in operations(document):
        assert operation["summary"], place
        assert not operation["summary"].endswith("."), place
        assert operation["description"], place
        assert set(operation["tags"]) <= {tag["name"] for tag in document["tags"]}, place
        for parameter in operation.get("parameters", ()):
            assert parameter.get("description"), (place, parameter["name"])


def test_parameters_of_paths_are_those_in_the_path(document: Data) -> None:
    for place, operation in operations(document):
        inside = {part[1:-1] for part in place.split("/") if part.startswith("{")}
        assert {each["name"] for each in operation.get("parameters", ()) if each["in"] == "path"} == inside, place


def test_every_answer_has_a_form_and_every_reference_leads_somewhere(document: Data) -> None:
    schemas = document["components"]["schemas"]

    def references(node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                yield node["$ref"]
            for inner in node.values():
                yield from references(inner)
        elif isinstance(node, list):
            for inner in node:
                yield from references(inner)

    assert document["openapi"].startswith("3.1")
    assert {name.rpartition("/")[2] for name in references(document)} <= schemas.keys()
    for place, operation in operations(document):
        good = [answer for code, answer in operation["responses"].items() if code.startswith("2")]
        assert good, place
        assert {"400", "401", "403", "404", "500"} <= operation["responses"].keys(), place


def test_every_field_of_our_own_forms_is_described(document: Data) -> None:
    silent = [
        f"{name}.{field}"
        for name, schema in document["components"]["schemas"].items()
        for field, inner in schema.get("properties", {}).items()
        if "description" not in inner and "$ref" not in inner
    ]
    assert silent == []


def test_names_of_forms_are_for_people(document: Data) -> None:
    assert [name for name in document["components"]["schemas"] if "__" in name] == []


def test_every_form_is_one_and_defaults_are_of_their_forms(document: Data) -> None:
    def defaults(node: Any) -> Iterator[Data]:
        if isinstance(node, dict):
            if "default" in node and "properties" not in node:
                yield node
            for inner in node.values():
                yield from defaults(inner)
        elif isinstance(node, list):
            for inner in node:
                yield from defaults(inner)

    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    for node in defaults(document):
        if "$ref" not in str(node):
            Draft202012Validator(node).validate(node["default"])
