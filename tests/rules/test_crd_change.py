"""What a definition put over another one changes: losses are told apart, and can be avoided."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from tests.resources.kargo_case import KINDS as KARGO_KINDS
from tests.resources.kargo_case import kargo_crd, schema

from argosy.resources.crd import crd
from argosy.resources.kinds import KINDS
from argosy.rules.crd_change import changes, keeping

Data = dict[str, Any]


def stage() -> Data:
    return copy.deepcopy(crd(KINDS["Stage"]))


def newer() -> Data:
    """A definition with a field, a version and a column that ours does not have."""
    whole = stage()
    schema(whole)["properties"]["spec"]["properties"]["priority"] = {"type": "integer"}
    schema(whole)["properties"]["spec"]["properties"]["vars"]["items"]["properties"]["from"] = {"type": "string"}
    version = whole["spec"]["versions"][0]
    version["additionalPrinterColumns"].append({"name": "Priority", "type": "integer", "jsonPath": ".spec.priority"})
    whole["spec"]["versions"].append({**copy.deepcopy(version), "name": "v1", "storage": False})
    return whole


def test_the_same_changes_nothing() -> None:
    assert changes(stage(), stage()) == []


def test_one_that_is_missing_is_told() -> None:
    assert [change.text for change in changes(None, stage())] == ["is not installed yet"]


def test_fields_and_versions_that_disappear_are_losses_and_columns_are_not() -> None:
    told = {change.text: change.loses for change in changes(newer(), stage())}
    assert told == {
        "column Priority disappears": False,
        "field .spec.vars[].from disappears": True,
        "field .spec.priority disappears": True,
        "version v1 disappears": True,
    }


def test_keeping_them_loses_nothing() -> None:
    kept = keeping(newer(), stage())
    assert not any(change.loses for change in changes(newer(), kept))
    assert [version["storage"] for version in kept["spec"]["versions"]] == [True, False]
    assert [change.text for change in changes(newer(), kept)] == ["column Priority disappears"]


def test_keeping_changes_neither_document() -> None:
    old, new = newer(), stage()
    keeping(old, new)
    assert (old, new) == (newer(), stage())


def test_fields_are_not_lost_where_unknown_ones_are_preserved() -> None:
    old, new = stage(), stage()
    schema(old)["properties"]["spec"]["properties"]["priority"] = {"type": "integer"}
    schema(new)["properties"]["spec"]["x-kubernetes-preserve-unknown-fields"] = True
    assert changes(old, new) == []
    assert [change.loses for change in changes(new, stage())] == [True]


def test_naming_fields_of_what_was_free_loses_the_others_unless_they_are_kept() -> None:
    free, named = stage(), stage()
    step = {"x-kubernetes-preserve-unknown-fields": True}
    schema(free)["properties"]["spec"]["properties"]["vars"]["items"] = step
    inner: Data = {"type": "object", "properties": {"a": {"type": "string"}}}
    schema(named)["properties"]["spec"]["properties"]["vars"]["items"] = {**step, "properties": {"b": inner}}
    told = [each.text for each in changes(free, named) if each.loses]
    assert told == [".spec.vars[].b no longer keeps fields that its schema does not name"]
    inner["x-kubernetes-preserve-unknown-fields"] = True
    assert not [each for each in changes(free, named) if each.loses]


@pytest.mark.parametrize(
    ("change", "text", "loses"),
    [
        ({"type": "integer"}, "type of .spec.shard becomes integer, instead of string", True),
        ({"maxLength": 5}, "maxLength of .spec.shard becomes 5, instead of none", False),
        ({"enum": ["b", "a"]}, "enum of .spec.shard becomes a, b, instead of none", False),
        ({"x-kubernetes-validations": [{"rule": "self != ''"}]}, "rule `self != ''` of .spec.shard appears", False),
        ({"description": "Other words."}, "descriptions of 1 field change", False),
    ],
)
def test_what_changes_about_a_field_is_named(change: Data, text: str, loses: bool) -> None:
    new = stage()
    schema(new)["properties"]["spec"]["properties"]["shard"].update(change)
    assert [(each.text, each.loses) for each in changes(stage(), new)] == [(text, loses)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"enum": ["a"]}, {"enum": ["b", "a"]}),
        ({"maxLength": 5}, {"maxLength": 6}),
        ({"minLength": 5}, {"minLength": 4}),
        ({"pattern": "^a$"}, {}),
        ({"format": "int32"}, {"format": "int64"}),
        ({"x-kubernetes-validations": [{"rule": "self != ''"}]}, {}),
    ],
)
def test_restrictions_that_let_in_more_are_only_counted(before: Data, after: Data) -> None:
    old, new = stage(), stage()
    schema(old)["properties"]["spec"]["properties"]["shard"].update(before)
    schema(new)["properties"]["spec"]["properties"]["shard"].update(after)
    assert [each.text for each in changes(old, new)] == ["restrictions of 1 field let in more"]
    assert "restrictions" not in changes(new, old)[0].text


def test_parentheses_around_a_rule_change_nothing() -> None:
    old, new = stage(), stage()
    for whole, rule in (
        (old, "(has(self.a) ? !has(self.b) : has(self.b))"),
        (new, "has(self.a) ? !has(self.b) : has(self.b)"),
    ):
        schema(whole)["properties"]["spec"]["x-kubernetes-validations"] = [{"rule": rule}]
    assert changes(old, new) == []
    schema(new)["properties"]["spec"]["x-kubernetes-validations"] = [{"rule": "(a) || (b)"}]
    schema(old)["properties"]["spec"]["x-kubernetes-validations"] = [{"rule": "a) || (b"}]
    assert [change.text for change in changes(old, new)] == [
        "rule `(a) || (b)` of .spec appears",
        "restrictions of 1 field let in more",
    ]


@pytest.mark.parametrize("kind", KARGO_KINDS)
def test_over_kargo_nothing_is_lost(kind: str) -> None:
    told = changes(kargo_crd(kind), crd(KINDS[kind]))
    assert not [change.text for change in told if change.loses]
    appearing = [change.text for change in told if change.text.startswith("field") and "appears" in change.text]
    assert all("journal" in text for text in appearing)
