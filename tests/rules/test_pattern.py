"""Patterns by name, path and label."""

import pytest

from argosy.errors import Invalid
from argosy.resources.selector import LabelSelector
from argosy.rules.pattern import matches_labels, name_matcher, path_matcher


@pytest.mark.parametrize(
    ("pattern", "name", "matches"),
    [
        ("dev", "dev", True),
        ("dev", "dev-eu", False),
        ("glob:prod-*", "prod-eu", True),
        ("glob:prod-*", "uat-prod-eu", False),
        ("glob:{dev,test}-?", "test-1", True),
        ("glob:{dev,test}-?", "test-12", False),
        ("glob:[a-c]x", "bx", True),
        ("glob:[!a-c]x", "bx", False),
        ("glob:a.c", "abc", False),
        ("regex:^uat-[0-9]+$", "uat-17", True),
        ("regexp:uat", "my-uat-stage", True),
        ("regex:^uat$", "my-uat", False),
    ],
)
def test_name_patterns(pattern: str, name: str, matches: bool) -> None:
    assert name_matcher(pattern)(name) is matches


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("charts", "charts/app/values.yaml", True),
        ("charts/", "charts/app/values.yaml", True),
        ("charts", "charts2/app", False),
        ("charts/app/values.yaml", "charts/app/values.yaml", True),
        ("glob:charts/*", "charts/a", True),
        ("glob:charts/*", "charts/a/b", False),
        ("glob:charts/**", "charts/a/b", True),
        ("glob:**/values.yaml", "values.yaml", True),
        ("glob:**/values.yaml", "a/b/values.yaml", True),
        ("glob:a/**/z", "a/z", True),
        ("glob:a/**/z", "a/b/c/z", True),
        ("glob:**", "a/b", True),
        (r"regex:\.yaml$", "a/b.yaml", True),
    ],
)
def test_path_patterns(pattern: str, path: str, matches: bool) -> None:
    assert path_matcher(pattern)(path) is matches


@pytest.mark.parametrize("pattern", ["regex:(", "glob:[a", "glob:{a,b", "glob:a}"])
def test_a_pattern_that_cannot_be_read_is_told(pattern: str) -> None:
    with pytest.raises(Invalid, match=r"RE2|without its partner"):
        name_matcher(pattern)


@pytest.mark.parametrize(
    ("selector", "matches"),
    [
        ({}, True),
        ({"matchLabels": {"tier": "prod"}}, True),
        ({"matchLabels": {"tier": "dev"}}, False),
        ({"matchExpressions": [{"key": "tier", "operator": "In", "values": ["prod", "uat"]}]}, True),
        ({"matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["prod"]}]}, False),
        ({"matchExpressions": [{"key": "absent", "operator": "NotIn", "values": ["x"]}]}, True),
        ({"matchExpressions": [{"key": "absent", "operator": "Exists"}]}, False),
        ({"matchExpressions": [{"key": "absent", "operator": "DoesNotExist"}]}, True),
    ],
)
def test_label_selectors(selector: dict[str, object], matches: bool) -> None:
    assert matches_labels(LabelSelector.model_validate(selector), {"tier": "prod"}) is matches


@pytest.mark.parametrize("pattern", ["regex:(ab|cd|ef){0,900}$", r"regex:\p{L}{1,100}"])
def test_a_pattern_that_would_take_long_for_every_tag_is_refused(pattern: str) -> None:
    with pytest.raises(Invalid, match="is too large: it compiles to"):
        name_matcher(pattern)


def test_why_a_pattern_cannot_be_read_is_told_in_words() -> None:
    with pytest.raises(Invalid, match=r"'\(' is not a regular expression \(RE2\): missing \): \("):
        name_matcher("regex:(")
