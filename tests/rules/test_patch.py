"""The three ways to patch a document."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.errors import Invalid
from argosy.rules.patch import json_patch, merge, strategic

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=2), children, max_size=3),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "foo"}, None, None),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merge_gives_the_results_of_rfc_7386(target: Any, patch: Any, result: Any) -> None:
    assert merge(target, patch) == result


@given(JSON, JSON)
def test_merging_twice_is_merging_once(target: Any, patch: Any) -> None:
    once = merge(target, patch)
    assert merge(once, patch) == once


@pytest.mark.parametrize(
    ("patch", "said"),
    [
        pytest.param({}, "must be a list", id="an object"),
        pytest.param([1], "operation 0", id="an operation that is a number"),
        pytest.param([{"op": "fly", "path": "/a"}], "operation 0", id="an unknown operation"),
        pytest.param([{"op": "add", "path": "/a"}], "operation 0", id="no value"),
        pytest.param([{"op": "remove", "path": "/nowhere"}], "operation 0", id="a path to nothing"),
        pytest.param([{"op": "copy", "path": "/a", "from": 1}], "operation 0", id="a source that is a number"),
        pytest.param([{"op": "copy", "path": "/b", "from": "/nowhere"}], "operation 0", id="a source that is nowhere"),
        pytest.param([{"op": "add", "path": "a", "value": 1}], "operation 0", id="a path without a slash"),
        pytest.param([{"op": "test", "path": "/a", "value": 2}], "does not hold", id="a test that fails"),
        pytest.param([{"op": "remove", "path": "/a"}] * 10_001, "10001 operations", id="too many operations"),
        pytest.param(
            [{"op": "copy", "from": "", "path": f"/c{n}"} for n in range(60)],
            "copies too much",
            id="copies that double",
        ),
    ],
)
def test_a_json_patch_that_cannot_be_applied_is_refused(patch: Any, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        json_patch({"a": 1}, patch)


@given(JSON, st.lists(JSON, max_size=3))
def test_nonsense_is_refused_and_not_an_accident(target: Any, patch: list[Any]) -> None:
    try:
        json_patch(target, patch)
    except Invalid:
        return
    assert patch == []


@pytest.mark.parametrize(
    ("patch", "result"),
    [
        pytest.param({"data": {"a": None, "c": "3"}}, {"data": {"b": "2", "c": "3"}}, id="maps merge"),
        pytest.param({"data": {"$patch": "replace", "c": "3"}}, {"data": {"c": "3"}}, id="a map is replaced"),
        pytest.param({"data": {"$patch": "delete"}}, {"data": {}}, id="a map is emptied"),
        pytest.param({"list": ["z"]}, {"list": ["z"]}, id="other lists are replaced"),
        pytest.param({"metadata": {"finalizers": ["f", "g"]}}, {"metadata": {"finalizers": ["f", "g"]}}, id="joined"),
        pytest.param(
            {"metadata": {"$deleteFromPrimitiveList/finalizers": ["f"]}}, {"metadata": {"finalizers": []}}, id="taken"
        ),
        pytest.param(
            {"status": {"conditions": [{"type": "B", "status": "True"}]}},
            {"status": {"conditions": [{"type": "A", "status": "True"}, {"type": "B", "status": "True"}]}},
            id="conditions join by type",
        ),
        pytest.param(
            {"status": {"conditions": [{"type": "A", "reason": "Why"}]}},
            {"status": {"conditions": [{"type": "A", "status": "True", "reason": "Why"}]}},
            id="a condition merges",
        ),
        pytest.param(
            {"status": {"conditions": [{"type": "A", "$patch": "delete"}], "$setElementOrder/conditions": []}},
            {"status": {"conditions": []}},
            id="a condition goes",
        ),
    ],
)
def test_a_strategic_merge(patch: Any, result: Any) -> None:
    target = {
        "data": {"a": "1", "b": "2"},
        "list": ["x", "y"],
        "metadata": {"finalizers": ["f"]},
        "status": {"conditions": [{"type": "A", "status": "True"}]},
    }
    assert strategic(target, patch) == target | result


@pytest.mark.parametrize("patch", [{"a": {"$patch": "fly"}}, {"metadata": {"ownerReferences": [{"name": "x"}]}}])
def test_a_strategic_merge_that_makes_no_sense_is_refused(patch: Any) -> None:
    with pytest.raises(Invalid):
        strategic({}, patch)
