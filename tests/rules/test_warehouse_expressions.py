"""Filters of commits and tags, and criteria for Freight: the examples of their page, and what is refused."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from argosy.errors import Permanent
from argosy.expressions import ExpressionError, misnomers, parse
from argosy.resources.discovery import DiscoveredArtifacts
from argosy.rules.commit import Commit, Tag
from argosy.rules.commit_filter import COMMIT_FILTER, TAG_FILTER, commit_filter, depends_on_time, environment
from argosy.rules.criteria import CRITERIA, satisfied

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "warehouse-expressions.md").read_text(encoding="utf-8")
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
ADA = "Ada <ada@example.com>"
BEFORE = datetime(2026, 4, 30, 11, tzinfo=UTC)
COMMIT = Commit("c0ffee12", "", BEFORE, ADA, ADA, "fix(web): colours")
TAG = Tag("v2", "c0ffee12", BEFORE, ADA, ADA, "fix", "Release Bot <release@example.com>", "the stable one")
DATED = {"id": "abc", "tag": "v2", "creatorDate": "2026-04-30T11:00:00Z"}
FOUND = DiscoveredArtifacts.model_validate(
    {
        "git": [{"repoURL": "https://github.com/shop/config", "commits": [DATED]}],
        "images": [
            {
                "repoURL": "ghcr.io/shop/front",
                "references": [
                    {"tag": "v2", "digest": "sha256:1", "annotations": {"org.opencontainers.image.version": "v2"}}
                ],
            },
            {"repoURL": "ghcr.io/shop/back", "references": [{"tag": "v2", "digest": "sha256:2"}]},
        ],
        "charts": [
            {"repoURL": "oci://ghcr.io/shop/chart", "versions": ["2.0.0"]},
            {"repoURL": "https://charts.example.com", "name": "redis", "versions": ["20.1.0"]},
        ],
        "results": [
            {
                "name": "model",
                "artifactReferences": [
                    {"artifactType": "m", "subscriptionName": "model", "version": "3", "metadata": {"size": 7}}
                ],
            }
        ],
    }
)


def examples(language: str) -> list[Any]:
    blocks = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    lines = [line for block in blocks for line in block.splitlines()]
    return [pytest.param(*re.split(r"\s+=> ", line), id=line.split("  ")[0]) for line in lines]


@pytest.mark.parametrize(("source", "result"), examples("commit"))
def test_an_example_of_a_commit(source: str, result: str) -> None:
    assert commit_filter(source, NOON)(COMMIT) is json.loads(result)


@pytest.mark.parametrize(("source", "result"), examples("tag"))
def test_an_example_of_a_tag(source: str, result: str) -> None:
    assert commit_filter(source, NOON)(TAG) is json.loads(result)


@pytest.mark.parametrize(("source", "result"), examples("criteria"))
def test_an_example_of_criteria(source: str, result: str) -> None:
    assert satisfied(source, FOUND, NOON) is json.loads(result)
    assert list(misnomers(parse(source), CRITERIA)) == []


def test_the_vocabularies_are_what_is_given() -> None:
    assert set(environment(COMMIT)) == set(COMMIT_FILTER.variables)
    assert set(environment(TAG)) == set(TAG_FILTER.variables)
    rows = "\n".join(line for line in PAGE.splitlines() if line.startswith("|"))
    for name in {**COMMIT_FILTER.variables, **TAG_FILTER.variables, **dict(CRITERIA.functions)}:
        assert f"`{name}" in rows or name == "now"


def test_criteria_have_no_functions_but_those_named() -> None:
    with pytest.raises(ExpressionError, match="there is no function secret"):
        satisfied("secret('x')", FOUND, NOON)


def test_without_an_expression_everything_counts() -> None:
    assert commit_filter(" ", NOON)(COMMIT)


@pytest.mark.parametrize(("source", "counts"), [("'t'", True), ("0", False), ("'False'", False), ("2 / 2", True)])
def test_text_and_numbers_count_as_go_reads_them(source: str, counts: bool) -> None:
    assert commit_filter(source, NOON)(COMMIT) is counts


@pytest.mark.parametrize("source", ["author", "nil", "2", "[true]", "author.x", "nope()"])
def test_what_is_neither_true_nor_false_fails_for_good(source: str) -> None:
    with pytest.raises(Permanent, match="expressionFilter"):
        commit_filter(source, NOON)(COMMIT)


def test_what_cannot_be_read_fails_before_any_commit_is_looked_at() -> None:
    with pytest.raises(Permanent, match="expressionFilter: unexpected end"):
        commit_filter("author ==", NOON)


@pytest.mark.parametrize(
    ("source", "moves"), [("now() > commitDate", True), ("author == 'now()'", False), ("(", False)]
)
def test_a_filter_with_now_is_asked_anew(source: str, moves: bool) -> None:
    assert depends_on_time(source) == moves
