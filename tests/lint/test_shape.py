"""Whatever shape a manifest has, lint tells of it and does not stumble."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.lint.check import lint
from argosy.resources.manifest import Manifest

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "lint.md").read_text(encoding="utf-8")
DOCUMENTS: list[Any] = [
    document
    for block in re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    for document in yaml.safe_load_all(block)
]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict | list):
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield (*path, key)
            yield from places(each, (*path, key))


PLACES = sorted({(index, *path) for index, document in enumerate(DOCUMENTS) for path in places(document)}, key=str)


def rules(place: tuple[Any, ...], value: Any) -> set[str]:
    """What is found when `value` stands at `place` of the examples."""
    documents = copy.deepcopy(DOCUMENTS)
    of = documents
    for part in place[:-1]:
        of = of[part]
    of[place[-1]] = value
    return {each.rule for each in lint(Manifest(each) for each in documents)}


@settings(deadline=None)  # all the examples of the page
@given(st.sampled_from(PLACES), st.sampled_from([None, 1, "x", [], {}, [None], [[]], {"a": None}, "${{ x", "${{ 1 }}"]))
def test_no_shape_of_a_manifest_stops_it(place: tuple[Any, ...], value: Any) -> None:
    assert "manifest" in rules(place, value)


def find(kind: str, *path: Any) -> tuple[Any, ...]:
    index = next(index for index, each in enumerate(DOCUMENTS) if each["kind"] == kind)
    return (index, *path)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (find("Stage", "kind"), []),
        (find("Stage", "metadata"), 1),
        (find("Stage", "metadata", "name"), 1),
        (find("Stage", "metadata", "namespace"), []),
        (find("ProjectConfig", "spec"), None),
        (find("ProjectConfig", "spec", "promotionPolicies"), None),
        (find("PromotionTask", "metadata", "name"), 1),
        (find("PromotionTask", "spec", "vars"), [None]),
        (find("PromotionTask", "spec", "vars", 0, "name"), []),
    ],
)
def test_a_part_of_the_wrong_type_is_told_like_any_other_fault(place: tuple[Any, ...], value: Any) -> None:
    assert "manifest" in rules(place, value)
