"""Label selectors say what they mean as kubectl does, and nothing can be smuggled into one."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from argosy.steps.label_selector import LabelSelector


def test_a_selector_as_kubectl_writes_it() -> None:
    expressions = [
        {"key": "env", "operator": "In", "values": ["eu", "us"]},
        {"key": "app.kubernetes.io/part-of", "operator": "NotIn", "values": ["old"]},
        {"key": "team", "operator": "Exists"},
        {"key": "legacy", "operator": "DoesNotExist"},
    ]
    selector = LabelSelector.model_validate({"matchLabels": {"b": "2", "a": ""}, "matchExpressions": expressions})
    assert str(selector) == "a=,b=2,env in (eu,us),app.kubernetes.io/part-of notin (old),team,!legacy"


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"matchLabels": {}},
        {"matchLabels": {"a": "b,c=d"}},
        {"matchLabels": {"a": "b)"}},
        {"matchLabels": {"a,b": "c"}},
        {"matchLabels": {"": "c"}},
        {"matchLabels": {"a": "x" * 64}},
        {"matchLabels": {"a": "line\n"}},
        {"matchExpressions": [{"key": "!a", "operator": "Exists"}]},
        {"matchExpressions": [{"key": "a", "operator": "In"}]},
        {"matchExpressions": [{"key": "a", "operator": "In", "values": ["b),c in (d"]}]},
        {"matchExpressions": [{"key": "a", "operator": "Exists", "values": ["b"]}]},
        {"matchExpressions": [{"key": "a", "operator": "Like", "values": ["b"]}]},
    ],
)
def test_what_is_no_selector(config: Any) -> None:
    with pytest.raises(ValidationError):
        LabelSelector.model_validate(config)
