"""The reference page of the language is complete and its examples are true."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from argosy.expressions import Bounds, ExpressionError, evaluate_now, now_at, render, render_value
from argosy.expressions.durations import METHODS as DURATION_METHODS
from argosy.expressions.functions import BUILTINS
from argosy.expressions.grammar import BINARY, LOOPS, UNARY
from argosy.expressions.times import TIME_METHODS

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "expressions.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def examples(language: str) -> list[Any]:
    lines = [line for block in blocks(language) for line in block.splitlines()]
    return [pytest.param(*re.split(r"\s+=> ", line), id=line.split("  ")[0]) for line in lines]


NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
ENV: dict[str, Any] = json.loads(blocks("json")[0])


@pytest.mark.parametrize(("source", "result"), examples("expr"))
def test_an_example_expression_gives_its_result(source: str, result: str) -> None:
    assert evaluate_now(source, ENV, now_at(NOON)) == json.loads(result)


@pytest.mark.parametrize(("template", "result"), examples("template"))
async def test_an_example_template_stands_for_its_value(template: str, result: str) -> None:
    assert await render(template, ENV) == json.loads(result)


async def test_the_example_of_an_error_is_what_is_told() -> None:
    with pytest.raises(ExpressionError) as caught:
        await render_value({"path": "${{vsrs.name}}"}, ENV, path="spec.steps[0].config")
    assert str(caught.value) == blocks("text")[0].rstrip("\n")


def test_every_function_has_an_example() -> None:
    shown = "\n".join(blocks("expr"))
    assert [name for name in (*BUILTINS, *LOOPS) if not re.search(rf"\b{name}\(", shown)] == []


def test_every_operator_is_in_the_table() -> None:
    table = PAGE.partition("## Operators")[2].partition("```")[0].replace("\\|", "|")
    assert [operator for operator in (*BINARY, *UNARY) if f"`{operator}`" not in table] == []


def test_the_limits_are_the_defaults() -> None:
    limits = PAGE.partition("## Limits")[2].partition("##")[0]
    bounds = Bounds()
    for limit in (bounds.fuel, bounds.output, bounds.source, bounds.depth):
        assert f"{limit:,}" in limits


@pytest.mark.parametrize(("of", "catalogue"), [("a time", TIME_METHODS), ("a duration", DURATION_METHODS)])
def test_every_method_is_in_the_table(of: str, catalogue: dict[str, object]) -> None:
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| {of} |"))
    assert set(re.findall(r"`(\w+)`", row)) == set(catalogue)
