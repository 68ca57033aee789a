"""Records are read by two names for each field, and written by the ones of JSON."""

from datetime import UTC, datetime

import pytest

from argosy.expressions import ExpressionError, Time, evaluate_now, render
from argosy.expressions.record import Record

IMAGE = Record(
    {"RepoURL": "r", "Tag": "", "Size": 3, "Labels": ["a"]},
    {"RepoURL": "repoURL", "Tag": "tag", "Size": "size", "Labels": "labels"},
)
ENV = {"image": IMAGE, "list": [{"of": IMAGE}]}


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("image.RepoURL", "r"),
        ("image.repoURL", "r"),
        ("image['Size'] + 1", 4),
        ("image.Tag ?? 'none'", ""),
        ("'Tag' in image", True),
        ("image == image", True),
        ("list[0].of.Labels[0]", "a"),
    ],
)
def test_fields_are_read(source: str, value: object) -> None:
    assert evaluate_now(source, ENV) == value


@pytest.mark.parametrize("source", ["image.Tga", "image?.Tga", "image.Tga ?? 'none'"])
def test_an_unknown_field_is_an_error_that_guesses(source: str) -> None:
    with pytest.raises(ExpressionError, match="'Tga' of map cannot be read") as error:
        evaluate_now(source, ENV)
    assert error.value.advice == "Did you mean 'Tag'?"


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("${{ image }}", {"repoURL": "r", "size": 3, "labels": ["a"]}),
        ("${{ list }}", [{"of": {"repoURL": "r", "size": 3, "labels": ["a"]}}]),
        ("${{ quote(image) }}", '{"labels":["a"],"repoURL":"r","size":3}'),
        ("${{ asYAML(list) }}", '- of:\n    labels:\n        - a\n    repourl: r\n    size: 3\n    tag: ""\n'),
    ],
)
async def test_a_record_is_written(template: str, value: object) -> None:
    assert await render(template, ENV) == value


def test_to_json_writes_the_names_of_json() -> None:
    assert evaluate_now("fromJSON(toJSON(image)).repoURL", ENV) == "r"


def test_a_time_of_kubernetes_holds_a_time_of_go() -> None:
    at = Time.of(datetime(2026, 5, 1, tzinfo=UTC))
    assert evaluate_now("(at.Time - commit.Date.Time).Hours()", {"at": at, "commit": {"Date": at}}) == 0
    with pytest.raises(ExpressionError, match="'Tme' of"):
        evaluate_now("at.Tme", {"at": at})
