"""Freight creation criteria: an expression over the newest artifacts that must be true."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from argosy.errors import ArgosyError, Invalid
from argosy.resources.discovery import DiscoveredArtifacts
from argosy.rules.criteria import satisfied

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
DATED = {"id": "abc", "tag": "v2", "branch": "main", "creatorDate": "2026-04-30T11:00:00Z"}
FOUND = DiscoveredArtifacts.model_validate(
    {
        "git": [
            {
                "repoURL": "https://git.example/App.git",
                "commits": [DATED, {"id": "old", "tag": "v1"}],
            },
            {"repoURL": "https://git.example/empty"},
        ],
        "images": [{"repoURL": "registry.example/app", "references": [{"tag": "v2", "digest": "sha256:1"}]}],
        "charts": [
            {"repoURL": "https://charts.example", "name": "app", "versions": ["2.0.0", "1.0.0"]},
            {"repoURL": "oci://reg.example/chart", "versions": ["3.0.0"]},
        ],
    }
)


@pytest.mark.parametrize(
    ("expression", "met"),
    [
        pytest.param("", True, id="no expression"),
        pytest.param("  ", True, id="a blank one"),
        pytest.param("true", True, id="true"),
        pytest.param("false", False, id="false"),
        pytest.param(
            "imageFrom('registry.example/app').Tag == commitFrom('https://git.example/app').Tag", True, id="tags agree"
        ),
        pytest.param("commitFrom('https://GIT.example/app/').ID == 'abc'", True, id="the newest commit"),
        pytest.param("chartFrom('https://charts.example/', 'app').Version == '2.0.0'", True, id="the newest version"),
        pytest.param("commitFrom('https://git.example/other') == nil", True, id="a repository that is not there"),
        pytest.param("commitFrom('https://git.example/empty') == nil", True, id="a repository without commits"),
        pytest.param("chartFrom('https://charts.example').Name == 'app'", True, id="the first chart of a repository"),
        pytest.param("chartFrom('https://charts.example', 'other') == nil", True, id="a chart that is not there"),
        pytest.param("chartFrom('OCI://Reg.example/Chart').RepoURL == 'reg.example/chart'", True, id="normalised"),
        pytest.param("commitFrom('https://git.example/app').CreatorDate.Year() == 2026", True, id="a date is a time"),
        pytest.param("commitFrom('https://git.example/app').CreatorDate > now() - duration('48h')", True, id="recent"),
        pytest.param("imageFrom('registry.example/app').CreatedAt == nil", True, id="a date that is not known"),
        pytest.param("2 / 2", True, id="a float that means true"),
        pytest.param("'t'", True, id="text that means true"),
        pytest.param("0", False, id="a number that means false"),
        pytest.param("1", True, id="a number that means true"),
    ],
)
def test_criteria_are_met(expression: str, met: bool) -> None:
    assert satisfied(expression, FOUND, NOON) is met


@pytest.mark.parametrize("expression", ["'yes'", "2", "nil", "[true]"])
def test_what_is_neither_true_nor_false_is_an_error_with_advice(expression: str) -> None:
    with pytest.raises(Invalid, match="neither true nor false") as error:
        satisfied(expression, FOUND, NOON)
    assert "imageFrom(" in error.value.advice


@pytest.mark.parametrize(
    "expression",
    [
        "imageFrom(",
        "nobody",
        "imageFrom('registry.example/app').tga",
        "commitFrom('https://git.example/empty').Tag.x()",
    ],
)
def test_an_expression_that_cannot_be_computed_is_an_error(expression: str) -> None:
    with pytest.raises(ArgosyError):
        satisfied(expression, FOUND, NOON)


def test_nothing_discovered_satisfies_everything() -> None:
    assert satisfied("false", DiscoveredArtifacts(), NOON)
